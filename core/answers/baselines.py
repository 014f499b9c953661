"""Answers without reading the question: what a model must beat to have understood anything.

    frequent-paths    every relation path that training questions ask about, as probable as it is
                      frequent among those that lead somewhere from the topic
    any-path          the same, all of them alike

Neither ever says that the graph does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from core.answers.voting import Meeting, PredictedPath, vote
from core.errors import NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import walk_path
from core.records import Prediction, Question, RelationPath, ScoredPath
from core.report import Report

MOST = 200
"""Paths that are tried for a question, the most frequent of training."""

Alternative = tuple[RelationPath, ...]
"""A path from each topic."""


def baseline_predictions(
    name: str,
    graph: KnowledgeGraph,
    train: Sequence[Question],
    asked: Sequence[Question],
    report: Report,
) -> list[Prediction]:
    """What a baseline says to each question.

    Args:
        name: See `BaselineSettings.baseline`.
        graph: Where the paths lead.
        train: The questions whose gold paths it knows.
        asked: The questions to answer.
        report: Told how far it is.

    Raises:
        NotFound: If no training question tells its path.
    """
    counts = Counter(one for q in train if q.answerable for one in q.alternatives())
    if not counts:
        raise NotFound(
            "The baseline {name!r} needs training questions that tell their path, and none does: "
            "choose another question set.",
            name=name,
        )
    weights = {one: 1 if name == "any-path" else n for one, n in counts.most_common(MOST)}
    made = []
    for done, question in enumerate(asked):
        if done % 50 == 0:
            report.check_stop()
            report.progress(done, len(asked), "questions")
        made.append(_prediction(graph, question, weights))
    report.progress(len(asked), len(asked), "questions")
    return made


def _prediction(
    graph: KnowledgeGraph, question: Question, weights: Mapping[Alternative, int]
) -> Prediction:
    topics = [topic for topic in map(graph.find_entity, question.topics) if topic is not None]
    found = {
        alternative: meeting
        for alternative, weight in weights.items()
        if len(alternative) == len(topics) == len(question.topics)
        and (meeting := _meeting(graph, topics, alternative, weight)).answers
    }
    whole = sum(one.probability for one in found.values())
    said = [
        Meeting(one.paths, one.probability / whole, one.answers)
        for one in sorted(found.values(), key=lambda one: -one.probability)
    ]
    answers = tuple((graph.entity_id(entity), chance) for entity, chance in vote(said, str))
    paths = tuple(
        ScoredPath(path.walk.relations, one.probability, tuple(map(graph.entity_id, path.answers)))
        for one in said
        for path in one.paths
    )
    return Prediction(question.id, answers, paths)


def _meeting(
    graph: KnowledgeGraph, topics: Sequence[int], alternative: Alternative, weight: float
) -> Meeting:
    """Where paths from each topic meet; without answers where they do not."""
    paths = tuple(
        PredictedPath(walk_path(graph, topic, path), weight)
        for topic, path in zip(topics, alternative, strict=True)
    )
    common = set.intersection(*({*path.answers} for path in paths))
    return Meeting(paths, weight, tuple(sorted(common)))
