"""Entities that may be one: alike by name, and alike in what surrounds them.

Records are linked as Fellegi and Sunter did (1969): each agreement and disagreement is worth the
logarithm of how much more often it is seen between records of one thing than between any two. As in
PARIS (Suchanek et al., 2011), neighbours need not be the same entity to agree: they agree as far as
they may be one themselves, so that certainty spreads in rounds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from scipy import sparse

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.names import entity_names
from core.graph.overview import kinds_of_entities
from core.plain_text import plain

Floats = NDArray[np.float64]

ALIKE: Final = 0.7
"""Share of letters that two names have in common, from which on they are compared."""

WORD: Final = 0.6
"""The same of two words, from which on the one stands for the other."""

JOINED: Final = 0.9
"""The same of two names without blanks where their words do not pair off: superhero, super hero."""

EXACT: Final = 3.0
"""Odds that two entities are one where nothing else bears their name, and nothing else is known."""

PER_LETTER: Final = 15.0
"""How fast these odds fall, as a power of e, with the share of letters that differ."""

AGREEING: Final = 0.5
"""How often one thing, told twice, has the same fact in both tellings."""

CLASHING: Final = 0.9
"""How far a relation that has one value never has two for one thing; the rest are mistakes."""

ROUNDS: Final = 5

MOST: Final = 200_000
"""Pairs compared at most, those with most letters in common."""

_FEW = 100  # names that share a piece of three letters; commoner pieces tell nothing apart
_PIECES = 8  # of each name, the rarest
_TAILS = 50  # read of one entity and relation
_LARGEST = 100.0  # that all agreements together multiply the odds by: parts of a series agree too
_NUMBER = re.compile(r"\d+|\b(?:[ivx]{2,}|[ivx]$)")  # II is one too, and V where it ends a name


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Pairs of entities that may be one.

    Attributes:
        first, second: `(pairs,)` entities, `first < second`.
        alike: `(pairs,)` share of letters that their nearest names have in common, 0 to 1.
        certainty: `(pairs,)` 0 to 1, from names and surroundings.
        kinds_differ: `(pairs,)` whether they are known to be different kinds of things.
        cut: Whether there were more than `MOST`.
    """

    first: Ints
    second: Ints
    alike: Floats
    certainty: Floats
    kinds_differ: NDArray[np.bool_]
    cut: bool


def possible_duplicates(graph: KnowledgeGraph) -> Pairs:
    """All pairs whose names are alike and that no fact connects, with their certainty.

    Time and memory follow the names, and the edges of those that are alike.
    """
    first, second, alike = _alike(graph)
    cut = len(first) > MOST
    if cut:
        kept = np.sort(np.argsort(-alike, kind="stable")[:MOST])
        first, second, alike = first[kept], second[kept], alike[kept]
    apart = ~_related(graph, first, second)
    first, second, alike = first[apart], second[apart], alike[apart]
    kind_of, kinds = kinds_of_entities(graph)
    named = np.array([bool(kind.id) for kind in kinds] + [False])[kind_of]
    differ = named[first] & named[second] & (kind_of[first] != kind_of[second])
    certainty = np.zeros(len(first))
    if len(first):
        base = _by_name(graph.entity_count, first, second, alike)
        certainty = _in_rounds(base, _Surroundings.of(graph, first, second))
    return Pairs(first, second, alike, certainty, differ, cut)


def _related(graph: KnowledgeGraph, first: Ints, second: Ints) -> NDArray[np.bool_]:
    """Which pairs a fact connects: nobody is his own father, and no film its own sequel."""
    if not len(first):
        return np.zeros(0, bool)
    keys = graph.heads.astype(np.int64) * graph.entity_count + graph.tails
    both = (first * graph.entity_count + second, second * graph.entity_count + first)
    found: NDArray[np.bool_] = np.isin(both[0], keys) | np.isin(both[1], keys)
    return found


def similarity(one: str, other: str) -> float:
    """Share of letters that two plain names have in common, in any order of words; 0 to 1.

    0 where a word of the one has no counterpart in the other, or numbers differ: a wife is not
    called her husband for sharing his last name, and Apollo 11 is not Apollo 12.
    """
    if sorted(_NUMBER.findall(one)) != sorted(_NUMBER.findall(other)):
        return 0.0
    if not _word_for_word(one.split(" "), other.split(" ")):
        whole = OSA.normalized_similarity(one.replace(" ", ""), other.replace(" ", ""))
        return whole if whole >= JOINED else 0.0
    in_order = OSA.normalized_similarity(one, other)
    sorted_words = (" ".join(sorted(name.split(" "))) for name in (one, other))
    return max(in_order, OSA.normalized_similarity(*sorted_words))


def _word_for_word(one: list[str], other: list[str]) -> bool:
    """Whether each word has a counterpart, alike or its initial; initials alone may be left out."""
    shorter, longer = sorted((one, other), key=len)
    left = list(shorter)
    for word in longer:
        best = max(left, key=lambda twin: _word_alike(word, twin), default="")
        if best and _word_alike(word, best) >= WORD:
            left.remove(best)
        elif len(word) > 1 or not word.isascii():
            return False
    return not left


def _word_alike(one: str, other: str) -> float:
    if min(len(one), len(other)) == 1 and (one + other).isascii():
        return 1.0 if one[0] == other[0] else 0.0
    return OSA.normalized_similarity(one, other)


def _alike(graph: KnowledgeGraph) -> tuple[Ints, Ints, Floats]:
    """Pairs of entities with names alike: first, second, how much."""
    owners, written = entity_names(graph)
    names = [plain(name, of_names=True) for name in written]
    best: dict[tuple[int, int], float] = {}
    for one, other in sharing_pieces(names):
        pair = int(owners[one]), int(owners[other])
        if pair[0] == pair[1]:
            continue
        pair = min(pair), max(pair)
        found = similarity(names[one], names[other])
        if found >= ALIKE and found > best.get(pair, 0.0):
            best[pair] = found
    pairs = sorted(best)
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    return ends[:, 0], ends[:, 1], np.array([best[pair] for pair in pairs])


def sharing_pieces(names: list[str]) -> Iterator[tuple[int, int]]:
    """Pairs of names that are the same, or share a piece of three letters that few names have."""
    bearers: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        for piece in {f"  {name} "[place : place + 3] for place in range(len(name) + 1)}:
            bearers[piece].append(at)
    rare: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for piece, those in bearers.items():
        if 1 < len(those) <= _FEW:
            for at in those:
                rare[at].append((len(those), piece))
    sharing: dict[str, list[int]] = defaultdict(list)
    for at, pieces in rare.items():
        for _, piece in sorted(pieces)[:_PIECES]:
            sharing[piece].append(at)
    for at, name in enumerate(names):
        if name:
            sharing[f"={name}"].append(at)
    seen: set[int] = set()
    for key, those in sharing.items():
        # Of a name that very many bear, each is compared with the next ones only.
        for place, one in enumerate(those):
            for other in those[place + 1 : place + 1 + _FEW]:
                code = one * len(names) + other
                if key[0] == "=" or code not in seen:
                    seen.add(code)
                    yield one, other


def _by_name(entities: int, first: Ints, second: Ints, alike: Floats) -> Floats:
    """Log odds by the names alone: what comes as near shares the odds. `(pairs,)`."""
    rivals = np.zeros(len(first))
    for ends in (first, second):
        order = np.lexsort((-alike, ends))
        begins = np.searchsorted(ends[order], ends[order], "left")
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order)) - begins + 1
        ties = np.unique(np.stack([ends, np.round(alike, 6)]), axis=1, return_inverse=True)[1]
        worst = np.zeros(int(ties.max()) + 1)
        np.maximum.at(worst, ties, rank)
        rivals = np.maximum(rivals, worst[ties])
    odds: Floats = np.log(EXACT) - PER_LETTER * (1 - alike) - np.log(rivals)
    return odds


@dataclass(frozen=True, eq=False, slots=True)
class _Surroundings:
    """What the surroundings of each pair say.

    Attributes:
        pair, neighbours, worth: `(n,)` each agreement: of which pair, by which pair of neighbours
            (one more than there are: the same entity), and by how much it multiplies the odds.
        group, of_group: `(m,)` which pairs of neighbours may save which group from a clash.
        group_pair, group_worth: `(groups,)` of which pair, and what is left of the odds if none do.
    """

    pairs: int
    pair: Ints
    neighbours: Ints
    worth: Floats
    group: Ints
    of_group: Ints
    group_pair: Ints
    group_worth: Floats

    @classmethod
    def of(cls, graph: KnowledgeGraph, first: Ints, second: Ints) -> _Surroundings:
        """Read them."""
        count = len(first)
        numbers = {
            pair: at for at, pair in enumerate(zip(first.tolist(), second.tolist(), strict=True))
        }
        tails = _tails(graph, np.unique(np.concatenate([first, second])))
        having, functional, reached = _frequencies(graph)
        agreements: list[tuple[int, int, float]] = []
        saving: list[tuple[int, int]] = []
        groups: list[tuple[int, float]] = []
        for at, (one, other) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
            for code, mine in tails.get(one, {}).items():
                theirs = tails.get(other, {}).get(code)
                if theirs is None:
                    continue
                found = list(_agreeing(mine, theirs, numbers, count))
                for neighbours, tail, twin in found:
                    heads = reached[tail, code] + (reached[twin, code] if twin != tail else 0)
                    worth = 1 + AGREEING * having[code] / heads
                    agreements.append((at, neighbours, worth))
                if functional[code] > 0.5:
                    saving += [(len(groups), neighbours) for neighbours, _, _ in found]
                    groups.append((at, 1 - CLASHING * functional[code]))
        by = np.array(agreements, np.float64).reshape(-1, 3)
        save = np.array(saving, np.int64).reshape(-1, 2)
        clash = np.array(groups, np.float64).reshape(-1, 2)
        return cls(
            count, by[:, 0].astype(np.int64), by[:, 1].astype(np.int64), by[:, 2],
            save[:, 0], save[:, 1], clash[:, 0].astype(np.int64), clash[:, 1],
        )  # fmt: skip

    def log_odds(self, certainty: Floats) -> Floats:
        """What they add to each pair's log odds, given how far neighbours are one: `(pairs,)`."""
        known = np.append(certainty, 1.0)
        # Expected over whether the neighbours are one.
        added = np.log1p(known[self.neighbours] * (self.worth - 1))
        total = np.minimum(np.bincount(self.pair, added, self.pairs), np.log(_LARGEST))
        saved = np.zeros(len(self.group_pair))
        np.maximum.at(saved, self.group, known[self.of_group])
        left = np.log(saved + (1 - saved) * self.group_worth)
        return total + np.bincount(self.group_pair, left, self.pairs)


def _in_rounds(base: Floats, around: _Surroundings) -> Floats:
    certainty = _probability(base)
    for _ in range(ROUNDS):
        certainty = _probability(base + around.log_odds(certainty))
    return certainty


def _probability(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(log_odds, -50, 50)))


def _agreeing(
    mine: list[int], theirs: list[int], numbers: dict[tuple[int, int], int], same: int
) -> Iterator[tuple[int, int, int]]:
    """Pairs of neighbours that are the same or may be one: number, tail, its twin."""
    there = set(theirs)
    for tail in mine:
        if tail in there:
            yield same, tail, tail
            continue
        for twin in theirs:
            number = numbers.get((min(tail, twin), max(tail, twin)))
            if number is not None:
                yield number, tail, twin


def _tails(graph: KnowledgeGraph, entities: Ints) -> dict[int, dict[int, list[int]]]:
    """What each of some entities reaches, by relation code; of one code the first few."""
    found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    positions, codes, tails = graph.edges(entities, limit=_TAILS)
    rows = zip(entities[positions].tolist(), codes.tolist(), tails.tolist(), strict=True)
    for entity, code, tail in rows:
        found[entity][code].append(tail)
    return found


class _Reached:
    """How many entities reach one by a relation code."""

    def __init__(self, graph: KnowledgeGraph, owner: Ints, codes: Ints, counts: Ints) -> None:
        self._inverse = graph.inverse
        shape = graph.entity_count, 2 * graph.relation_count
        self._counts = sparse.csr_matrix((counts, (owner, codes)), shape=shape)

    def __getitem__(self, key: tuple[int, int]) -> int:
        tail, code = key
        begin, end = self._counts.indptr[tail : tail + 2]
        at = begin + np.searchsorted(self._counts.indices[begin:end], self._inverse(code))
        return int(self._counts.data[at])


def _frequencies(graph: KnowledgeGraph) -> tuple[Ints, Floats, _Reached]:
    """By code: how many entities have it, and how functional it is: entities by edges."""
    owner, codes, counts = graph.relations_of(np.arange(graph.entity_count))
    having = np.bincount(codes, minlength=2 * graph.relation_count)
    edges = np.bincount(codes, counts, minlength=2 * graph.relation_count)
    reached = _Reached(graph, owner, codes, counts)
    return having, having / np.maximum(edges, 1), reached
