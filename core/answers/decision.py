"""What is said to a question: the answers, that the graph does not say, or neither for certain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.evaluation.calibration import tempered
from core.results.answer import Decision
from core.results.certainty import Certainty

EVEN = 0.5
"""What is less probable is not said for certain, whatever was asked for."""


def decide(best: float, missing: float, certainty: Certainty | None, precision: float) -> Decision:
    """What to say.

    Args:
        best: The best answer's probability; 0 where there is none.
        missing: Probability that the graph does not say.
        certainty: What is known of the model; None of one that was never measured, which then
            answers what it finds more probable than not.
        precision: Share of what is said for certain that must be right.
    """
    if believed(max(best, missing), certainty) < EVEN:
        return Decision.UNSURE
    refuses = missing > best
    if certainty is not None:
        level = certainty.at(precision)
        threshold = None if level is None else level.refusal if refuses else level.threshold
        if threshold is None or max(best, missing) < threshold:
            return Decision.UNSURE
    return Decision.NOT_IN_GRAPH if refuses else Decision.ANSWERED


def card_certainty(card: Mapping[str, Any], *, heard: bool = False) -> Certainty | None:
    """What a model's card knows of its probabilities; None if it was never measured.

    Args:
        card: Of a teacher or a student.
        heard: Whether a student listens, see `core.answers.ear`.
    """
    record = card.get("certainty_heard" if heard else "certainty")
    return None if record is None else Certainty.from_record(record)


def believed(stated: float, certainty: Certainty | None) -> float:
    """The chance that what is stated with some probability is right."""
    return stated if certainty is None else float(tempered(stated, certainty.temperature))
