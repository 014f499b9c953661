"""Lay a teacher's and a student's soft labels for one question side by side, on the same tree.

The tree is cut to the teacher's best paths as a label is: where a node is expanded, all that may
follow is there; what lies below another node is one bucket. Both sides are exact on it. The student
is scored over its whole vocabulary, so its masses lack what it would say outside the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from core.answers import model_cache
from core.answers.naming import Naming
from core.answers.topics import find_all_topics, topic_tree
from core.errors import Stale
from core.graph.path_tree import ROOT, follow_path
from core.labels import choices
from core.labels.path_labels import PathLabel
from core.plain_text import language_of
from core.records import TOPIC_MARK
from core.report import Report
from core.results.comparison import ComparedNode, ComparedPath, Comparison, NodeShare
from core.settings import CompareSettings
from core.student.language_model import Student
from core.student.path_trie import build_trie
from core.student.scoring import score_tree
from core.teacher.labelling import labels_of
from core.teacher.reasoning import ScoredQuestion
from core.workspace import Workspace

KEPT = 32
"""Best paths of the teacher that the tree is cut to."""

MOST_NODES = 150
MOST_PATHS = 20


@dataclass(frozen=True, eq=False)
class Side:
    """One side's masses on a label's tree.

    Attributes:
        masses: `(nodes,)` of all paths through each node, 1 at the root.
        stops: `(nodes,)` of the path that ends there; 0 where the node is not expanded.
    """

    masses: np.ndarray
    stops: np.ndarray


class Sides(NamedTuple):
    """Both sides on one tree."""

    teacher: Side
    student: Side


def run(settings: CompareSettings, report: Report, workspace: Workspace) -> Comparison:
    """Compare a student with the teacher that it learned from.

    Raises:
        NotFound: If there is no such student or topic, its teacher is gone, no topic is recognised,
            or nothing leads on from it.
        Stale: If the graph has changed since, or the teacher is another now.
    """
    report.stage("ask")
    student = model_cache.student(workspace, settings.student)
    teacher = model_cache.teacher(workspace, student.card["teacher"])
    graph = student.graph
    if teacher.graph.hash != graph.hash:
        raise Stale(
            "Teacher {teacher!r} reasons over graph {graph!r} now, student "
            "{student!r} speaks about {other!r}; distil the student again.",
            teacher=teacher.name,
            graph=teacher.graph.name,
            student=student.name,
            other=graph.name,
        )
    language = language_of(settings.question)
    naming, linker = Naming(graph, language), model_cache.linker(graph)
    (topic,) = find_all_topics(workspace, naming, settings.question, settings.topic, ())
    tree = topic_tree(teacher.grower(linker), topic)
    scored = next(teacher.scorer.score([tree]))
    (cut,) = labels_of(graph, ScoredQuestion((tree,), (scored,)), "prior", KEPT)
    prompt = student.speller.prompt(topic.question.masked(topic.entity, TOPIC_MARK))
    sides = Sides(Side(cut.masses, cut.stops), student_side(student, cut, prompt))
    paths = compared_paths(naming, cut, sides)
    return Comparison(
        question=settings.question,
        language=language,
        teacher=teacher.name,
        student=student.name,
        topics=(topic.match,),
        candidates=topic.candidates,
        nodes=compared_nodes(naming, topic.entity, cut, sides),
        paths=paths,
        kl_path=path_divergence(cut, *sides),
        kl_choice=choice_divergence(cut, *sides),
        off_graph=max(0.0, 1.0 - float(leaves(cut, sides.student).sum())),
        rest=max(0.0, 1.0 - sum(path.teacher for path in paths)),
    )


def student_side(student: Student, cut: PathLabel, prompt: Sequence[int]) -> Side:
    """A student's masses on a label's tree, in one pass.

    Args:
        student: The student, ready to score.
        cut: The label.
        prompt: Tokens of the question, up to and with `<path>`.
    """
    trie = build_trie(cut.parents, cut.relations, cut.expanded, student.speller)
    masses = np.exp(score_tree(student.model, prompt, trie))
    return Side(masses[trie.at], np.where(trie.ends >= 0, masses[trie.ends], 0.0))


def leaves(cut: PathLabel, side: Side) -> np.ndarray:
    """Masses of all paths that end at an expanded node, and of the buckets: `(nodes,)`."""
    return np.where(cut.expanded, side.stops, side.masses)


def path_divergence(cut: PathLabel, teacher: Side, student: Side) -> float:
    """KL of the two distributions over paths and buckets, in nats."""
    return choices.kl_divergence(leaves(cut, teacher), leaves(cut, student))


def choice_divergence(cut: PathLabel, teacher: Side, student: Side) -> float:
    """The same if the student were confined to the graph.

    At each expanded node the student's choices are renormalised, and their KL counts by the
    teacher's mass there.
    """

    def ways_on(side: Side, node: int) -> np.ndarray:
        return np.append(side.masses[cut.parents == node], side.stops[node])

    return choices.choice_divergence(
        (float(teacher.masses[node]), ways_on(teacher, node), ways_on(student, node))
        for node in np.flatnonzero(cut.expanded).tolist()
    )


def compared_nodes(
    naming: Naming, topic: int, cut: PathLabel, sides: Sides
) -> tuple[ComparedNode, ...]:
    """The tree for a reader, those nodes of most mass; a node of its own for each way to stop.

    A node never stands there without its parent, whose mass is at least as large.
    """
    count = len(cut.parents)
    ending = [node for node in np.flatnonzero(cut.expanded).tolist() if node != ROOT]
    nodes = [_node(naming, cut, sides, node, stop=False, id=node) for node in range(count)]
    nodes += [_node(naming, cut, sides, node, stop=True, id=count + node) for node in ending]
    nodes.sort(key=lambda node: -(node.teacher.mass + node.student.mass))
    return tuple(_reaching(naming, topic, node) for node in nodes[:MOST_NODES])


def _reaching(naming: Naming, topic: int, node: ComparedNode) -> ComparedNode:
    """A node with what its path reaches."""
    codes = [naming.graph.find_relation(relation) for relation in node.path]
    known = tuple(code for code in codes if code is not None)
    frontiers = follow_path(naming.graph, topic, known)
    if len(frontiers) <= len(node.path):  # what is looked for is not there
        return node
    there = frontiers[-1]
    return replace(node, frontier=naming.top_entities(there), frontier_size=len(there))


def compared_paths(naming: Naming, cut: PathLabel, sides: Sides) -> tuple[ComparedPath, ...]:
    """The paths of most mass on either side."""
    best = np.maximum(sides.teacher.stops, sides.student.stops)
    order = [int(node) for node in np.argsort(-best, kind="stable")[:MOST_PATHS] if best[node] > 0]
    return tuple(
        ComparedPath(
            relations=cut.path(node),
            labels=tuple(naming.claimed(relation).label for relation in cut.path(node)),
            teacher=min(float(sides.teacher.stops[node]), 1.0),
            student=min(float(sides.student.stops[node]), 1.0),
        )
        for node in order
    )


def _node(
    naming: Naming, cut: PathLabel, sides: Sides, node: int, *, stop: bool, id: int
) -> ComparedNode:
    parent = node if stop else int(cut.parents[node])
    inner = not stop and node != ROOT
    return ComparedNode(
        id=id,
        parent=parent if parent >= 0 else None,
        relation=naming.claimed(cut.relations[node]) if inner else None,
        stop=stop,
        path=cut.path(node),
        teacher=_share(sides.teacher, node, parent, stop),
        student=_share(sides.student, node, parent, stop),
    )


def _share(side: Side, node: int, parent: int, stop: bool) -> NodeShare:
    mass = float(side.stops[node] if stop else side.masses[node])
    above = float(side.masses[parent]) if parent >= 0 else 1.0
    probability = min(mass / above, 1.0) if above > 0 else 0.0
    return NodeShare(probability=probability, mass=min(mass, 1.0))
