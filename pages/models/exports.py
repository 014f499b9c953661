"""Exports that the workspace keeps: to download, and to delete."""

from __future__ import annotations

import streamlit as st

from core.errors import FormatError
from core.runs.store.housekeeping import size
from gate import downloads
from pages.parts.changes import is_owner
from pages.parts.deleting import delete_button
from pages.parts.problem import problem
from pages.parts.state import names, workspace
from pages.parts.text import literal, t


def download(name: str) -> None:
    """A button that sends an export to the browser."""
    try:
        folder = workspace().open("exports", name)
    except FormatError as error:  # it can still be deleted
        problem(error)
        return
    ending: downloads.Ending = "html" if (folder / f"{name}.html").exists() else "zip"
    kept = (folder / f"{name}.{ending}").stat().st_size
    st.link_button(
        t("models.download", size=size(kept)),
        downloads.address(name, ending),
        icon=":material/download:",
    )


def exports() -> None:
    """What was exported and is still kept, to download or delete."""
    kept = names("exports")
    if not kept or not is_owner():
        return
    st.subheader(t("models.kept"), anchor=False)
    for name in kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(literal(name), width="stretch")
            download(name)
            delete_button("exports", name, t("models.delete_sure", name=literal(name)))
