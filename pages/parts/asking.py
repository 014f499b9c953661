"""Short questions to the resident worker, remembered until the model that answers them changes."""

from __future__ import annotations

from typing import overload

import streamlit as st

from core.catalogue import BY_SETTINGS
from core.errors import CoreError
from core.manifests import Stamp
from core.results.answer import Answer
from core.results.comparison import Comparison
from core.results.graph import ChangeReport
from core.results.record import Record
from core.results.trace import Trace
from core.results.what_if import WhatIf
from core.runs import resident
from core.settings import (
    AskSettings,
    CompareSettings,
    ExplainSettings,
    GraphEditSettings,
    Settings,
    WhatIfSettings,
)
from pages.parts.changes import owner_only
from pages.parts.names_only import names_only
from pages.parts.problem import problem
from pages.parts.state import store, workspace
from pages.parts.text import t


@overload
def ask_resident(settings: AskSettings) -> Answer | None: ...
@overload
def ask_resident(settings: ExplainSettings) -> Trace | None: ...
@overload
def ask_resident(settings: WhatIfSettings) -> WhatIf | None: ...
@overload
def ask_resident(settings: CompareSettings) -> Comparison | None: ...
def ask_resident(settings: Settings) -> Record | None:
    """Run the short recipe of these settings in the warm worker; show a spinner meanwhile.

    Returns:
        Its result; None where it failed, after one sentence that says why.
    """
    words = "asking.warm" if resident.is_warm(store()) else "asking.cold"
    recipe, asked = BY_SETTINGS[type(settings)].recipe, settings.model_dump_json()
    try:
        names_only(settings)
        with st.spinner(t(words), show_time=True):
            return _remembered(str(workspace().root), recipe, asked, _made(settings), settings)
    except CoreError as error:
        problem(error)
        return None


@owner_only
def edit_graph(settings: GraphEditSettings) -> ChangeReport:
    """Change a graph in the warm worker, or say what would change.

    Raises:
        CoreError: As the recipe says.
    """
    with st.spinner(t("asking.warm"), show_time=True):
        made: ChangeReport = resident.call(store(), "edit_graph", names_only(settings))
    return made


@st.cache_data(show_spinner=False, max_entries=200)
def _remembered(root: str, recipe: str, asked: str, made: Stamp, _settings: Settings) -> Record:
    result: Record = resident.call(store(), recipe, _settings)
    return result


def _made(settings: Settings) -> Stamp:
    """The stamp of the model that is asked."""
    for kind, field in (("students", "student"), ("teachers", "teacher")):
        name = getattr(settings, field, None)
        if name is not None:
            return workspace().stamp(kind, name)
    return ()
