"""Whether answers follow from the paths shown for them.

An answer is *grounded* if at least one emitted path that exists in the graph ends in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.evaluation.answers import top_answers
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.records import Prediction, Question


@dataclass(frozen=True, slots=True)
class Grounding:
    """How one question's top answer stands; tied answers count by their share of a uniform pick.

    Attributes:
        correct: Chance that the top answer is right.
        both: Chance that it is right and grounded.
    """

    correct: float
    both: float


def ground_answer(
    graph: KnowledgeGraph, question: Question, prediction: Prediction, reached: Sequence[Ints]
) -> Grounding:
    """Hold the top answer against what the emitted paths reach.

    Args:
        graph: The graph that the paths ran in.
        question: Its answers are gold.
        prediction: Its top answer is judged.
        reached: Entity numbers at the ends of all emitted paths that exist.
    """
    top = top_answers(prediction)
    if not top:
        return Grounding(0.0, 0.0)
    ends = np.concatenate(reached) if reached else np.zeros(0, np.int32)
    grounded = {name for name in top if graph.find_entity(name) in ends}
    correct = top.intersection(question.answers)
    return Grounding(
        correct=len(correct) / len(top),
        both=len(correct & grounded) / len(top),
    )


def faithfulness(groundings: Sequence[Grounding]) -> float:
    """Share of right answers that are grounded; 0 where no answer is right."""
    correct = sum(one.correct for one in groundings)
    return sum(one.both for one in groundings) / correct if correct else 0.0
