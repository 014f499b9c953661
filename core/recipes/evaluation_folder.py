"""What was predicted for a part of a question set becomes scores, kept in `evaluations/`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.answers.decision import decide
from core.errors import NotFound
from core.evaluation.comparison import (
    answer_reliability,
    hop_scores,
    language_scores,
    level_scores,
    score,
)
from core.evaluation.conformal import likely_sets
from core.evaluation.first_wrong_hop import wrong_hops
from core.evaluation.honesty import decisions, honesty
from core.graph.knowledge_graph import KnowledgeGraph
from core.questions.levels import levels
from core.questions.question_sets import QuestionSet
from core.records import Prediction, Question
from core.results.answer import Decision
from core.results.certainty import Certainty
from core.results.evaluation import Evaluation
from core.workspace import Workspace, write_json

LONGEST_NAME = 64


def part_to_score(questions: QuestionSet, split: str, limit: int | None) -> tuple[Question, ...]:
    """The questions to score.

    Raises:
        NotFound: If there are none.
    """
    asked = questions.part(split)[:limit]
    if not asked:
        raise NotFound(
            "The questions {name!r} have no {split!r} part.", name=questions.name, split=split
        )
    return asked


def scored(
    graph: KnowledgeGraph,
    questions: QuestionSet,
    asked: Sequence[Question],
    predicted: Sequence[Prediction],
    *,
    certainty: Certainty | None,
    precision: float,
    **about: Any,
) -> Evaluation:
    """The scores of some predictions.

    Args:
        graph: What the questions are about.
        questions: The set that they are from.
        asked: The part of it that was asked, all of one split.
        predicted: One for each.
        certainty: What is known of the model's probabilities; None if nothing is.
        precision: Share of what is said for certain that must be right.
        about: The other fields of `Evaluation`.
    """
    decided = [decide(p.best, p.missing, certainty, precision) for p in predicted]
    answered = [one is Decision.ANSWERED for one in decided]
    return Evaluation(
        question_set=questions.name,
        split=asked[0].split,
        split_kind=questions.split,
        **asdict(score(graph, asked, predicted)),
        reliability=answer_reliability(asked, predicted),
        honesty=honesty(asked, predicted, answered),
        decisions=decisions(asked, predicted, decided),
        likely_sets=tuple(
            likely_sets(asked, predicted, one.level, one.floor)
            for one in (certainty.levels if certainty else ())
        ),
        levels=level_scores(levels(questions.part("train"), asked), asked, predicted),
        hops=hop_scores(asked, predicted),
        languages=language_scores(asked, predicted),
        wrong_hops=wrong_hops(asked, predicted),
        **about,
    )


def keep(workspace: Workspace, result: Evaluation, *ending: str) -> None:
    """Write scores in place of earlier ones of the same.

    Args:
        workspace: Where to.
        result: The scores.
        ending: What sets them apart beside model, questions and split.
    """
    name = _name([result.model, result.question_set, result.split, *ending])
    with workspace.publish("evaluations", name, replace=True) as folder:
        write_json(folder / "evaluation.json", result.as_record())


def _name(parts: Sequence[str]) -> str:
    """The parts as one name; where they are too long, a hash of them makes it another's no more."""
    whole = ".".join(parts)
    if len(whole) <= LONGEST_NAME and len(whole.encode()) <= 2 * LONGEST_NAME:
        return whole
    mark = hashlib.sha256(whole.encode()).hexdigest()[:8]
    short = ".".join([parts[0][:24], parts[1][:12], *(part[:8] for part in parts[2:])])
    return f"{short[: LONGEST_NAME - 9].rstrip('.')}.{mark}"
