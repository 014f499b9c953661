"""What a run makes of a few questions while it learns, to watch and to scrub."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from core.errors import CoreError
from core.frames import Film, read_films
from pages.parts.problem import problem
from pages.parts.stage.learning import learning
from pages.parts.stage.record import Stage
from pages.parts.stage.stage import stage
from pages.parts.state import store
from pages.parts.text import clipped, language, t, t_plain


def film(run_id: str, marks: Sequence[tuple[int, str]]) -> None:
    """Draw a film of a run, where it has any.

    Args:
        run_id: The run.
        marks: Steps at which a person has changed something, ascending, and what, in words.
    """
    try:
        films = read_films(store().workspace.root / "runs" / run_id)
    except CoreError as error:
        problem(error)
        return
    if not films:
        return
    with st.container(key="film"):
        chosen = _chosen(run_id, films)
        learner = chosen.first.training
        st.caption(t(f"film.{learner}"))
        mine = tuple(marks) if learner == "student" else ()
        stage(_laid_out(chosen, mine, language()), f"film.{run_id}.{learner}")


@lru_cache(maxsize=8)
def _laid_out(film: Film, marks: tuple[tuple[int, str], ...], _language: str) -> Stage:
    """The stage of a film; a page that follows a run asks each second, seldom with a new frame."""
    return learning(film, marks)


def _chosen(run_id: str, films: Sequence[Film]) -> Film:
    """The film that the reader chooses: at first of who learned last, in the reader's language."""
    learners = list(dict.fromkeys(one.first.training for one in films))
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    learner = learners[-1]
    if len(learners) > 1:
        learner = right.segmented_control(
            t("film.learner"),
            learners,
            default=learner,
            required=True,
            format_func=lambda one: t(f"film.learner.{one}"),
            key=f"film.learner.{run_id}",
            label_visibility="collapsed",
        )
    mine = {one.first.question: one for one in films if one.first.training == learner}
    spoken = [name for name, one in mine.items() if one.first.language == language()]
    name = left.selectbox(
        t("film.question"),
        list(mine),
        index=list(mine).index(spoken[0]) if spoken else 0,
        format_func=lambda name: _told(mine[name]),
        key=f"film.question.{run_id}.{learner}",
    )
    return mine[name]


def _told(one: Film) -> str:
    """A question, and whether it is learned from, as plain text."""
    known = t_plain("film.practised" if one.first.practised else "film.held_out")
    return f"{clipped(one.first.text)} · {known}"
