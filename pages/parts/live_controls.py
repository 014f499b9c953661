"""Sliders that change a distillation while it goes on, and buttons for what else it can be asked.

A slider that is let go asks the store for the change; the run applies it at its next step and says
so, which `run_progress` shows and draws on the curves. A change that another browser or the command
line asks for moves the slider here too.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import CallerError
from core.jobs.store import Control, Run
from pages.parts.state import store
from pages.parts.text import t

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3, 1e-2, 3e-2, 1e-1)

FOLLOW_SECONDS = 2.0
"""How often a slider looks whether somebody else has turned it."""

ASKS = {
    "evaluate": ":material/quiz:",
    "checkpoint": ":material/bookmark:",
    "keep": ":material/download_done:",
}


def live_controls(run: Run) -> None:
    """What may be turned in a distillation that is going on, and what it may be asked to do."""
    with st.container(border=True, key="live_controls"):
        st.markdown(f"**{t('controls.title')}**", help=t("controls.help"))
        st.fragment(_sliders, run_every=FOLLOW_SECONDS)(run)
        with st.container(horizontal=True):
            for verb, icon in ASKS.items():
                st.button(
                    t(f"controls.{verb}"),
                    key=f"control.{run.id}.{verb}",
                    help=t(f"controls.{verb}_help"),
                    icon=icon,
                    on_click=_send,
                    args=(run.id, verb, 1.0),
                )


def _sliders(run: Run) -> None:
    """A slider for each setting, which also goes where somebody else has turned it."""
    asked = store().controls(run.id)
    alpha, temperature, rate = st.columns(3, gap="large")
    with alpha:
        _slider(run, asked, "alpha", 0.0, 1.0, 0.05)
    with temperature:
        _slider(run, asked, "temperature", 0.25, 8.0, 0.25)
    with rate:
        _rates(run, asked)
    validity, beta, _ = st.columns(3, gap="large")
    with validity:
        _slider(run, asked, "validity", 0.0, 2.0, 0.1)
    if run.settings.get("divergence") == "jsd":
        with beta:
            _slider(run, asked, "beta", 0.0, 1.0, 0.05)
    problem = st.session_state.pop(f"control_problem:{run.id}", None)
    if problem:
        st.error(problem)


def _start(run: Run, asked: Sequence[Control], key: str) -> tuple[str, float]:
    """The widget of a setting, and where it begins.

    A change that was not made here makes a new widget, which begins there: to move one that is on
    the screen would cross with what its browser says of it, and two browsers would never agree.
    """
    changes = [control for control in asked if control.key == key]
    mine: set[int] = st.session_state.setdefault(f"control_mine:{run.id}", set())
    foreign = next((c for c in reversed(changes) if c.id not in mine), None)
    widget = _widget(run.id, key, foreign)
    if widget not in st.session_state and changes:  # the page was left, and what was turned on it
        foreign = changes[-1]
        mine.discard(foreign.id)
        widget = _widget(run.id, key, foreign)
    return widget, float(foreign.value if foreign else run.settings[key])


def _widget(run_id: str, key: str, begin: Control | None) -> str:
    return f"control.{run_id}.{key}" + (f".{begin.id}" if begin else "")


def _slider(
    run: Run, asked: Sequence[Control], key: str, low: float, high: float, step: float
) -> None:
    widget, begin = _start(run, asked, key)
    st.slider(
        t(f"field.{key}"),
        min_value=min(low, begin),
        max_value=max(high, begin),
        value=begin,
        step=step,
        key=widget,
        help=t(f"controls.{key}"),
        on_change=_ask,
        args=(run.id, key, widget),
    )


def _rates(run: Run, asked: Sequence[Control]) -> None:
    widget, begin = _start(run, asked, "learning_rate")
    st.select_slider(
        t("field.learning_rate"),
        options=sorted({*RATES, begin}),
        value=begin,
        format_func=lambda rate: f"{rate:g}",
        key=widget,
        help=t("controls.learning_rate"),
        on_change=_ask,
        args=(run.id, "learning_rate", widget),
    )


def _ask(run_id: str, key: str, widget: str) -> None:
    _send(run_id, key, float(st.session_state[widget]))


def _send(run_id: str, key: str, value: float) -> None:
    try:
        made = store().set_control(run_id, key, value)
    except CallerError as error:
        st.session_state[f"control_problem:{run_id}"] = str(error)
    else:
        st.session_state.setdefault(f"control_mine:{run_id}", set()).add(made)
