"""One line to type a question in, and a button beside it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.records import LONGEST_QUESTION
from pages.parts.text import t


def question_form(name: str, typed: str, ask: Callable[[], None]) -> None:
    """Show it.

    Args:
        name: Of the form on its page.
        typed: Where in the session's state the text stands.
        ask: Called when it is sent.
    """
    with st.form(name, border=False):
        box, button = st.columns([6, 1], vertical_alignment="bottom")
        box.text_input(
            t("ask.question"),
            key=typed,
            placeholder=t("ask.placeholder"),
            max_chars=LONGEST_QUESTION,
        )
        button.form_submit_button(t("ask.submit"), type="primary", width="stretch", on_click=ask)
