"""Deleting something for good, after one more question."""

from __future__ import annotations

import streamlit as st

from core.errors import CallerError
from core.runs.store.housekeeping import size
from pages.parts.changes import delete, is_owner
from pages.parts.problem import problem
from pages.parts.state import workspace
from pages.parts.text import Words, t


def delete_button(kind: str, name: str, question: Words) -> None:
    """A button that opens a question, and the button in it that deletes; for the owner only.

    Args:
        kind: `graphs`, `questions`, `teachers` ...
        name: What to delete.
        question: Says what goes and what becomes useless without it.
    """
    if not is_owner():
        return
    with st.popover(t("common.delete"), icon=":material/delete:", width="stretch"):
        st.markdown(question)
        try:
            files, taken = workspace().extent(kind, name)
        except CallerError as error:
            problem(error)
            return
        st.caption(t("common.delete_what", n=files, size=size(taken)))
        if st.button(t("common.delete_yes"), type="primary", key=f"delete.{kind}.{name}"):
            try:
                delete(kind, name)
            except CallerError as error:
                problem(error)
                return
            st.toast(t("common.deleted", name=name))
            st.rerun()
