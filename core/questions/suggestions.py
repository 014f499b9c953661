"""What a graph can be asked, put into words: offered where a question is not answered for certain.

Each is a path from an entity, and the graph itself answers it: no model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.answer_kinds import AnswerKind
from core.questions.label_phrases import label_phrases
from core.records import RelationPath, inverse
from core.results.answer import Answer, Decision, Suggestion
from core.results.named import Named

LIKELIEST: Final = 3
"""Paths of the student that are offered."""

OFFERED: Final = 5
"""Suggestions at most."""


def suggestions(
    answer: Answer, graph: KnowledgeGraph, kinds: Sequence[AnswerKind]
) -> tuple[Suggestion, ...]:
    """What is offered beside an answer; nothing where it is sure, or has several topics.

    Of an unsure answer the likeliest paths; where the graph may not say, or nothing is asked, what
    it has there instead; where no entity is named, what it has at all.

    Args:
        answer: To a question.
        graph: That was asked.
        kinds: The question word of every relation code, see `answer_kinds`.
    """
    if not answer.topics:
        return examples(graph, kinds, answer.language)
    if len(answer.topics) > 1 or graph.find_entity(answer.topics[0].id) is None:
        return ()
    paths: list[RelationPath] = []
    if answer.decision is Decision.UNSURE and not answer.asks_nothing:
        likeliest = [path.relations for path in answer.paths if path.supported]
        paths = list(dict.fromkeys(likeliest))[:LIKELIEST]
    if answer.decision is Decision.NOT_IN_GRAPH or answer.asks_nothing or answer.doubts_graph:
        paths += nearby(answer, graph)
    topic = answer.topics[0]
    about = Named(id=topic.id, label=topic.label)
    return tuple(
        Suggestion(
            question=in_words(graph, kinds, path, topic.label, answer.language),
            topic=about,
            relations=path,
        )
        for path in list(dict.fromkeys(paths))[:OFFERED]
    )


def nearby(answer: Answer, graph: KnowledgeGraph) -> list[RelationPath]:
    """The relations that lead on from where something was looked for in vain.

    First those that the student thought of, the likeliest first, then those that are walked forward
    and lead to little.
    """
    lacking = answer.looked_for
    at = lacking.at.id if lacking else answer.topics[0].id
    before = tuple(hop.relation.id for hop in lacking.hops) if lacking else ()
    entity = graph.find_entity(at)
    if entity is None:
        return []
    _, codes, counts = graph.relations_of(np.array([entity], np.int32))
    thought = {
        path: sum(p.probability for p in answer.paths if p.relations[: len(path)] == path)
        for path in ((*before, graph.relation_id(code)) for code in codes.tolist())
    }
    number = dict(zip(thought, counts.tolist(), strict=True))
    there = [path for path in thought if not before or path[-1] != inverse(before[-1])]
    there.sort(key=lambda path: (-thought[path], path[-1].startswith("~"), number[path]))
    return there[:OFFERED]


def examples(
    graph: KnowledgeGraph, kinds: Sequence[AnswerKind], language: str
) -> tuple[Suggestion, ...]:
    """Questions that show what a graph is about: of its commonest relations, its best-known entity.

    No entity comes twice.
    """
    found: dict[int, Suggestion] = {}
    numbers = np.bincount(graph.relations, minlength=graph.relation_count)
    for code in np.argsort(-numbers, kind="stable")[:OFFERED].tolist():
        heads = np.setdiff1d(graph.heads[graph.relations == code], list(found))
        if not len(heads):
            continue
        best = int(heads[np.argmax(graph.degree(heads))])
        path, label = (graph.relation_id(code),), graph.label(best, language)
        found[best] = Suggestion(
            question=in_words(graph, kinds, path, label, language),
            topic=Named(id=graph.entity_id(best), label=label),
            relations=path,
        )
    return tuple(found.values())


def in_words(
    graph: KnowledgeGraph,
    kinds: Sequence[AnswerKind],
    path: RelationPath,
    topic: str,
    language: str,
) -> str:
    """A path as the plainest question that the labels of its relations give.

    Args:
        graph: Whose relations they are.
        kinds: See `suggestions`.
        path: At least one.
        topic: What the question is about.
        language: Of the question.
    """
    count = graph.relation_count
    *before, last = (
        label_phrases(
            graph.relation_label(code % count, language),
            language,
            backward=code >= count,
            asked=kinds[code],
        )
        for code in map(graph.relation, path)
    )
    for phrases in before:
        topic = next(one for one in phrases if not one.is_question).say(topic, several=False)
    return next(one for one in last if one.is_question).say(topic, several=False)
