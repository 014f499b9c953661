"""What a warm process keeps open: students, teachers, names of graphs.

The first question to a student opens it; the next finds it open. Each thing is kept with a stamp of
the files that it came from, so one that was replaced on disk is opened anew, and one whose graph
is another is refused as if it had never been open. A graph that was changed is read anew, and what
a student has learned stays open.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TypeVar

from core.answers.ear import Ear
from core.answers.student_scorer import StudentScorer
from core.errors import FormatError, NotFound, Stale
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.names import NameSearch
from core.graph.search import EntityIndex, entity_index
from core.graph.spelling import SpelledNames
from core.manifests import Stamp
from core.pretrained.embedders import DEFAULT_EMBEDDER, Embedder, load_embedder
from core.questions.answer_kinds import AnswerKind, answer_kinds
from core.student.language_model import Student, StudentModel, on_graph, open_model
from core.teacher.teachers import Teacher, made_of, open_teacher
from core.teacher.training import pick_device
from core.workspace import Workspace, writing

log = logging.getLogger(__name__)

KEPT = 4
"""Things of a kind that stay open; the one that was used longest ago goes first."""

Thing = TypeVar("Thing")
Cache = dict[tuple[str, ...], tuple[tuple[Stamp, ...], Thing]]

_models: Cache[StudentModel] = {}
_students: Cache[Student] = {}
_teachers: Cache[Teacher] = {}
_scorers: dict[tuple[str, str], StudentScorer] = {}
_linkers: Cache[Linker] = {}
_kinds: Cache[tuple[AnswerKind, ...]] = {}
_indexes: Cache[NameSearch] = {}
_embedders: Cache[Embedder] = {}


def student(workspace: Workspace, name: str, graph: str | None = None) -> Student:
    """A student with its graph or another one, on the fastest device there is.

    Raises:
        NotFound, Stale, FormatError: As `open_student`.
    """

    def load() -> Student:
        model = _kept(_models, (str(workspace.root), name), (own,), load_model)
        return on_graph(workspace, model, graph)

    def load_model() -> StudentModel:
        return open_model(workspace, name, pick_device("auto"))

    about = graph or workspace.read("students", name, "card.json")["graph"]
    own = workspace.stamp("students", name)
    now = (own, workspace.stamp("graphs", about))
    return _kept(_students, (str(workspace.root), name, about), now, load)


def teacher(workspace: Workspace, name: str) -> Teacher:
    """A teacher with its graph, on the fastest device there is.

    Raises:
        NotFound, Stale, FormatError: As `open_teacher`.
    """

    def load() -> Teacher:
        return open_teacher(workspace, name, str(pick_device("auto")))

    about = workspace.read("teachers", name, "card.json")["graph"]
    parts = sorted(made_of(workspace, name))
    now = (*(workspace.stamp("teachers", part) for part in parts), workspace.stamp("graphs", about))
    return _kept(_teachers, (str(workspace.root), name, about), now, load)


def ear(workspace: Workspace, student: Student) -> Ear | None:
    """What a student's teacher listens with; None where that is not here, or does not listen."""
    name = student.card["teacher"]
    try:
        return Ear.of(teacher(workspace, name), student)
    except (NotFound, Stale, FormatError, KeyError) as error:
        log.info("Student %s has no ear: %s", student.name, error)
        return None


def scorer(student: Student, ear: Ear | None) -> StudentScorer:
    """A student that is asked, with what it may say about the topics that it was asked about."""
    about = student.name, student.graph.hash
    kept = _scorers.pop(about, None)
    if kept is None or kept.student is not student:
        kept = StudentScorer(student, linker(student.graph))
    kept.make_room()
    _scorers[about] = kept
    while len(_scorers) > KEPT:
        del _scorers[next(iter(_scorers))]
    return kept.weighing(ear, kept.absence_weight)


def linker(graph: KnowledgeGraph) -> Linker:
    """All names of a graph; where its facts alone have changed, they are not gathered anew."""

    def load() -> Linker:
        for _, one in [*_linkers.values()]:  # another thread may add to them meanwhile
            if one.graph.has_names_of(graph):
                return one.over(graph)
        return Linker(graph)

    return _kept(_linkers, (graph.hash,), (), load)


def kinds(graph: KnowledgeGraph) -> tuple[AnswerKind, ...]:
    """The question word of each of a graph's relations."""
    return _kept(_kinds, (graph.hash,), (), lambda: answer_kinds(graph))


def index(workspace: Workspace, graph: KnowledgeGraph, embedder: str) -> NameSearch:
    """What finds the names of a graph that a text resembles, by its spelling or its vector.

    Vectors stand in the graph's folder; they are made on first use.

    Args:
        workspace: Where the graph is.
        graph: The graph.
        embedder: See `AskSettings.embedder`.

    Raises:
        NotFound: If there is no such text encoder.
        WorkspaceError: If the vectors cannot be written.
    """
    if embedder == DEFAULT_EMBEDDER:
        return _kept(_indexes, (graph.hash, embedder), (), lambda: SpelledNames(graph))
    folder = (
        workspace.folder("graphs", graph.name) / f"names-{re.sub(r'[^0-9A-Za-z]+', '-', embedder)}"
    )

    def load() -> EntityIndex:
        models = workspace.root / "models"
        encoder = _kept(_embedders, (embedder,), (), lambda: load_embedder(embedder, models))
        with writing(folder):
            return entity_index(graph, folder, encoder)

    return _kept(_indexes, (graph.hash, embedder), (), load)


def _kept(
    cache: Cache[Thing], key: tuple[str, ...], now: tuple[Stamp, ...], load: Callable[[], Thing]
) -> Thing:
    """What a cache holds under a key, if it still bears the stamps; else it is loaded."""
    before = cache.pop(key, None)
    thing = before[1] if before is not None and before[0] == now else load()
    cache[key] = now, thing
    while len(cache) > KEPT:
        cache.pop(next(iter(cache)))
    return thing
