"""Test questions of a question set, as examples to choose from."""

from __future__ import annotations

import streamlit as st

from core.manifests import Stamp
from core.questions.question_sets import load_questions
from core.records import Question
from pages.parts.state import workspace

MOST = 60


def examples(question_set: str, language: str) -> list[str]:
    """Texts of test questions, those in the reader's language first; at most `MOST`.

    Raises:
        NotFound: If there is no such set.
        FormatError: If its files are damaged.
    """
    found = test_questions(question_set)
    own = [question for question in found if question.language == language]
    other = [question for question in found if question.language != language]
    return list(dict.fromkeys(question.text for question in own + other))[:MOST]


def test_questions(question_set: str) -> tuple[Question, ...]:
    """The test questions of a set, spread over it: at most `MOST` of each language."""
    space = workspace()
    return _spread(str(space.root), question_set, space.stamp("questions", question_set))


def telling(question_set: str, language: str) -> list[Question]:
    """Test questions in a language that show most: answered over several hops from one topic.

    Raises:
        NotFound, FormatError: As `examples`.
    """
    return [
        one
        for one in test_questions(question_set)
        if one.language == language
        and len(one.topics) == 1
        and one.answers
        and any(len(path) > 1 for path in one.paths)
    ]


def question_text(question_set: str, question: str) -> str | None:
    """The text of any question of a set by its id; None where it has none by that id.

    Raises:
        NotFound: If there is no such set.
        FormatError: If its files are damaged.
    """
    space = workspace()
    return _texts(str(space.root), question_set, space.stamp("questions", question_set)).get(
        question
    )


@st.cache_data(show_spinner=False, max_entries=4)
def _texts(root: str, question_set: str, stamp: Stamp) -> dict[str, str]:
    return {one.id: one.text for one in load_questions(workspace(), question_set).questions}


@st.cache_data(show_spinner=False, max_entries=16)
def _spread(root: str, question_set: str, stamp: Stamp) -> tuple[Question, ...]:
    loaded = load_questions(workspace(), question_set)
    found: list[Question] = []
    for language in loaded.languages:
        own = [question for question in loaded.part("test") if question.language == language]
        found += own[:: max(1, len(own) // MOST)][:MOST]
    return tuple(found)
