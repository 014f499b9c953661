"""What would the teacher say if a fact more were there, or a fact, an entity, a word were not?

The same question is asked twice, of the graph as it is and as it is supposed to be, and both
distributions are laid side by side.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from core.answers import model_cache
from core.answers.naming import Naming
from core.answers.supposing import (
    edges_named,
    edges_to_add,
    fewer_words,
    in_fewer_words,
    supposed_graph,
    teacher_over,
)
from core.answers.topics import find_all_topics, topic_tree
from core.graph.knowledge_graph import KnowledgeGraph
from core.plain_text import language_of
from core.records import TOPIC_MARK, RelationPath
from core.report import Report
from core.results.what_if import AnswerChange, PathChange, Removed, WhatIf
from core.settings import WhatIfSettings
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.reasoning import Scorer, missing_paths
from core.workspace import Workspace

MOST = 10
"""Paths and answers shown, those first that are probable on either side."""

Key = TypeVar("Key", bound=RelationPath | int)


@dataclass(frozen=True)
class Distribution:
    """What a teacher says to a question.

    Attributes:
        paths: Relation path -> probability.
        answers: Entity number -> probability of being an answer.
    """

    paths: dict[RelationPath, float]
    answers: dict[int, float]


def run(settings: WhatIfSettings, report: Report, workspace: Workspace) -> WhatIf:
    """A teacher's paths and answers as things are, and as they are supposed to be.

    Raises:
        NotFound: If there is no such teacher, topic, edge, entity or word, or nothing leads on from
            the topic even with everything there.
        Stale: If the teacher's graph has changed since it was trained.
    """
    report.stage("ask")
    began = time.monotonic()
    teacher = model_cache.teacher(workspace, settings.teacher)
    graph = teacher.graph
    language = language_of(settings.question)
    naming = Naming(graph, language)
    (topic,) = find_all_topics(workspace, naming, settings.question, settings.topic, ())
    grower = teacher.grower(model_cache.linker(graph))
    question = topic_tree(grower, topic)
    before = distribution(graph, teacher.scorer, question)
    other = teacher_over(teacher, supposed_graph(graph, [topic], settings))
    after = distribution(
        other.graph,
        other.scorer,
        _asked_anew(grower, other.graph, question, settings.without_words),
    )
    return WhatIf(
        question=settings.question,
        language=language,
        teacher=teacher.name,
        topics=(topic.match,),
        words=tuple(topic.match.label if word == TOPIC_MARK else word for word in question.words),
        removed=Removed(
            edges=naming.chain(edges_named(graph, settings.without_edges)),
            entities=tuple(naming.entity(graph.entity(one)) for one in settings.without_entities),
            words=settings.without_words,
        ),
        added=naming.chain(edges_to_add(graph, settings.with_edges)),
        paths=path_changes(naming, before, after),
        answers=answer_changes(naming, before, after),
        moved=moved(before, after),
        seconds=time.monotonic() - began,
    )


def distribution(graph: KnowledgeGraph, scorer: Scorer, question: QuestionTree) -> Distribution:
    """Score one question's tree and read off its paths and answers; nothing from a lone root."""
    if len(question.tree) == 1:
        return Distribution({}, {})
    scored = next(iter(scorer.score([question])))
    entities, chance = scored.answers()
    paths = {
        tuple(graph.relation_id(code) for code in scored.tree.prefix(node)): float(p)
        for node, p in enumerate(scored.path.tolist())
        if p > 0
    }
    lacking = missing_paths(graph, scored.tree, scored.missing)
    paths |= {path: p for path, p in lacking.items() if p > 0}
    return Distribution(paths, dict(zip(entities.tolist(), chance.tolist(), strict=True)))


def path_changes(
    naming: Naming, before: Distribution, after: Distribution
) -> tuple[PathChange, ...]:
    """Paths for a reader, with their probability on both sides.

    One that the graph has no longer is `gone`, which is more than improbable.
    """
    best = _best(before.paths, after.paths)
    return tuple(
        PathChange(
            relations=path,
            labels=tuple(naming.claimed(name).label for name in path),
            before=before.paths.get(path, 0.0),
            after=after.paths.get(path, 0.0),
            gone=path in before.paths and path not in after.paths,
        )
        for path in best
    )


def answer_changes(
    naming: Naming, before: Distribution, after: Distribution
) -> tuple[AnswerChange, ...]:
    """Answers for a reader, with their probability on both sides."""
    return tuple(
        AnswerChange(
            id=named.id,
            label=named.label,
            before=before.answers.get(entity, 0.0),
            after=after.answers.get(entity, 0.0),
        )
        for entity in _best(before.answers, after.answers)
        for named in [naming.entity(entity)]
    )


def moved(before: Distribution, after: Distribution) -> float:
    """Total variation between the two path distributions: 0 unchanged, 1 nothing in common."""
    paths = dict.fromkeys([*before.paths, *after.paths])  # in an order that does not change
    return 0.5 * sum(abs(before.paths.get(p, 0.0) - after.paths.get(p, 0.0)) for p in paths)


def _best(before: dict[Key, float], after: dict[Key, float]) -> list[Key]:
    either = {key: max(before.get(key, 0.0), after.get(key, 0.0)) for key in {*before, *after}}
    return sorted(either, key=lambda key: (-either[key], key))[:MOST]


def _asked_anew(
    grower: TreeGrower, graph: KnowledgeGraph, question: QuestionTree, without: tuple[str, ...]
) -> QuestionTree:
    """The question without some words, on the tree that another graph gives: maybe its root."""
    if graph is grower.graph:
        return in_fewer_words(grower, question, without)
    anew = replace(grower, graph=graph)
    grown = anew.around(question.tree.topic, question.words)
    nothing = np.zeros(len(grown.tree))
    bare = replace(
        question,
        tree=grown.tree,
        kinds=grown.kinds,
        absent=grown.absent,
        match=nothing,
        gold=nothing > 0,
    )
    return anew.reworded(bare, fewer_words(question.masked, without))
