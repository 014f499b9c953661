"""What pages hold on to: the workspace, the store of runs, opened graphs, and ids in the address.

The browser's session holds ids and choices only. Things read from disk are cached by the stamp of
their files, so a page never shows what a finished run has replaced, or what was damaged since.
"""

from __future__ import annotations

from typing import Final, Literal, overload

import streamlit as st

from core.errors import FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.manifests import Stamp
from core.records import LONGEST_QUESTION
from core.remaking import SUMMARIES
from core.results.evaluation import Evaluation
from core.results.graph import ImportReport
from core.results.record import Record
from core.results.summaries import QuestionsSummary, StudentSummary, TeacherSummary
from core.runs.store.store import Store
from core.workspace import Workspace
from pages.parts.text import clipped

READ_AS: Final[dict[str, type[Record]]] = {
    "graphs": ImportReport,
    "questions": QuestionsSummary,
    "teachers": TeacherSummary,
    "students": StudentSummary,
    "evaluations": Evaluation,
}
"""What the summary of a kind is read as."""


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
    space = workspace()
    return _graph(str(space.root), name, space.stamp("graphs", name))


@overload
def card(kind: Literal["graphs"], name: str) -> ImportReport: ...
@overload
def card(kind: Literal["questions"], name: str) -> QuestionsSummary: ...
@overload
def card(kind: Literal["teachers"], name: str) -> TeacherSummary: ...
@overload
def card(kind: Literal["students"], name: str) -> StudentSummary: ...
@overload
def card(kind: Literal["evaluations"], name: str) -> Evaluation: ...
def card(kind: str, name: str) -> Record:
    """The summary of something in the workspace: the JSON file that its recipe left in its folder.

    Raises:
        NotFound: If there is none by that name.
        FormatError: If its summary is missing or damaged.
    """
    space, file = workspace(), SUMMARIES[kind]
    return _card(str(space.root), kind, name, file, space.stamp(kind, name, file))


def names(kind: str) -> list[str]:
    """What the workspace holds of a kind, sorted by name."""
    return workspace().names(kind)


def asked(parameter: str, options: list[str]) -> str | None:
    """The option that the address asks for (`?graph=films`), or None if it is not among them."""
    wanted = st.query_params.get(parameter)
    return wanted if wanted in options else None


def asked_number(parameter: str, least: float, most: float) -> float | None:
    """The number that the address asks for (`?hop=2`), or None if it is not between these."""
    try:
        number = float(st.query_params.get(parameter, "nan"))
    except ValueError:
        return None
    return number if least <= number <= most else None


def asked_text(parameter: str) -> str:
    """The text that a copied address carries, in one line; empty where there is none."""
    return clipped(st.query_params.get(parameter, ""), LONGEST_QUESTION)


def remember(**parameters: str | None) -> None:
    """Write ids into the address; None takes a parameter out. Never put texts there; what is typed
    goes into an address that is copied alone, see `copy_address`.
    """
    for parameter, value in parameters.items():
        if value is None:
            st.query_params.pop(parameter, None)
        elif st.query_params.get(parameter) != value:
            st.query_params[parameter] = value


@st.cache_resource(show_spinner=False)
def _store(root: str) -> Store:
    return Store(Workspace(root))


@st.cache_resource(show_spinner=False, max_entries=8)
def _graph(root: str, name: str, stamp: Stamp) -> KnowledgeGraph:
    return KnowledgeGraph.open(Workspace(root).open("graphs", name))


@st.cache_data(show_spinner=False, max_entries=256)
def _card(root: str, kind: str, name: str, file: str, stamp: Stamp) -> Record:
    record = Workspace(root).read(kind, name, file)
    try:
        return READ_AS[kind].from_record(record)
    except FormatError as error:
        raise FormatError(f"{kind}/{name}/{file}: {clipped(error)}") from error
