"""Short questions to the resident worker, remembered until the model that answers them changes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import CoreError
from core.manifests import Stamp
from core.runs import resident
from core.settings import Settings
from pages.parts.names_only import names_only
from pages.parts.problem import problem
from pages.parts.state import store, workspace
from pages.parts.text import t


def think(recipe: str, settings: Settings) -> dict[str, Any] | None:
    """Run a short recipe in the warm worker and show a spinner meanwhile.

    Returns:
        Its result; None where it failed, after one sentence that says why.
    """
    words = "asking.warm" if resident.is_warm(store()) else "asking.cold"
    asked = settings.model_dump_json()
    try:
        names_only(settings)
        with st.spinner(t(words), show_time=True):
            return _remembered(str(workspace().root), recipe, asked, _made(settings), settings)
    except CoreError as error:
        problem(error)
        return None


@st.cache_data(show_spinner=False, max_entries=200)
def _remembered(
    root: str, recipe: str, asked: str, made: Stamp, _settings: Settings
) -> dict[str, Any]:
    return resident.call(store(), recipe, _settings)


def _made(settings: Settings) -> Stamp:
    """The stamp of the model that is asked."""
    for kind, field in (("students", "student"), ("teachers", "teacher")):
        name = getattr(settings, field, None)
        if name is not None:
            return workspace().stamp(kind, name)
    return ()
