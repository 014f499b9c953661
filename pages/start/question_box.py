"""A question box at the end of the tour, with examples of one's own graph where there is one."""

from __future__ import annotations

from typing import Final

import streamlit as st

from core.settings import AskSettings
from pages.parts.answers.answer_view import evidence, headline
from pages.parts.asking import ask_resident
from pages.parts.empty_state import link
from pages.parts.forms.examples import examples, telling
from pages.parts.forms.question_form import question_form
from pages.parts.stage.answered import answered
from pages.parts.stage.stage import stage
from pages.parts.state import card, names
from pages.parts.text import clipped, language, literal, t

TYPED, ASKED, WHOM = "tour.typed", "tour.asked", "tour.whom"
OFFERED: Final = 3
"""Examples beside the box."""


def question_box(students: list[str]) -> None:
    """Ask a student whatever one likes, and see its answer.

    Args:
        students: Whom may be asked, the first at first.
    """
    student = students[0]
    if len(students) > 1:
        student = st.selectbox(t("ask.student"), students, key=WHOM, format_func=clipped, width=360)
    about = card("students", student)
    question_form("tour.ask", TYPED, _ask_typed)
    if about.questions in names("questions"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(t("ask.try"), width="content")
            for text in _offered(about.questions):
                st.button(literal(text), key=f"tour.try.{text}", on_click=_ask, args=(text,))
    question = st.session_state.get(ASKED)
    if question:
        _answer(AskSettings(student=student, question=question))
    link("pages/ask/ask.py", "tour.ask.link", {"student": student})
    link("pages/graph/graph.py", "tour.ask.own_graph")


def whom(tours: str, graph: str) -> list[str]:
    """The students, first those of a graph of one's own, then the tour's.

    Args:
        tours: The tour's student.
        graph: Its graph.
    """
    there = [one for one in names("students") if one != tours]
    own = [one for one in there if card("students", one).graph != graph]
    return [*own, tours, *(one for one in there if one not in own)]


def _ask_typed() -> None:
    _ask(st.session_state[TYPED])


def _ask(question: str) -> None:
    st.session_state[TYPED] = question
    st.session_state[ASKED] = question.strip()


def _answer(settings: AskSettings) -> None:
    answer = ask_resident(settings)
    if answer is None:
        return
    if not answer.topics or answer.asks_nothing:
        st.info(t("tour.ask.unknown"), icon=":material/search_off:")
        return
    about = card("students", settings.student)
    certainty = about.certainty_heard if answer.heard else about.certainty
    headline(answer, certainty, settings.precision, "tour.asked_answer")

    def draw() -> None:
        if drawn := answered(answer, "student"):
            stage(drawn, "tour.asked_stage")

    evidence(answer, draw)


def _offered(question_set: str) -> list[str]:
    """A few test questions far from each other, of those that show most where there are any."""
    texts = [one.text for one in telling(question_set, language())]
    texts = texts or examples(question_set, language())
    return texts[:: max(1, len(texts) // OFFERED)][:OFFERED]
