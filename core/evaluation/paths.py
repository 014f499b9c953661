"""How right the paths are: the same as the gold path, and present in the graph."""

from __future__ import annotations

from collections.abc import Sequence

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import follow_path, relation_codes
from core.records import Prediction, Question, RelationPath


def reached(graph: KnowledgeGraph, question: Question, path: RelationPath) -> list[Ints]:
    """What a path reaches from each topic of a question: entity numbers, one array per topic.

    Topics that the graph lacks, or from which the path does not run to its end, give nothing; so an
    empty list means that the path is not valid. A path of no hops is not valid.
    """
    codes = relation_codes(graph, path)
    if not codes:
        return []
    topics = [topic for topic in map(graph.find_entity, question.topics) if topic is not None]
    frontiers = [follow_path(graph, topic, codes) for topic in topics]
    return [walked[-1] for walked in frontiers if len(walked) == len(codes) + 1]


def path_exact_match(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> float | None:
    """Share of questions whose first path is a gold path, over those that have gold paths.

    What is looked for in vain is the first path of a prediction that says so; see `Prediction`.
    A question with k topics has k first paths, which must be one alternative of its gold paths.
    None where no question has gold paths.
    """
    matched = [
        first_is_gold(question, prediction)
        for question, prediction in zip(questions, predictions, strict=True)
        if question.paths
    ]
    return sum(matched) / len(matched) if matched else None


def path_validity(valid: Sequence[bool]) -> float:
    """Share of emitted paths that run in the graph to at least one entity.

    Args:
        valid: One truth value per emitted path, all questions together.

    Returns:
        0 where nothing was emitted: a model that shows no path has shown no valid one.
    """
    return sum(valid) / len(valid) if valid else 0.0


def first_is_gold(question: Question, prediction: Prediction) -> bool:
    """Whether the first path, one for each topic, is a gold alternative."""
    if prediction.refuses:
        return prediction.looked_for in question.paths
    count = len(question.topics)
    first = tuple(path.relations for path in prediction.paths[:count])
    starts = range(0, len(question.paths), count)
    return any(first == question.paths[start : start + count] for start in starts)
