"""What a student will take, beside the form that starts it: weights, memory, time."""

from __future__ import annotations

import streamlit as st

from core import sizing
from core.errors import CallerError, SettingsError
from core.settings import DistillSettings, checked
from pages.parts.names_only import names_only
from pages.parts.runs.run_progress import duration
from pages.parts.text import literal, t

SHAPING = ("student", "lora_rank", "epochs", "batch_size", "dtype", "gradient_checkpointing")
"""The settings that decide it, with `device` and `processes`."""


def student_size(form: str, questions: int) -> None:
    """Tell what the settings of a form would take; nothing while they are incomplete or wrong.

    Args:
        form: Prefix of the form's widgets.
        questions: How many questions there are to learn from.
    """
    given = {
        name: st.session_state.get(f"{form}.{name}") for name in (*SHAPING, "device", "processes")
    }
    values = {"name": "x", "teacher": "x", **{k: v for k, v in given.items() if v}}
    try:
        settings = names_only(checked(DistillSettings, values))
    except SettingsError:  # the form says why
        return
    try:
        found = sizing.estimate(settings, questions)
    except CallerError as error:
        st.caption(f":orange[:material/warning:] {literal(error)}")
        return
    if found is None:
        st.caption(t("size.unknown"))
        return
    memory = t(
        "size.memory",
        parameters=_count(found.parameters),
        learning=_count(found.learning),
        memory=f"{found.memory / 1e9:.1f}",
        free=f"{found.machine.memory / 1e9:.1f}",
    )
    if found.missing:
        missing = t("size.missing", missing=f"{found.missing / 1e9:.1f}")
        st.caption(f":orange[:material/warning:] {memory} {missing}")
        return
    if found.seconds is None:
        st.caption(f"{memory} {t('size.later')}")
    else:
        st.caption(f"{memory} {t('size.time', time=duration(found.seconds))}")


def _count(weights: int) -> str:
    """Weights in words: 529 K, 134.5 M, 1.5 B."""
    for size, letter in ((1e9, "B"), (1e6, "M")):
        if weights >= size:
            return f"{weights / size:.1f} {letter}"
    return f"{weights / 1e3:.0f} K"
