"""Sliders that change a distillation while it goes on, and buttons for what else it can be asked.

A run that has only some of its settings, as the tour's has, can be asked for these.

A slider that is let go asks the store for the change; the run applies it at its next step and says
so, which `run_progress` shows and draws on the curves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import CallerError
from core.runs.store.store import Run
from core.settings import CONTROLLABLE
from pages.parts.changes import is_owner, set_control
from pages.parts.problem import problem
from pages.parts.state import store
from pages.parts.text import field_name, t

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 3e-2, 1e-1)

RANGES = {
    "alpha": (0.0, 1.0, 0.05),
    "temperature": (0.25, 8.0, 0.25),
    "validity": (0.0, 2.0, 0.1),
    "beta": (0.0, 1.0, 0.05),
    "reward": (0.0, 2.0, 0.1),
}
"""Of sliders: from, to, and by how much; the learning rate goes through `RATES`."""

ASKS = {
    "evaluate": ":material/quiz:",
    "checkpoint": ":material/bookmark:",
    "keep": ":material/download_done:",
}


def live_controls(run: Run) -> None:
    """What may be turned in a distillation that is going on, and what it may be asked to do."""
    now = dict(run.settings) | {control.key: control.value for control in store().controls(run.id)}
    with st.container(border=True, key="live_controls"):
        st.markdown(f"**{t('controls.title')}**", help=t("controls.help"))
        columns = [*st.columns(3, gap="large"), *st.columns(3, gap="large")]
        for column, key in zip(columns, _turned(run.settings), strict=False):
            with column:
                if key == "learning_rate":
                    _rates(run.id, float(now[key]))
                else:
                    _slider(run.id, key, float(now[key]), *RANGES[key])
        with st.container(horizontal=True):
            for verb, icon in ASKS.items():
                st.button(
                    t(f"controls.{verb}"),
                    key=f"control.{run.id}.{verb}",
                    help=t(f"controls.{verb}_help"),
                    icon=icon,
                    on_click=_send,
                    args=(run.id, verb, 1.0),
                    disabled=not is_owner(),
                )
        refused = st.session_state.pop(f"control_problem:{run.id}", None)
        if refused:
            problem(refused)


def _turned(begun: Mapping[str, Any]) -> list[str]:
    """What may be turned in a run of these settings; one that began without rewards has none."""
    unused = set() if begun.get("divergence") == "jsd" else {"beta"}
    unused |= set() if begun.get("reward") else {"reward"}
    return [key for key in CONTROLLABLE if key in begun and key not in unused]


def _slider(run_id: str, key: str, now: float, low: float, high: float, step: float) -> None:
    widget = f"control.{run_id}.{key}"
    st.slider(
        field_name(key),
        min_value=min(low, now),
        max_value=max(high, now),
        value=now,
        step=step,
        key=widget,
        help=t(f"controls.{key}"),
        on_change=_ask,
        args=(run_id, key, widget),
        disabled=not is_owner(),
    )


def _rates(run_id: str, now: float) -> None:
    widget = f"control.{run_id}.learning_rate"
    st.select_slider(
        field_name("learning_rate"),
        options=sorted({*RATES, now}),
        value=now,
        format_func=lambda rate: f"{rate:g}",
        key=widget,
        help=t("controls.learning_rate"),
        on_change=_ask,
        args=(run_id, "learning_rate", widget),
        disabled=not is_owner(),
    )


def _ask(run_id: str, key: str, widget: str) -> None:
    _send(run_id, key, float(st.session_state[widget]))


def _send(run_id: str, key: str, value: float) -> None:
    try:
        set_control(run_id, key, value)
    except CallerError as error:
        st.session_state[f"control_problem:{run_id}"] = error.message
