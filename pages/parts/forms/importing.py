"""Imports as runs: files from the browser, the run while you watch, and what there is after it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core import sources
from core.errors import NotFound, SettingsError
from core.runs.run import Run, RunState
from core.runs.store import housekeeping
from core.runs.store.housekeeping import size
from core.settings import Settings
from pages.parts.changes import owner_only, start
from pages.parts.runs.run_progress import run_progress
from pages.parts.state import remember, store, workspace
from pages.parts.text import t, t_plain

SPARE_BYTES = 200_000_000
"""What uploads leave free on the disk: room for what is made of them to begin with."""


def start_import(recipe: str, settings: Settings) -> None:
    """Submit the run, put it into the address, where a refresh finds it, and draw the page anew."""
    remember(run=start(recipe, settings))
    st.rerun()


def show_import(recipes: Sequence[str]) -> Run | None:
    """The import that the address names, live while it goes on.

    Returns:
        None if the address names no run of these recipes: the page then shows itself. A run that
        has succeeded is returned once, its id out of the address; any other is shown here, and the
        page has nothing to add.
    """
    run_id = st.query_params.get("run")
    try:
        run = store().run(run_id) if run_id else None
    except NotFound:
        run = None
    if run is None or run.recipe not in recipes:
        remember(run=None)
        return None
    if run.state is not RunState.SUCCEEDED:
        run_progress(run.id)
        if run.state.is_over and st.button(t("import.again"), icon=":material/undo:"):
            remember(run=None)
            st.rerun()
        return run
    remember(run=None)
    return run


@owner_only
def keep_uploads(files: Sequence[UploadedFile]) -> list[str]:
    """Write uploaded files where a run can read them; it removes them once they are imported.

    Args:
        files: As the browser sent them.

    Returns:
        Their names, for the settings of a run.

    Raises:
        NotAllowed: If whoever sent them is a guest.
        SettingsError: If there are none, or there is no room for them.
        WorkspaceError: If the disk is full or the workspace cannot be written.
    """
    if not files:
        raise SettingsError(t_plain("import.no_files"))
    _check_room(sum(file.size for file in files))
    return sources.keep_uploads(workspace(), [(file.name, file.getbuffer()) for file in files])


@owner_only
def _check_room(wanted: int) -> None:
    """Refuse more than all uploads may take together, or more than the disk can take.

    The size of one file is bounded by Streamlit, before it arrives: `server.maxUploadSize`.
    """
    most, used = sources.most_upload_bytes(), sources.upload_bytes(workspace())
    if used + wanted > most:
        housekeeping.clear_uploads(store())
        used = sources.upload_bytes(workspace())
    told = {"wanted": size(wanted), "used": size(used), "most": size(most)}
    if used + wanted > most:
        raise SettingsError(t_plain("import.quota", **told))
    workspace().ensure()
    free = shutil.disk_usage(workspace().root).free
    if wanted + SPARE_BYTES > free:
        raise SettingsError(t_plain("import.no_room", **told, free=size(free)))
