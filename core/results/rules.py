"""What a graph's own rules are, how often they are right, and what they would add."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.named import Fact, Named
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class ProvenFact(Record):
    """A fact that a rule proposes, and the facts that it follows from."""

    fact: Fact
    proof: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class FoundRule(Record):
    """A rule.

    Attributes:
        rule: By ids, as `core.graph.rules.read_rule` reads it.
        body: Relations of the path, in their order.
        head: The relation that it implies.
        support: Facts that it explains.
        implied: What it implies of things that have the relation: the support and what is false.
        expected: How often rules of such a share were right about withheld facts, 0 to 1.
        proposed: Facts that it would add.
        examples: The first of these; where there are none, of the facts that it explains.
    """

    rule: str
    body: tuple[Named, ...]
    head: Named
    support: int
    implied: int
    expected: float
    proposed: int
    examples: tuple[ProvenFact, ...]


@dataclass(frozen=True, kw_only=True)
class RuleReport(Record):
    """All rules that were found.

    Attributes:
        name: The graph.
        hash: Of the version that they were found in.
        rules: Those that were right often enough, the surest first; of them `TOLD` at most.
        found: How many there were in all.
        checked: Facts, true or not, by which it was measured how often rules are right.
    """

    name: str
    hash: str
    rules: tuple[FoundRule, ...]
    found: int
    checked: int
