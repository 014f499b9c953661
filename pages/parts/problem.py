"""What went wrong, in a box: the one way in which a page shows an error."""

from __future__ import annotations

import streamlit as st

from pages.parts.text import literal

LONGEST = 2000
"""Characters of an error that are shown; it is a sentence, but it may quote a file."""


def problem(error: object) -> None:
    """Show an error, or a sentence about one; whatever it quotes stays text."""
    st.error(literal(error, LONGEST), icon=":material/error:")
