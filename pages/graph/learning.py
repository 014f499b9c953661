"""Teaching a graph with one button: the chain of runs while it goes on, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import CallerError
from core.runs.run import ACTIVE, Run, RunState
from core.runs.store import queue
from core.runs.supervisor import presence
from pages.parts import changes
from pages.parts.empty_state import link
from pages.parts.problem import problem
from pages.parts.runs.run_progress import duration, state_badge
from pages.parts.state import remember, store
from pages.parts.text import Words, literal, t

TICK_SECONDS = 1.0
LOOKED_AT = 50
STEPS = {
    "questions": "generate_questions",
    "teacher": "train_teacher",
    "labels": "label_questions",
    "student": "distill_student",
    "student_scores": "evaluate",
    "teacher_scores": "evaluate",
}
"""What the runs of `core.runs.chains.learn` do and their recipes, in their order."""
RECIPES = (*STEPS.values(),)


def learning(graph: str) -> None:
    """The chain that teaches a graph, or the button that starts one; for the owner only."""
    runs = _chain(graph)
    if not runs:
        if changes.is_owner():
            st.button(
                t("learn.start"),
                type="primary",
                icon=":material/school:",
                help=t("learn.start_help"),
                key="learn.start",
                on_click=_start,
                args=(graph,),
            )
        return
    if goes_on := any(run.state in ACTIVE for run in runs):
        presence.ensure(store())
    with st.container(border=True, key="learn"):
        drawn = [run.state for run in runs]
        st.fragment(_steps, run_every=TICK_SECONDS if goes_on else None)(graph, drawn)
        _ending(runs)


def _chain(graph: str) -> list[Run]:
    """The chain of a graph that the address names, else one that goes on; else none."""
    asked = st.query_params.get("learn")
    last = [run.id for run in store().runs(LOOKED_AT, RECIPES[-1], ACTIVE)]
    for run_id in [asked, *last] if asked else last:
        try:
            runs = queue.chain(store(), run_id)[: len(STEPS)]
        except CallerError:  # it was deleted, or never was
            continue
        if [run.recipe for run in runs] == [*RECIPES] and runs[0].settings["graph"] == graph:
            remember(learn=runs[0].id)
            return runs
    remember(learn=None)
    return []


def _start(graph: str) -> None:
    try:
        remember(learn=changes.learn(graph)[0])
    except CallerError as error:
        st.toast(literal(error), icon=":material/error:")


def _steps(graph: str, drawn: Sequence[RunState]) -> None:
    """One line a step, and how long all of it will take; the page is drawn anew when one ends."""
    runs = _chain(graph)
    if [run.state for run in runs] != drawn:
        st.rerun()
    now = next((run for run in runs if run.state in ACTIVE), None)
    if now is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t('learn.running', graph=graph)}**", width="content")
            st.caption(_left(runs), width="content")
    for step, run in zip(STEPS, runs, strict=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            state_badge(run.state)
            st.markdown(t(f"learn.step.{step}"), width="content")
            if run is now and run.state is RunState.RUNNING:
                left = run.seconds_left()
                words = t("learn.working") if left is None else t("run.left", left=duration(left))
                st.progress(run.share or 0.0, text=words, width=260)
    if now is not None:
        link("pages/runs/runs.py", "learn.to_run", {"run": now.id})


def _left(runs: Sequence[Run]) -> Words:
    """How long the steps that are left will take, by what they last took on this machine."""
    total, unknown = 0.0, False
    for run in runs:
        if run.state not in ACTIVE:
            continue
        left = run.seconds_left() if run.state is RunState.RUNNING else None
        if left is None:
            before = store().runs(1, run.recipe, (RunState.SUCCEEDED,))
            left = max(before[0].elapsed() - run.elapsed(), 0.0) if before else None
        total += left or 0.0
        unknown = unknown or left is None
    if not total:
        return t("learn.left_unknown")
    return t("learn.left_at_least" if unknown else "learn.left", left=duration(total))


def _ending(runs: Sequence[Run]) -> None:
    """Where the new student is, or what went wrong."""
    student = runs[[*STEPS].index("student")]
    wrong = next((run for run in runs if run.state not in (*ACTIVE, RunState.SUCCEEDED)), None)
    if wrong is not None:
        problem(wrong.failure())
        link("pages/runs/runs.py", "learn.to_run", {"run": wrong.id})
    if student.state is RunState.SUCCEEDED:
        name, questions = str(student.settings["name"]), str(student.settings["questions"])
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(t("learn.ask", student=name), type="primary", icon=":material/forum:"):
                st.switch_page("pages/ask/ask.py", query_params={"student": name})
            link("pages/compare/compare.py", "learn.compare", {"questions": questions})
    if not any(run.state in ACTIVE for run in runs):
        st.button(t("learn.again"), key="learn.again", on_click=_start,
                  args=(str(runs[0].settings["graph"]),))  # fmt: skip
