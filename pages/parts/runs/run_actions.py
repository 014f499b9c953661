"""What a person can do to a run: stop, pause, resume, resume with a fix, branch, delete.

Never drawn inside a timed fragment: its redraws would lose clicks on buttons that ask once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core import checkpoints
from core.errors import CallerError, SettingsError
from core.runs import lifecycle
from core.runs.run import Run, RunState
from core.runs.store.housekeeping import size
from core.runs.supervisor import diagnosis
from core.workspace import checked_name
from pages.parts import changes
from pages.parts.problem import problem
from pages.parts.state import remember, store, workspace
from pages.parts.text import Words, field_name, literal, t

STOPPABLE = (RunState.QUEUED, RunState.STARTING, RunState.RUNNING, RunState.PAUSED)


def run_actions(run: Run) -> None:
    """The buttons that fit the state of a run, and what went wrong with the last one pressed."""
    if not changes.is_owner():
        return
    with st.container(horizontal=True, vertical_alignment="center", key="run_actions"):
        if run.state is RunState.RUNNING:
            _button("pause", "pause", run.id, lambda: changes.pause(run.id))
        elif run.state is RunState.PAUSED:
            _button("go_on", "play_arrow", run.id, lambda: changes.resume(run.id))
        if run.state in STOPPABLE:
            _stop(run)
        elif run.state is RunState.STOPPING:
            kill = lambda: changes.stop(run.id, hard=True)  # noqa: E731
            _button("stop_hard", "dangerous", run.id, kill)
        elif run.state in lifecycle.RESUMABLE:
            _resume(run)
        if run.state.is_over:
            _branch(run)
            _delete(run)
    refused = st.session_state.pop(_refusal(run.id), None)
    if refused:
        problem(refused)


def _button(
    name: str, icon: str, run_id: str, action: Callable[[], Any], label: Words | None = None
) -> None:
    st.button(
        label or t(f"run.{name}"),
        icon=f":material/{icon}:",
        help=t(f"run.{name}_help"),
        key=f"{name}:{run_id}",
        on_click=_try,
        args=(run_id, action),
        type="tertiary",
    )


def _try(run_id: str, action: Callable[[], Any]) -> None:
    """Do something; what is refused is shown under the buttons."""
    try:
        action()
    except CallerError as error:
        st.session_state[_refusal(run_id)] = error.message


def _refusal(run_id: str) -> str:
    return f"action_problem:{run_id}"


def _stop(run: Run) -> None:
    """Stop, asked twice."""
    asked = f"stop_asked:{run.id}"

    def ask(sure: bool) -> None:
        st.session_state[asked] = sure

    def stop() -> None:
        ask(False)
        _try(run.id, lambda: changes.stop(run.id))

    if not st.session_state.get(asked):
        st.button(
            t("run.stop"),
            icon=":material/stop_circle:",
            on_click=ask,
            args=(True,),
            key=f"stop:{run.id}",
            type="tertiary",
        )
        return
    st.caption(t("run.stop_sure"), width="content")
    st.button(t("run.stop_yes"), on_click=stop, key=f"stop_yes:{run.id}")
    no = f"stop_no:{run.id}"
    st.button(t("run.stop_no"), on_click=ask, args=(False,), key=no, type="tertiary")


def _resume(run: Run) -> None:
    _button("resume", "replay", run.id, lambda: changes.resume(run.id))
    fix = diagnosis.fix(run.cause, run.settings)
    if fix:
        words = ", ".join(f"{key} = {value}" for key, value in fix.items())
        label = t("run.resume_fix", change=words)
        mend = lambda: changes.resume(run.id, fix)  # noqa: E731
        _button("resume_fix", "build", run.id, mend, label)


def _branch(run: Run) -> None:
    """A new run like this one, with other settings, from its start or one of its checkpoints."""
    if "name" not in run.settings:
        return
    folder = store().workspace.root / "runs" / run.id / checkpoints.FOLDER
    steps = [checkpoints.step_of(one) for one in checkpoints.checkpoints(folder)]
    with st.popover(t("run.branch"), icon=":material/alt_route:", help=t("run.branch_help")):
        with st.form(f"branch.{run.id}", border=False):
            wanted = _free_name(str(run.settings["name"]))
            name = st.text_input(field_name("name"), wanted, max_chars=64)
            given = st.text_input(t("run.branch_changes"), placeholder="alpha=0.3 seed=1")
            step = st.selectbox(
                t("run.branch_from"),
                [None, *steps],
                format_func=lambda step: t("run.branch_start") if step is None else str(step),
            )
            if st.form_submit_button(t("run.branch_go"), type="primary"):
                try:
                    other = {**lifecycle.read_changes(given.split()), "name": name.strip()}
                    new = changes.branch(run.id, other, step)
                except CallerError as error:
                    problem(error)
                    return
                remember(run=new)
                st.rerun()


def _free_name(name: str) -> str:
    """A name that nothing of any kind has, since recipes make different kinds of things.

    Empty where the run, which may come from elsewhere, has a name that can name nothing.
    """
    try:
        checked_name(name)
    except SettingsError:
        return ""
    number = 2
    while any(workspace().exists(kind, f"{name}-{number}") for kind in ("students", "teachers")):
        number += 1
    return f"{name}-{number}"


def _delete(run: Run) -> None:
    with st.popover(t("common.delete"), icon=":material/delete:"):
        st.markdown(t("run.delete_sure"))
        if workspace().exists("runs", run.id):
            files, taken = workspace().extent("runs", run.id)
            st.caption(t("common.delete_what", n=files, size=size(taken)))
        if st.button(t("common.delete_yes"), type="primary", key=f"delete.runs.{run.id}"):
            try:
                changes.delete_run(run.id)
            except CallerError as error:
                problem(error)
                return
            st.toast(t("common.deleted", name=literal(run.id)))
            remember(run=None)
            st.rerun()
