"""Begin a sweep from Compare, and the sweeps that go on."""

from __future__ import annotations

import streamlit as st

from core.errors import CallerError
from core.runs.run import ACTIVE, Run
from core.settings import SweepSettings
from pages.parts.changes import start
from pages.parts.empty_state import link
from pages.parts.forms.settings_form import settings_form
from pages.parts.runs.run_progress import state_badge
from pages.parts.state import card, names, store
from pages.parts.text import t


def sweep_start(graph: str) -> None:
    """The sweeps that go on, and a form for another, where the graph has a student."""
    for run in store().runs(100, "sweep_knobs", ACTIVE):
        _going_on(run)
    students = [name for name in names("students") if _graph_of(name) == graph]
    if not students:
        return
    with st.expander(t("compare.sweep_new"), icon=":material/grid_on:"):
        st.caption(t("compare.sweep_new_help"))
        settings = settings_form(
            SweepSettings,
            "compare.sweep_new",
            choices={"student": students},
            first=("student", "alphas", "temperatures", "split"),
            submit=t("compare.sweep_begin"),
        )
    if settings is not None:
        start("sweep_knobs", settings)
        st.rerun()


def _going_on(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(run.state)
        student, part = run.settings["student"], t(f"questions.split.{run.settings['split']}")
        st.markdown(t("compare.sweep_on", name=student, part=part), width="content")
        link("pages/runs/runs.py", "compare.to_run", {"run": run.id})


def _graph_of(student: str) -> str | None:
    """The graph of a student; None of one that cannot be read, as the table of scores says."""
    try:
        return card("students", student).graph
    except CallerError:
        return None
