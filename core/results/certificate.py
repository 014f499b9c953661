"""Whether an answer stays first whichever one fact is taken away, and on which it hangs most."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.named import Fact, LikelyEntity
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Removal(Record):
    """What is said once something is taken away.

    Attributes:
        probability: What is left of the probability of the answer that is certified.
        first: What is then most probable; None: that the graph does not say.
        kept: Whether that is the answer that is certified.
    """

    probability: float
    first: LikelyEntity | None
    kept: bool


@dataclass(frozen=True, kw_only=True)
class FactRemoval(Removal):
    """What is said without one fact."""

    fact: Fact

    def in_a_line(self) -> str:
        """The fact as an arrow, and what is said without it."""
        first = self.first.label if self.first else "the graph does not say"
        return f"{self.fact.in_a_line()}; without it: {first}"


@dataclass(frozen=True, kw_only=True)
class SourceRemoval(Removal):
    """What is said without all facts that came from one source.

    Attributes:
        source: Where changes say that they came from.
        facts: How many they are.
    """

    source: str
    facts: int


@dataclass(frozen=True, kw_only=True)
class Certificate(Record):
    """What becomes of an answer without any one fact of the graph.

    It holds for the model, the question and the graph as they are: each fact that can matter was
    taken away, and it was found exactly what the model then says.

    Attributes:
        answer: What is most probable; None: that the graph does not say.
        probability: Its own.
        kept: Whether it stays so whichever one fact of the graph is taken away.
        facts: On the ways around the question's topics, as far as the model looks.
        tried: Those, and facts elsewhere, that change anything that the model looks at; without
            any other fact it says the same.
        decisive: How many of these it does not outlast.
        hangs_on: The one that takes most of its probability, one that it does not outlast before
            others; None where none takes any.
        sources: From so many sources facts were added since the graph was imported, and all facts
            of each were taken away together. Facts of the import have none.
        source: The one without which least is left, as for facts; None where none takes any.
    """

    answer: LikelyEntity | None
    probability: float
    kept: bool
    facts: int
    tried: int
    decisive: int
    hangs_on: FactRemoval | None
    seconds: float
    sources: int = 0
    source: SourceRemoval | None = None
