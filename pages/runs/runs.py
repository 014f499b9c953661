"""Runs: everything that ran or runs, and one of them in full."""

import time
from typing import Any

import streamlit as st

from core.catalogue import BY_RECIPE
from core.errors import CoreError, SettingsError
from core.runs.store.store import Run, RunState
from core.runs.supervisor import presence
from core.settings import checked
from pages.parts.empty_state import empty_state, link
from pages.parts.forms.settings_form import command_line
from pages.parts.pictures.curves import history
from pages.parts.problem import problem
from pages.parts.runs.live_controls import live_controls
from pages.parts.runs.run_progress import (
    change_words,
    duration,
    run_button,
    run_name,
    run_progress,
    silence_badge,
    stage_name,
    state_badge,
)
from pages.parts.state import remember, store
from pages.parts.table import table
from pages.parts.text import Words, field_name, literal, t, t_plain
from pages.runs.run_list import chain_form, queue_and_disk
from pages.runs.run_story import chain_view, changes_table, happened, recipe_name, story

PAGE = 20
WIDTHS = (1.3, 3, 1.5, 1.6, 1.1, 1.6)
COLUMNS = ("state", "run", "kind", "started", "duration", "progress")
EVENTS = ("stage", "control", "warning", "log")
# By what a run makes: the page that shows it, and the name of its parameter there.
SHOWN_ON = {
    "graphs": ("pages/graph/graph.py", "graph"),
    "questions": ("pages/questions/questions.py", "questions"),
    "teachers": ("pages/teach/teacher.py", "teacher"),
    "students": ("pages/ask/ask.py", "student"),
}


def when(moment: float | None) -> Words:
    return Words(time.strftime("%m-%d %H:%M", time.localtime(moment)) if moment else "")


# --- the list -----------------------------------------------------------------------------------


def listing() -> None:
    """All runs, newest first; ticks while one of them goes on."""
    chain_form()
    runs = store().runs(limit=500)
    if not runs:
        empty_state("runs.empty", ("pages/start/tour.py", "runs.to_tour"))
        return
    states = [state for state in RunState if any(run.state == state for run in runs)]
    recipes = sorted({run.recipe for run in runs})
    left, right = st.columns(2, gap="large")
    state = left.pills(
        t("runs.filter_state"), states, format_func=lambda s: t(f"run.state.{s}"), key="runs.state"
    )
    recipe = right.pills(
        t("runs.filter_recipe"),
        recipes,
        format_func=lambda name: literal(recipe_name(name)),
        key="runs.kind",
    )
    goes_on = any(not run.state.is_over for run in runs)
    if goes_on:
        presence.ensure(store())
    st.fragment(rows, run_every=2.0 if goes_on else None)(state, recipe)
    link("pages/compare/compare.py", "runs.to_compare", {"view": "curves"})
    queue_and_disk()


def rows(state: str | None, recipe: str | None) -> None:
    shown = st.session_state.setdefault("runs.shown", PAGE)
    found = store().runs(limit=500, recipe=recipe)
    found = [run for run in found if state is None or run.state == state]
    if not found:
        st.caption(t("runs.no_match"))
        return
    for cell, column in zip(st.columns(WIDTHS), COLUMNS, strict=True):
        cell.caption(t(f"runs.column.{column}"))
    for run in found[:shown]:
        row(run)
    if len(found) > shown and st.button(t("runs.older"), key="runs.older"):
        st.session_state["runs.shown"] = shown + PAGE
        st.rerun(scope="fragment")


def row(run: Run) -> None:
    cells = st.columns(WIDTHS, vertical_alignment="center")
    with cells[0]:
        state_badge(run.state)
        silence_badge(run)
    with cells[1]:
        run_button(run)
    cells[2].markdown(literal(recipe_name(run.recipe)))
    cells[3].markdown(when(run.started or run.created))
    cells[4].markdown(duration(run.elapsed()) if run.started else "")
    with cells[5]:
        if run.state is RunState.RUNNING:
            st.progress(run.share or 0.0, text=literal(stage_name(run.stage)))


# --- one run ------------------------------------------------------------------------------------


def detail(run_id: str) -> None:
    """One run in full."""
    st.button(
        t("runs.back"),
        icon=":material/arrow_back:",
        type="tertiary",
        key="runs.back",
        on_click=lambda: remember(run=None),
    )
    run = store().run(run_id)
    st.subheader(literal(run_name(run)), anchor=False)
    st.caption(f"{literal(recipe_name(run.recipe))} · {when(run.created)} · {literal(run.id)}")
    chain_view(run)
    if run.recipe == "distill_student" and run.state in (RunState.RUNNING, RunState.PAUSED):
        live_controls(run)
    run_progress(run_id)
    story(run, history(run_id)["events"])
    show_made(run)
    tabs = ("runs.settings", "runs.result", "run.changes", "runs.events")
    settings, result, changes, events = st.tabs([t(name) for name in tabs])
    with settings:
        show_settings(run)
    with result:
        st.json(run.result or {}, expanded=2)
    with changes:
        changes_table(run)
    with events:
        show_events(run)


def show_made(run: Run) -> None:
    """A link to what a run has made."""
    entry = BY_RECIPE.get(run.recipe)
    if run.state is not RunState.SUCCEEDED or entry is None:
        return
    if run.recipe == "run_demo":
        link("pages/start/tour.py", "runs.open_result", {"run": run.id})
    elif entry.makes in SHOWN_ON:
        page, parameter = SHOWN_ON[entry.makes]
        link(page, "runs.open_result", {parameter: str((run.result or {}).get("name", ""))})


def show_settings(run: Run) -> None:
    """The settings as a table and as a command."""
    given = {key: value for key, value in run.settings.items() if value is not None}
    words = [{"setting": field_name(key), "value": str(value)} for key, value in given.items()]
    columns = {"setting": t("runs.setting"), "value": t("runs.value")}
    table(words, column_config=columns)
    entry = BY_RECIPE.get(run.recipe)
    if entry is not None:
        try:
            command = command_line(checked(entry.settings, run.settings))
        except SettingsError as error:  # another version of PathDistill made the run
            st.warning(literal(error), icon=":material/warning:")
        else:
            st.code(command, language="bash", wrap_lines=True)


def said(kind: str, payload: dict[str, Any]) -> str:
    """An event in words."""
    if kind == "stage":
        return stage_name(str(payload.get("name")))
    if kind == "control":
        return t_plain("run.change_applied", change=change_words(payload), step=payload.get("step"))
    if kind in ("warning", "log"):
        return str(payload.get("message", ""))
    if line := happened(kind, payload):
        return line
    return ", ".join(f"{key}: {value}" for key, value in payload.items())


def show_events(run: Run) -> None:
    events = history(run.id)["events"]
    if not events:
        st.caption(t("runs.events_empty"))
        return
    told: list[dict[str, Any]] = [
        {
            "at": time.strftime("%H:%M:%S", time.localtime(event.at)),
            "kind": t(f"runs.event.{event.kind}") if event.kind in EVENTS else event.kind,
            "said": said(event.kind, event.payload),
        }
        for event in events
    ]
    columns = {name: t(f"runs.event.{name}") for name in ("at", "kind", "said")}
    table(told, column_config=columns)


def page() -> None:
    st.title(t("page.runs"), anchor=False)
    run_id = st.query_params.get("run")
    if run_id:
        detail(run_id)
        return
    st.caption(t("runs.intro"))
    listing()


try:
    page()
except CoreError as error:
    problem(error)
