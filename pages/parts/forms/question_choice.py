"""Choose a question: an example from a question set, or one's own words.

A question of the set stands in the address by its id (`?q=`), so that a link opens at the same one.
What a person has typed stands only in an address that is copied, by the button beside it (`?ask=`).
"""

from __future__ import annotations

import streamlit as st

from core.records import LONGEST_QUESTION
from pages.parts.copy_address import copy_address
from pages.parts.forms.examples import examples, question_text, test_questions
from pages.parts.state import asked_text, remember
from pages.parts.text import clipped, language, t


def question_choice(question_set: str, key: str) -> str | None:
    """A field for the question, and examples that fill it.

    Args:
        question_set: Whose test questions serve as examples.
        key: Prefix of the widgets' keys.

    Returns:
        The question, or None while there is none.
    """
    typed, picked = f"{key}.question", f"{key}.example"
    ids = {question.text: question.id for question in test_questions(question_set)}
    wanted = st.query_params.get("q")
    named = question_text(question_set, wanted) if wanted else None
    if named and wanted:
        ids.setdefault(named, wanted)  # it need not be among the examples
    if typed not in st.session_state:
        st.session_state[typed] = named or asked_text("ask")

    def take_example() -> None:
        if st.session_state[picked]:
            st.session_state[typed] = st.session_state[picked]

    left, right, copy = st.columns([6, 4, 0.5], gap="small", vertical_alignment="bottom")
    with right:
        st.selectbox(
            t("choice.example"),
            examples(question_set, language()),
            index=None,
            key=picked,
            format_func=clipped,
            placeholder=t("choice.example_placeholder"),
            on_change=take_example,
        )
    with left:
        question = st.text_input(
            t("choice.question"),
            key=typed,
            placeholder=t("choice.placeholder"),
            max_chars=LONGEST_QUESTION,
            icon=":material/search:",
            persist_state="session",
        )
    question = (question or "").strip()
    remember(q=ids.get(question))
    if question != asked_text("ask"):
        remember(ask=None)
    with copy:
        copy_address(f"{key}.address", ask=None if question in ids else question)
    return question or None
