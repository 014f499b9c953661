"""What pages hold on to: the workspace, the store of runs, opened graphs, and ids in the address.

The browser's session holds ids and choices only. Things read from disk are cached by the time of
their last change, so a page never shows what a finished run has replaced.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.jobs.store import Store
from core.workspace import Workspace, read_json


def workspace() -> Workspace:
    """The workspace of this installation (`PATHDISTILL_HOME`)."""
    return Workspace()


def store() -> Store:
    """The store of runs of this workspace; one for all sessions."""
    return _store(str(workspace().root))


def open_graph(name: str) -> KnowledgeGraph:
    """A graph of the workspace, opened once until it changes.

    Raises:
        NotFound: If there is none by that name.
        FormatError: If its files are damaged.
    """
    folder = workspace().folder("graphs", name)
    return _graph(str(folder), _changed(folder / "graph.json"))


def card(kind: str, name: str) -> dict[str, Any]:
    """The summary of something in the workspace: the JSON file that its recipe left in its folder.

    Args:
        kind: `graphs` (its import.json), `questions` (set.json), `teachers`, `labels`, `students`
            (card.json) or `evaluations` (evaluation.json).
        name: Which one.

    Raises:
        NotFound: If there is none by that name.
        FormatError: If its summary is missing or damaged.
    """
    path = workspace().folder(kind, name) / _SUMMARIES.get(kind, "card.json")
    return dict(_json(str(path), _changed(path)))


def names(kind: str) -> list[str]:
    """What the workspace holds of a kind, sorted by name."""
    return workspace().names(kind)


def asked(parameter: str, options: list[str]) -> str | None:
    """The option that the address asks for (`?graph=films`), or None if it is not among them."""
    wanted = st.query_params.get(parameter)
    return wanted if wanted in options else None


def remember(**parameters: str | None) -> None:
    """Write ids into the address; None takes a parameter out. Never put texts or settings there."""
    for parameter, value in parameters.items():
        if value is None:
            st.query_params.pop(parameter, None)
        elif st.query_params.get(parameter) != value:
            st.query_params[parameter] = value


_SUMMARIES = {"graphs": "import.json", "questions": "set.json", "evaluations": "evaluation.json"}


def _changed(path: Path) -> int:
    """Time of the last change in nanoseconds; 0 where there is no such file."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@st.cache_resource(show_spinner=False)
def _store(root: str) -> Store:
    return Store(Workspace(root))


@st.cache_resource(show_spinner=False, max_entries=8)
def _graph(folder: str, changed: int) -> KnowledgeGraph:
    return KnowledgeGraph.open(Path(folder))


@st.cache_data(show_spinner=False, max_entries=256)
def _json(path: str, changed: int) -> Any:
    return read_json(Path(path))
