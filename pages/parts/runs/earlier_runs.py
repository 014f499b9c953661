"""The latest runs of one kind, each with its state and its address."""

from __future__ import annotations

import streamlit as st

from pages.parts.runs.run_progress import run_button, state_badge
from pages.parts.state import store
from pages.parts.text import t

EARLIER = 5


def earlier_runs(recipe: str, heading: str) -> None:
    """List them; nothing where there are none. `heading` is the key of a text."""
    runs = store().runs(EARLIER, recipe)
    if runs:
        st.markdown(f"**{t(heading)}**")
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            state_badge(run.state)
            run_button(run)
