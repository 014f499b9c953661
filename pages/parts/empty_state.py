"""What a page says when there is nothing to show yet: one sentence, and where to go next."""

from __future__ import annotations

import streamlit as st

from pages.parts.text import t


def empty_state(words: str, *links: tuple[str, str]) -> None:
    """Say what is missing and link to what helps.

    Args:
        words: Key of the sentence.
        links: `(page file, key of its label)`, the most helpful first.
    """
    with st.container(border=True, key=f"empty.{words}", gap="medium"):
        st.markdown(t(words))
        with st.container(horizontal=True, gap="medium"):
            for page, label in links:
                link(page, label)


def link(page: str, label: str, parameters: dict[str, str] | None = None) -> None:
    """A way on to another page; `label` is the key of its words."""
    icon = ":material/arrow_forward:"
    st.page_link(page, label=t(label), icon=icon, icon_position="right", query_params=parameters)
