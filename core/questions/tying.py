"""A question as a file has it, tied to a graph: what the graph lacks is left out, and said.

A question cannot be asked where the graph lacks a topic or all of the answers. A gold path that the
graph cannot follow is dropped and its question kept, since the answers still teach; with several
topics, an alternative is dropped as a whole, and so is one whose paths do not meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.records import Question, RelationPath


def known_entities(graph: KnowledgeGraph, questions: Iterable[Question]) -> dict[str, int]:
    """Numbers of all topics and answers at once: one pass over the graph's ids."""
    ids = list(dict.fromkeys(name for q in questions for name in (*q.topics, *q.answers)))
    numbers = graph.find_entities(ids).tolist() if ids else []
    return {name: number for name, number in zip(ids, numbers, strict=True) if number >= 0}


def tied(
    question: Question,
    graph: KnowledgeGraph,
    known: Mapping[str, int],
    *,
    whole_answer: bool = True,
) -> tuple[Question | None, str]:
    """The question as the graph has it, or None; and what was wrong, or an empty text.

    Args:
        question: As its file has it.
        graph: The graph that it is about.
        known: Numbers of its topics and answers, see `known_entities`.
        whole_answer: False where the file names but one of the answers: the answer set is then all
            that the gold path reaches.
    """
    if unknown := [topic for topic in question.topics if topic not in known]:
        return None, f"the graph has no topic entity {unknown[0]!r}"
    topics = [known[topic] for topic in question.topics]
    ends = {paths: _meeting(graph, topics, paths) for paths in question.alternatives()}
    followed = {paths: reached for paths, reached in ends.items() if reached}
    if followed and not whole_answer:
        answers = next(iter(followed.values()))
    else:
        answers = tuple(name for name in dict.fromkeys(question.answers) if name in known)
    if not answers:
        return None, "the graph has none of the answers"
    paths = tuple(path for alternative in followed for path in alternative)
    result = replace(question, answers=answers, paths=paths)
    result = result if result.group else replace(result, group=group_of(result))
    return result, _wrong_with(question, len(ends) - len(followed))


def group_of(question: Question) -> str:
    """What paraphrases share: topics and first gold alternative, or else topics and answers."""
    first = question.paths[: len(question.topics)]
    last = [step for path in first for step in path] or sorted(question.answers)
    return " ".join((*question.topics, *last))


def _meeting(
    graph: KnowledgeGraph, topics: Iterable[int], paths: tuple[RelationPath, ...]
) -> tuple[str, ...]:
    """What one path from each topic reaches together; may be nothing."""
    ends = []
    for topic, path in zip(topics, paths, strict=True):
        codes = relation_codes(graph, path)
        walk = follow_path(graph, topic, codes) if codes else []
        ends.append(set(walk[-1].tolist()) if len(walk) == len(path) + 1 else set())
    return tuple(graph.entity_id(entity) for entity in sorted(set.intersection(*ends)))


def _wrong_with(question: Question, dropped: int) -> str:
    """What became of the gold paths, or an empty text."""
    topics, paths = len(question.topics), len(question.paths)
    if paths % topics:
        return f"its gold paths are dropped: {paths} for {topics} topics, one each is expected"
    if not dropped:
        return ""
    if topics > 1:
        return "its gold paths are dropped: the graph cannot follow them to a common end"
    return "its gold path is dropped: the graph cannot follow it"
