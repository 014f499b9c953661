"""The last result of a recipe about a graph: live while it is made, with a button to make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from core.catalogue import BY_SETTINGS
from core.errors import CallerError, FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.results.record import Record
from core.runs.run import ACTIVE, Run, RunState
from core.settings import GraphCheckSettings, RuleSettings
from pages.parts.changes import is_owner, start
from pages.parts.problem import problem
from pages.parts.runs.run_progress import run_progress
from pages.parts.state import store
from pages.parts.text import t

Found = TypeVar("Found", bound=Record)

LOOKED_AT = 50
"""Last runs among which that of this graph is looked for."""


def last_result(
    graph: KnowledgeGraph, settings: GraphCheckSettings | RuleSettings, kind: type[Found], key: str
) -> Found | None:
    """Show how far it is, and a button that starts it.

    Args:
        graph: The graph.
        settings: With which it would be started.
        kind: Of the result.
        key: Of the words: `<key>.start`, `<key>.start_help`, `<key>.none`.

    Returns:
        The result; None while there is none to show.
    """
    recipe = BY_SETTINGS[type(settings)].recipe
    if (run := _last(recipe, graph.name, ACTIVE)) is not None:
        run_progress(run.id)
        return None
    if is_owner():
        st.button(
            t(f"{key}.start"),
            icon=":material/play_arrow:",
            help=t(f"{key}.start_help"),
            on_click=_start,
            args=(recipe, settings),
        )
    done = _last(recipe, graph.name, (RunState.SUCCEEDED,))
    if done is None or not done.result:
        st.caption(t(f"{key}.none"))
        return None
    try:
        return kind.from_record(done.result)
    except FormatError as error:
        problem(error)
        return None


def _last(recipe: str, graph: str, states: Sequence[RunState]) -> Run | None:
    runs = store().runs(LOOKED_AT, recipe, tuple(states))
    return next((run for run in runs if run.settings["graph"] == graph), None)


def _start(recipe: str, settings: GraphCheckSettings | RuleSettings) -> None:
    try:
        start(recipe, settings)
    except CallerError as error:
        problem(error)
