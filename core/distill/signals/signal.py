"""What every signal can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from torch import Tensor

from core.distill.schedules import Hyperparameters
from core.distill.soft_targets import Choice


class Taught(Protocol):
    """A row, as far as signals see it: what is known at its places.

    Attributes:
        pays: Rewards above 0 of the question's paying paths; empty in all of its rows but the
            first, which follow each other.
    """

    @property
    def pays(self) -> Sequence[float]: ...

    def hard_steps(self) -> list[tuple[int, int, float]]:
        """Place, token and weight of each step along a gold path."""

    def soft_steps(self) -> list[tuple[int, Choice, float]]:
        """Place, choice and weight of each node that the teacher comes to."""

    def paying_steps(self) -> list[tuple[int, int, int]]:
        """Place, token and path of each step along the paying paths, by their place in `pays`."""


Placed = tuple[int, Taught]
"""A row of a batch, and the flat position of its last prompt token, where its place 0 is."""

Number = TypeVar("Number", float, Tensor)


@dataclass(frozen=True, eq=False)
class Outputs:
    """What the student makes of the positions that any signal reads.

    Attributes:
        log_probs: `(positions, vocabulary)` of the next token, at T = 1.
        states: `(positions, width)` its last hidden states, from which these are computed.
    """

    log_probs: Tensor
    states: Tensor


class Signal(Protocol):
    """One term of the loss.

    Attributes:
        name: Of its term; a curve is drawn by that name.
        at: Column of a batch with the flat positions that the signal reads; the student's choice
            of the *next* token is what stands there.
    """

    name: str
    at: str

    def columns(self, rows: Sequence[Placed]) -> dict[str, Tensor]:
        """What the signal lays beside the rows of a batch; `at` is among it."""

    def sums(
        self, student: Outputs, batch: Mapping[str, Tensor], hyperparameters: Hyperparameters
    ) -> dict[str, Tensor]:
        """Its parts on a batch by name, each summed over the questions; each is a curve too.

        Args:
            student: What it says at the positions that are read.
            batch: The columns; `at` points to the rows of `student`.
            hyperparameters: As they stand at this step.
        """

    def value(self, parts: Mapping[str, Number], hyperparameters: Hyperparameters) -> Number:
        """The signal's term, without its weight, from sums or means of its parts."""

    def weight(self, hyperparameters: Hyperparameters) -> float:
        """How much the term counts."""
