"""Rules: paths of relations that imply a relation, and how often what they imply is true.

    born in, country of the city  =>  nationality

As in AMIE (Galarraga et al., 2013), a rule's *support* is how many facts it explains, and its *PCA
confidence* the share of what it implies that is true, of things for which the relation is known at
all: what the graph does not say of them is false, what it does not say of others is unknown. Hence
a rule proposes facts only about things that have the relation nowhere yet.

That share is measured where the rule was found, so it flatters. What is shown is how often rules of
such a share were right about facts that were withheld from the search.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import isotonic_regression

from core.errors import FormatError, NotFound
from core.graph.knowledge_graph import Ints, KnowledgeGraph

LONGEST: Final = 3
"""Relations of a body."""

SUPPORT: Final = 3
"""Facts that a rule explains at least."""

WITHHELD: Final = 0.2
"""Share of the facts by which rules are measured."""

PARTS: Final = 5
"""Times that another share is withheld."""

SAMPLED: Final = 200
"""Facts of a relation between whose ends paths are looked for."""

LARGEST: Final = 5_000_000
"""Pairs that a body connects at most; larger ones say too much to be a rule."""

_AROUND = 10  # edges of an entity and relation that are looked at
_ASKED = 50  # bodies per relation that are measured, those met most often


@dataclass(frozen=True, slots=True)
class Rule:
    """A path that implies a relation.

    Attributes:
        body: Relation codes, one to `LONGEST`.
        head: A relation code, forward.
        support: Facts that it explains.
        implied: What it implies of things that have the relation: the support and what is false.
    """

    body: tuple[int, ...]
    head: int
    support: int
    implied: int

    @property
    def confidence(self) -> float:
        """The PCA confidence, 0 to 1."""
        return self.support / self.implied


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """How often rules of a confidence are right about facts that were withheld.

    Attributes:
        confidence: `(n,)` rising.
        right: `(n,)` share of what was right, rising.
        checked: Withheld facts, or others in their place, that rules implied.
    """

    confidence: NDArray[np.float64]
    right: NDArray[np.float64]
    checked: int

    def __call__(self, confidence: float) -> float:
        """The share of such that is right, 0 to 1; 0 where nothing was withheld to tell."""
        if not len(self.confidence):
            return 0.0
        return float(np.interp(confidence, self.confidence, self.right))


class Steps:
    """The relations of a graph as matrices: `(entities, entities)`, one a code."""

    def __init__(self, graph: KnowledgeGraph, kept: NDArray[np.bool_] | None = None) -> None:
        """Read them.

        Args:
            graph: The graph.
            kept: `(triples,)` which of its facts hold; None for all.
        """
        self.graph = graph
        self.kept = np.ones(graph.triple_count, bool) if kept is None else kept
        order = np.argsort(graph.relations, kind="stable")
        self._order = order[self.kept[order]]
        self._begins = np.searchsorted(
            graph.relations[self._order], np.arange(graph.relation_count + 1)
        )
        self._known: dict[int, sparse.csr_matrix] = {}
        self._some: dict[int, list[tuple[int, int]]] = {}

    def __getitem__(self, code: int) -> sparse.csr_matrix:
        if code not in self._known:
            forward = code % self.graph.relation_count
            at = self._order[self._begins[forward] : self._begins[forward + 1]]
            ends = self.graph.heads[at], self.graph.tails[at]
            ones = np.ones(len(at), np.int32)
            shape = self.graph.entity_count, self.graph.entity_count
            self._known[code] = sparse.csr_matrix(
                (ones, ends if code == forward else ends[::-1]), shape=shape
            )
        return self._known[code]

    def facts(self, relation: int) -> Ints:
        """Where the facts of a relation stand that hold."""
        found: Ints = self._order[self._begins[relation] : self._begins[relation + 1]]
        return found

    def pairs(self, body: Iterable[int]) -> sparse.csr_matrix | None:
        """Which entities a path connects that does not come back to where it began.

        Returns:
            `(entities, entities)` of ones; None where they are too many to say anything.
        """
        found: sparse.csr_matrix | None = None
        for code in body:
            step = self[code]
            if found is None:
                found = step
                continue
            found = _without_loops(found)
            walks = np.asarray(found.sum(axis=0)).ravel() @ np.diff(step.indptr)
            if walks > LARGEST:
                return None
            found = (found @ step).tocsr()
            found.data[:] = 1
        return found

    @cached_property
    def beside(self) -> Mapping[int, Mapping[int, list[int]]]:
        """Tails of each entity, and the relation codes that lead there."""
        found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        count, at = self.graph.relation_count, np.flatnonzero(self.kept)
        columns = (self.graph.heads[at], self.graph.relations[at], self.graph.tails[at])
        for head, code, tail in zip(*(column.tolist() for column in columns), strict=True):
            found[head][tail].append(code)
            found[tail][head].append(code + count)
        return found

    def some_edges(self, entity: int) -> list[tuple[int, int]]:
        """Relation codes and tails of an entity, of each code the first few."""
        if entity not in self._some:
            by_code: Counter[int] = Counter()
            kept = []
            for tail, codes in self.beside.get(entity, {}).items():
                for code in codes:
                    by_code[code] += 1
                    if by_code[code] <= _AROUND:
                        kept.append((code, tail))
            self._some[entity] = kept
        return self._some[entity]


def mine(steps: Steps, seed: int = 0) -> list[Rule]:
    """All rules whose bodies are met between the ends of sampled facts, the surest first.

    Time follows the relations, and the pairs that the bodies met most often connect.
    """
    draw = np.random.default_rng(seed)
    found = []
    for head in range(steps.graph.relation_count):
        at = steps.facts(head)
        if len(at) < SUPPORT:
            continue
        sample = draw.choice(at, min(SAMPLED, len(at)), replace=False)
        met: Counter[tuple[int, ...]] = Counter()
        for x, y in zip(*(column[sample].tolist() for column in _ends(steps)), strict=True):
            met.update(set(_bodies(steps, x, y, head)))
        bodies = [body for body, times in met.most_common(_ASKED) if times >= SUPPORT - 1]
        found += [rule for body in bodies if (rule := _measured(steps, body, head)) is not None]
    return sorted(found, key=lambda rule: (-rule.confidence, -rule.support, rule.body, rule.head))


def calibrated(graph: KnowledgeGraph, seed: int = 0) -> Calibration:
    """How far confidence holds: rules of a part of the facts are asked for the rest."""
    whole = Steps(graph)
    counted = []
    for part in range(PARTS):
        draw = np.random.default_rng([seed, part])
        steps = Steps(graph, draw.random(graph.triple_count) >= WITHHELD)
        for rule in mine(steps, seed):
            right, told = outcome(steps, whole, rule)
            if told:
                counted.append((rule.confidence, right, told))
    if not counted:
        return Calibration(np.zeros(0), np.zeros(0), 0)
    confidence, hits, of = np.array(sorted(counted), np.float64).T
    levels, which = np.unique(confidence, return_inverse=True)
    hits, of = np.bincount(which, hits), np.bincount(which, of)
    # One right and one wrong more, spread over all levels of a block: few trials are not certain.
    rising = isotonic_regression(hits / of, weights=of)
    sizes = np.add.reduceat(of, rising.blocks[:-1])
    block = np.repeat(np.arange(len(sizes)), np.diff(rising.blocks))
    share = (rising.x * sizes[block] + 1) / (sizes[block] + 2)
    return Calibration(levels, np.maximum.accumulate(share), int(of.sum()))


def outcome(steps: Steps, whole: Steps, rule: Rule) -> tuple[int, int]:
    """How much of what a rule proposes is true, and of how much that can be told.

    Args:
        steps: What the rule was found in.
        whole: All facts: of a thing that has the relation there, what is not said is false.
        rule: The rule.
    """
    proposed = proposals(steps, rule)
    truth = whole[rule.head]
    known = np.diff(truth.indptr) > 0
    told = proposed[known]
    right = int(told.multiply(truth[known]).nnz)
    return right, int(told.nnz)


def proposals(steps: Steps, rule: Rule) -> sparse.csr_matrix:
    """What a rule implies of things that have its relation nowhere: `(entities, entities)`."""
    pairs = steps.pairs(rule.body)
    if pairs is None:
        return sparse.csr_matrix(steps[rule.head].shape, dtype=np.int32)
    lacking = np.diff(steps[rule.head].indptr) == 0
    found = (sparse.diags_array(lacking.astype(np.int32), dtype=np.int32) @ pairs).tocsr()
    return _without_loops(found)  # nobody is his own spouse


def proof(steps: Steps, rule: Rule, x: int, y: int) -> tuple[int, ...] | None:
    """Entities of a path of the body from one to another, or None."""
    ways: list[tuple[int, ...]] = [(x,)]
    for code in rule.body:
        step = steps[code]
        further: dict[int, tuple[int, ...]] = {}
        for way in ways:
            for tail in step.indices[step.indptr[way[-1]] : step.indptr[way[-1] + 1]].tolist():
                if tail != x or len(way) == len(rule.body):
                    further.setdefault(tail, (*way, tail))
        ways = list(further.values())
    return next((way for way in ways if way[-1] == y), None)


def written(graph: KnowledgeGraph, rule: Rule) -> str:
    """A rule by ids: `born_in, city_of => nationality`."""
    body = ", ".join(graph.relation_id(code) for code in rule.body)
    return f"{body} => {graph.relation_id(rule.head)}"


def read_rule(graph: KnowledgeGraph, text: str) -> Rule:
    """A rule as `written` writes it, measured in the graph.

    Raises:
        FormatError: If it is none.
        NotFound: If the graph has no such relation, or no fact that the rule explains.
    """
    body, arrow, head = text.rpartition("=>")
    names = [name.strip() for name in body.split(",")]
    if not (arrow and head.strip() and all(names) and len(names) <= LONGEST):
        raise FormatError(
            "{text!r} is no rule: write one to {most} relations with commas between them, =>, and "
            "the relation that they imply.",
            text=text,
            most=LONGEST,
        )
    codes = tuple(graph.relation(name) for name in names)
    implied = graph.relation(head.strip())
    if implied >= graph.relation_count:
        raise FormatError(
            "{text!r} is no rule: what it implies is a relation walked forward.", text=text
        )
    rule = _measured(Steps(graph), codes, implied, least=1)
    if rule is None:
        raise NotFound(
            "The rule {text!r} explains no fact of the graph {name!r}.", text=text, name=graph.name
        )
    return rule


def _without_loops(pairs: sparse.csr_matrix) -> sparse.csr_matrix:
    """Pairs of two, without those of one entity and itself."""
    entries = pairs.tocoo()
    apart = entries.row != entries.col
    ends = entries.row[apart], entries.col[apart]
    return sparse.csr_matrix((entries.data[apart], ends), shape=pairs.shape)


def _ends(steps: Steps) -> tuple[Ints, Ints]:
    return steps.graph.heads, steps.graph.tails


def _bodies(steps: Steps, x: int, y: int, head: int) -> Iterator[tuple[int, ...]]:
    """Paths of up to three hops from x to y that do not turn back or walk the fact itself."""
    inverse, beside = steps.graph.inverse, steps.beside
    for first, a in steps.some_edges(x):
        if a == y:
            if first != head:
                yield (first,)
            continue
        for last in beside[a].get(y, ()):
            if a != x and last != inverse(first):
                yield first, last
        for second, b in steps.some_edges(a):
            if b in (x, y) or second == inverse(first):
                continue
            for last in beside[b].get(y, ()):
                if last != inverse(second):
                    yield first, second, last


def _measured(steps: Steps, body: tuple[int, ...], head: int, least: int = SUPPORT) -> Rule | None:
    """A rule with its counts; None where it explains too little or connects too many."""
    pairs = steps.pairs(body)
    if pairs is None:
        return None
    truth = steps[head]
    known = np.diff(truth.indptr) > 0
    support = int(pairs.multiply(truth).nnz)
    implied = int(pairs[known].nnz)
    return Rule(body, head, support, implied) if support >= least else None
