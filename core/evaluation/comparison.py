"""One row of scores per model, so that teachers, students and baselines stand in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from core.errors import NotFound
from core.evaluation import answers
from core.evaluation.calibration import expected_calibration_error, reliability
from core.evaluation.faithfulness import faithfulness, ground_answer
from core.evaluation.paths import path_exact_match, path_validity, reached
from core.graph.knowledge_graph import KnowledgeGraph
from core.records import Prediction, Question
from core.results.evaluation import (
    LEVELS,
    Level,
    LevelScore,
    PartScore,
    ReliabilityBin,
    Scores,
)

Part = TypeVar("Part", int, str, Level)


def score(
    graph: KnowledgeGraph, questions: Sequence[Question], predictions: Sequence[Prediction]
) -> Scores:
    """Score predictions; each question finds its prediction by id.

    What compares answers is averaged over the questions that have any.

    Raises:
        NotFound: If there are no questions, or one has no prediction.
    """
    if not questions:
        raise NotFound("There are no questions to score: choose another split or question set.")
    paired = _by_question(questions, predictions)
    valid, groundings = [], []
    for question, prediction in zip(questions, paired, strict=True):
        ends = [reached(graph, question, path.relations) for path in prediction.paths]
        valid += [bool(some) for some in ends]
        flat = [end for some in ends for end in some]
        groundings.append(ground_answer(graph, question, prediction, flat))

    pairs = list(zip(questions, paired, strict=True))
    answerable = [pair for pair in pairs if pair[0].answers] or pairs

    def mean(measure: Callable[[Question, Prediction], float]) -> float:
        return sum(measure(*pair) for pair in answerable) / len(answerable)

    return Scores(
        hits_at_1=mean(answers.hits_at_1),
        hit=mean(answers.hit),
        f1=mean(answers.f1),
        path_exact_match=path_exact_match(questions, paired),
        path_validity=path_validity(valid),
        faithfulness=faithfulness(groundings),
        ece=expected_calibration_error(answer_reliability(questions, paired)),
        questions=len(questions),
    )


def answer_reliability(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> tuple[ReliabilityBin, ...]:
    """How far the top answer's probability can be believed; 0 where there is no answer."""
    paired = _by_question(questions, predictions)
    confidences = [max((p for _, p in one.answers), default=0.0) for one in paired]
    hits = [answers.hits_at_1(q, p) for q, p in zip(questions, paired, strict=True)]
    return reliability(confidences, hits)


def level_scores(
    levels: Mapping[str, Level], questions: Sequence[Question], predictions: Sequence[Prediction]
) -> tuple[LevelScore, ...]:
    """Hits@1 of the answerable questions of each level that occurs, nearest first.

    Args:
        levels: By question id; questions without one are not counted.
        questions: What was asked.
        predictions: One for each.
    """
    hits = _hits_by(levels, questions, predictions)
    return tuple(LevelScore(level, *hits[level]) for level in LEVELS if level in hits)


def hop_scores(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> tuple[PartScore, ...]:
    """Hits@1 of the answerable questions by the hops of their shortest gold path, few hops first.

    Questions whose gold path is not told are not counted.
    """
    hops = {one.id: min(map(len, one.paths)) for one in questions if one.paths}
    found = _hits_by(hops, questions, predictions)
    return tuple(PartScore(str(count), *found[count]) for count in sorted(found))


def language_scores(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> tuple[PartScore, ...]:
    """Hits@1 of the answerable questions of each language, by its code."""
    found = _hits_by({one.id: one.language for one in questions}, questions, predictions)
    return tuple(PartScore(language, *found[language]) for language in sorted(found))


def _hits_by(
    parts: Mapping[str, Part], questions: Sequence[Question], predictions: Sequence[Prediction]
) -> dict[Part, tuple[int, float]]:
    """How many answerable questions each part has, and their Hits@1.

    Args:
        parts: By question id; questions without one are not counted.
        questions: What was asked.
        predictions: One for each.
    """
    hits: dict[Part, list[float]] = {}
    for question, made in zip(questions, _by_question(questions, predictions), strict=True):
        if question.answers and question.id in parts:
            hits.setdefault(parts[question.id], []).append(answers.hits_at_1(question, made))
    return {part: (len(found), sum(found) / len(found)) for part, found in hits.items()}


def _by_question(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> list[Prediction]:
    made = {prediction.question: prediction for prediction in predictions}
    for question in questions:
        if question.id not in made:
            raise NotFound(
                "Question {id!r} has no prediction; predict all of them.", id=question.id
            )
    return [made[question.id] for question in questions]
