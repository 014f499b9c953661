"""Around the list of runs: a chain to start, queue, devices, and disk."""

from __future__ import annotations

import streamlit as st

from core.errors import CallerError
from core.runs.run import Run
from core.runs.store import devices, housekeeping, queue
from core.runs.store.housekeeping import size
from core.runs.supervisor import presence
from pages.parts import changes
from pages.parts.problem import problem
from pages.parts.runs.run_progress import run_name
from pages.parts.state import card, names, remember, store, workspace
from pages.parts.table import table
from pages.parts.text import field_name, literal, t

OLD_DAYS = 30


def chain_form() -> None:
    """The whole way from questions to a scored student, queued at once."""
    sets = names("questions")
    if not sets or not changes.is_owner():
        return
    with st.popover(t("chain.title"), icon=":material/link:"), st.form("chain", border=False):
        st.caption(t("chain.intro"))
        questions = st.selectbox(field_name("questions"), sets)
        suggested = workspace().free_name("teachers", "teacher")
        teacher = st.text_input(t("chain.teacher"), suggested, max_chars=64)
        suggested = workspace().free_name("students", "student")
        student = st.text_input(t("chain.student"), suggested, max_chars=64)
        if not st.form_submit_button(t("chain.start"), type="primary"):
            return
        try:
            graph = card("questions", questions).graph
            ids = changes.start_chain(graph, questions, teacher.strip(), student.strip())
        except CallerError as error:
            problem(error)
            return
        remember(run=ids[0])
        st.rerun()


def queue_and_disk() -> None:
    """Who waits in which order, what computes where, and what takes how much space."""
    with st.expander(t("queue.title"), icon=":material/queue:"):
        found = presence.present(store())
        words = t("queue.supervisor", pid=found.pid) if found else t("queue.no_supervisor")
        st.caption(words)
        there = devices.known(store().database)
        if there:
            rows = [{"device": d.name, "slots": d.slots, "runs": ", ".join(d.runs)} for d in there]
            names = {name: t(f"queue.{name}") for name in rows[0]}
            table(rows, column_config=names)
        waiting = queue.waiting(store())
        if not waiting:
            st.caption(t("queue.empty"))
        for place, run in enumerate(waiting):
            _waiting(run, place, waiting[0].priority)
    with st.expander(t("disk.title"), icon=":material/hard_drive:"):
        _disk()


def _waiting(run: Run, place: int, highest: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{place + 1:d}. {literal(run_name(run))}", width="content")
        if place and changes.is_owner():
            st.button(
                t("queue.first"),
                help=t("queue.first_help"),
                icon=":material/vertical_align_top:",
                key=f"first:{run.id}",
                type="tertiary",
                on_click=_go_first,
                args=(run.id, highest + 1),
            )


def _go_first(run_id: str, priority: int) -> None:
    try:
        changes.set_priority(run_id, min(priority, queue.MOST_PRIORITY))
    except CallerError as error:  # it began in this very moment
        st.toast(literal(error))


def _disk() -> None:
    use = housekeeping.disk_use(store())
    told = {"runs": use.kinds["runs"], "checkpoints": use.checkpoints, "free": use.free}
    for column, (name, taken) in zip(st.columns(3), told.items(), strict=True):
        column.metric(t(f"disk.{name}"), literal(size(taken)))
    if not changes.is_owner():
        return
    with st.popover(t("disk.prune"), icon=":material/cleaning_services:"):
        st.markdown(t("disk.prune_sure", n=OLD_DAYS))
        if st.button(t("common.delete_yes"), type="primary", key="disk.prune"):
            try:
                gone, freed = changes.prune(OLD_DAYS)
            except CallerError as error:
                problem(error)
                return
            st.toast(t("disk.pruned", n=len(gone), size=size(freed)))
