"""Choose a question: an example from a question set, or one's own words."""

from __future__ import annotations

import streamlit as st

from pages.parts.examples import examples
from pages.parts.text import language, t


def question_choice(question_set: str, key: str) -> str | None:
    """A field for the question, and examples that fill it.

    Args:
        question_set: Whose test questions serve as examples.
        key: Prefix of the widgets' keys.

    Returns:
        The question, or None while there is none.
    """
    typed, picked = f"{key}.question", f"{key}.example"

    def take_example() -> None:
        if st.session_state[picked]:
            st.session_state[typed] = st.session_state[picked]

    left, right = st.columns([3, 2], gap="medium")
    with right:
        st.selectbox(
            t("choice.example"),
            examples(question_set, language()),
            index=None,
            key=picked,
            placeholder=t("choice.example_placeholder"),
            on_change=take_example,
        )
    with left:
        question = st.text_input(
            t("choice.question"),
            key=typed,
            placeholder=t("choice.placeholder"),
            max_chars=2000,
            icon=":material/search:",
        )
    return (question or "").strip() or None
