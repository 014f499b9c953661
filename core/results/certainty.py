"""What held-out questions say about a model's probabilities, as its card keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Level(Record):
    """What a wanted share of right answers takes.

    Attributes:
        level: The share, 0 to 1.
        threshold: The probability of the best answer from which on such a share of the answers is
            right; None if there is none.
        refusal: The same for the probability that the graph does not say, where it is said.
        answered: Share of the questions that are answered from there on.
        floor: Answers of at least this probability are the likely set, which holds a right one in
            such a share of the questions; see `core.evaluation.conformal`.
    """

    level: float
    threshold: float | None
    refusal: float | None = None
    answered: float
    floor: float


@dataclass(frozen=True, kw_only=True)
class Certainty(Record):
    """How far a model's probabilities can be believed.

    Attributes:
        temperature: What makes a stated probability believable; see
            `core.evaluation.calibration.tempered`.
        questions: How many were held out.
        levels: Ascending.
    """

    temperature: float
    questions: int
    levels: tuple[Level, ...]

    def at(self, precision: float) -> Level | None:
        """The lowest level that is at least as high; None above all of them."""
        return next((one for one in self.levels if one.level >= precision - 1e-9), None)
