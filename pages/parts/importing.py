"""Imports as runs: files from the browser, the run while you watch, and what there is after it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.containment import within
from core.errors import NotFound, SettingsError
from core.jobs.runs import Run, RunState
from core.settings import Settings
from core.workspace import writing
from pages.parts.changes import is_owner, owner_only, start
from pages.parts.run_progress import run_progress
from pages.parts.state import remember, store, workspace
from pages.parts.text import t


def start_import(recipe: str, settings: Settings) -> None:
    """Submit the run, put it into the address, where a refresh finds it, and draw the page anew."""
    remember(run=start(recipe, settings))
    st.rerun()


def show_import(recipes: Sequence[str]) -> Run | None:
    """The import that the address names, live while it goes on.

    Returns:
        None if the address names no run of these recipes: the page then shows itself. A run that
        has succeeded is returned once, its uploads gone and its id out of the address; any other
        is shown here, and the page has nothing to add.
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
    if is_owner():
        _forget_uploads(run.recipe, str(run.settings["name"]))
    remember(run=None)
    return run


@owner_only
def keep_uploads(recipe: str, name: str, files: Sequence[UploadedFile]) -> tuple[str, ...]:
    """Write uploaded files where a run can read them, in place of an earlier attempt's.

    Args:
        recipe: The recipe that will read them.
        name: What it will make; a name that `checked_name` has let through.
        files: As the browser sent them.

    Returns:
        Their paths.

    Raises:
        NotAllowed: If whoever sent them is a guest.
        SettingsError: If there are none.
        WorkspaceError: If the disk is full or the workspace cannot be written.
    """
    if not files:
        raise SettingsError(t("import.no_files"))
    folder = _folder(recipe, name)
    _forget_uploads(recipe, name)
    paths = []
    with writing(folder):
        for number, file in enumerate(files, 1):
            path = folder / str(number) / (Path(file.name).name or "file")
            path.parent.mkdir(parents=True)
            path.write_bytes(file.getbuffer())
            paths.append(str(path))
    return tuple(paths)


@owner_only
def _forget_uploads(recipe: str, name: str) -> None:
    shutil.rmtree(_folder(recipe, name), ignore_errors=True)


def _folder(recipe: str, name: str) -> Path:
    return within(workspace().root / "uploads", f"{recipe}/{name}")
