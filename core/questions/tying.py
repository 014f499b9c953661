"""A question as a file has it, tied to a graph: what the graph lacks is left out, and said.

A question cannot be asked where the graph lacks a topic or all of the answers. A gold path that the
graph cannot follow is dropped and its question kept, since the answers still teach; with several
topics, an alternative is dropped as a whole, and so is one whose paths do not meet.

A question without answers says in its gold path what is looked for in vain (see `MISSING`); it is
kept where that is so: the graph follows the path up to there, and no further. A relation that the
graph does not know at all is none of its relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.records import MISSING, Question, RelationPath, looked_for


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
    question = replace(question, paths=tuple(_as_called(graph, path) for path in question.paths))
    if unknown := [topic for topic in question.topics if topic not in known]:
        return None, f"the graph has no topic entity {unknown[0]!r}"
    topics = [known[topic] for topic in question.topics]
    if not question.answers:
        return _unanswerable(question, graph, topics)
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


def _as_called(graph: KnowledgeGraph, path: RelationPath) -> RelationPath:
    """A path in the graph's own names for relations; what it does not know stays."""
    codes = [graph.find_relation(step) for step in path]
    return tuple(
        step if code is None else graph.relation_id(code)
        for step, code in zip(path, codes, strict=True)
    )


def _unanswerable(
    question: Question, graph: KnowledgeGraph, topics: list[int]
) -> tuple[Question | None, str]:
    """The same for a question without answers."""
    lacking = [
        tuple(_in_schema(graph, path) for path in paths)
        for paths in question.alternatives()
        if _breaks_off(graph, topics, paths)
    ]
    if not lacking:
        return None, "it has no answers, and the graph does not lack what its gold paths say"
    paths = tuple(path for alternative in lacking for path in alternative)
    result = replace(question, paths=paths)
    result = result if result.group else replace(result, group=group_of(result))
    return result, _wrong_with(question, len(question.alternatives()) - len(lacking))


def _breaks_off(graph: KnowledgeGraph, topics: list[int], paths: tuple[RelationPath, ...]) -> bool:
    """Whether each path runs as far as it says, and one of them no further."""
    for topic, path in zip(topics, paths, strict=True):
        wanted = looked_for(path)
        there = path if wanted is None else path[:-1]
        if there and not _meeting(graph, [topic], (there,)):
            return False
        if wanted and _meeting(graph, [topic], ((*there, wanted),)):
            return False
    return any(looked_for(path) is not None for path in paths)


def _in_schema(graph: KnowledgeGraph, path: RelationPath) -> RelationPath:
    wanted = looked_for(path)
    known = wanted is None or graph.find_relation(wanted) is not None
    return path if known else (*path[:-1], MISSING)


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
