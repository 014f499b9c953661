"""The table of scores, and what is still to be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.errors import CallerError
from core.runs.run import ACTIVE, Run, RunState
from core.runs.supervisor import presence
from pages.compare.contenders import Contender, Scored, scoring
from pages.parts.changes import is_owner, start
from pages.parts.empty_state import link
from pages.parts.runs.run_progress import duration, state_badge
from pages.parts.state import store
from pages.parts.table import table
from pages.parts.text import literal, t, t_plain

SHARES = ("hits", "path", "precision", "answered", "unsure", "refused", "invented", "ece")
"""Columns that are shares of questions."""
NARROW = 64
"""Of a column of numbers, in pixels: all of them fit beside each other."""
TICK_SECONDS = 2.0


def score_row(one: Scored) -> dict[str, Any]:
    """A row of the table by the names of its columns; None where something was not measured."""
    found, said, honesty = one.found, one.found.decisions, one.found.honesty
    took = None if found.answering is None else 1000 * found.answering / found.questions
    return {
        "model": one.words(),
        "hits": found.hits_at_1,
        "path": found.path_exact_match,
        "precision": said and said.precision,
        "answered": said and said.answered,
        "unsure": said and said.unsure,
        "refused": said and said.refused,
        "invented": honesty and honesty.unanswerable_answered,
        "ece": found.ece,
        "questions": found.questions,
        "size": None if one.bytes is None else one.bytes / 1e6,
        "time": took,
    }


def column_name(column: str) -> str:
    """What a column is called, in plain text."""
    return t_plain(f"compare.column.{column}")


def scores_table(rows: Sequence[Scored]) -> None:
    """One row for each evaluation, the best first."""
    percent = {name: _column(name, "percent") for name in SHARES}
    numbers = {name: _column(name, form) for name, form in (("size", "%.1f"), ("time", "%.1f"))}
    plain = {
        "model": st.column_config.TextColumn(t("compare.column.model"), width=180),
        "questions": st.column_config.NumberColumn(t("compare.column.questions"), width=NARROW),
    }
    told = [score_row(one) for one in rows]
    for row in told:
        if row["ece"] is not None:
            row["ece"] = round(row["ece"], 4)
    table(told, height="content", column_config={**plain, **percent, **numbers})
    if stale := [one.words() for one in rows if one.is_stale]:
        st.caption(f":orange[:material/update:] {t('compare.stale', models=', '.join(stale))}")
    if len({one.found.questions for one in rows}) > 1:
        st.caption(f":orange[:material/warning:] {t('compare.unlike')}")


def _column(name: str, form: Any) -> Any:
    words = t(f"compare.column.{name}_help")
    label = t(f"compare.column.{name}")
    return st.column_config.NumberColumn(label, format=form, help=words, width=NARROW)


def to_score(
    there: Sequence[Contender], rows: Sequence[Scored], questions: str, split: str
) -> None:
    """What has no scores of now, each with a button, and the runs that are on it."""
    known = {one.contender.id for one in rows if one.is_usual and not one.is_stale}
    left = [one for one in there if one.id not in known]
    if not left:
        return
    running = scoring(questions, split, left)
    busy = {name for name, run in running.items() if run.state in ACTIVE}
    free = [one for one in left if one.id not in busy]
    st.subheader(t("compare.to_score"), anchor=False)
    if free and is_owner():
        st.button(
            t("compare.score_all", n=len(free)),
            type="primary",
            icon=":material/fact_check:",
            key="compare.all",
            on_click=_start,
            args=(free, questions, split),
        )
    if busy:
        presence.ensure(store())
    live = TICK_SECONDS if busy else None
    st.fragment(_left, run_every=live)(left, busy, questions, split)


def _left(left: Sequence[Contender], busy: set[str], questions: str, split: str) -> None:
    """The list; the page is drawn anew when a run of it begins or ends."""
    running = scoring(questions, split, left)
    if {name for name, run in running.items() if run.state in ACTIVE} != busy:
        st.rerun()
    for one in left:
        _one(one, running, questions, split)


def _one(one: Contender, running: Mapping[str, Run], questions: str, split: str) -> None:
    run = running.get(one.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(literal(one.words()), width=320)
        if run is None or run.state not in ACTIVE:
            st.button(
                t("compare.score"),
                key=f"compare.score.{one.id}",
                disabled=not is_owner(),
                on_click=_start,
                args=([one], questions, split),
            )
        if run is not None:
            _going_on(run)


def _going_on(run: Run) -> None:
    """How far a run is, or how it ended."""
    state_badge(run.state)
    if run.state is RunState.RUNNING:
        left = run.seconds_left()
        words = t("compare.working") if left is None else t("run.left", left=duration(left))
        st.progress(run.share or 0.0, text=words, width=220)
    elif run.state not in ACTIVE:
        st.caption(literal(run.message or run.error), width="stretch")
    link("pages/runs/runs.py", "compare.to_run", {"run": run.id})


def _start(chosen: Sequence[Contender], questions: str, split: str) -> None:
    """Queue a run for each."""
    try:
        for one in chosen:
            start(*one.recipe(questions, split))
    except CallerError as error:
        st.toast(literal(error), icon=":material/error:")
