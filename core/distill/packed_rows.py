"""All that a question teaches in one row: the paths of its label, gold paths, those that pay.

Where a path is drawn (`examples.rows`), a node of the trie counts with M(u) in expectation; here it
counts with exactly M(u), and the gold paths with their exact mean; and only here are the paths
that pay all at hand, whose rewards are summed over. Nothing is left to chance, the
prompt and what paths share are read once, and nodes that the teacher hardly comes to are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.distill.soft_targets import Choice, TrieTargets
from core.student.packing import pack
from core.student.path_trie import PathTrie

if TYPE_CHECKING:
    from core.distill.examples import Example


RARE = 1e-2
"""Nodes that the teacher comes to more seldom are not read; L_soft lacks so much of their KL."""


@dataclass(frozen=True, eq=False)
class PackedRow:
    """Some nodes of a question's trie behind its prompt; see `core.student.packing`.

    Attributes:
        prompt, path: Tokens; the second of the packed nodes.
        ancestors: `(path, path)` bool, which of the packed nodes each of them sees; None where they
            are one path.
        hard: Of each step along a gold path: place, token, weight. The weights of all gold paths
            together sum to one for each step that they take.
        soft: Of each node that the teacher comes to: place, its choice there, M(u).
        paying: Of each step along a path that pays: place, token, number of the path.
        pays: The rewards of these paths, with the first of a question's rows.
    """

    prompt: list[int]
    path: list[int]
    ancestors: np.ndarray | None
    hard: list[tuple[int, int, float]]
    soft: list[tuple[int, Choice, float]]
    paying: list[tuple[int, int, int]]
    pays: list[float]

    def hard_steps(self) -> list[tuple[int, int, float]]:
        """Place, token and weight of each step along a gold path."""
        return self.hard

    def soft_steps(self) -> list[tuple[int, Choice, float]]:
        """Place, choice and weight of each node that the teacher comes to."""
        return self.soft

    def paying_steps(self) -> list[tuple[int, int, int]]:
        """Place, token and path of each step along the paths that pay."""
        return self.paying


def packed_rows(example: Example) -> list[PackedRow]:
    """The rows of an example; one, unless its trie is very large."""
    soft = example.soft
    children = [{}] if soft is None else [dict(below) for below in soft.path_trie().children]
    steps = _gold_steps(children, example.gold)
    paying = _paying_steps(children, [tokens for tokens, _ in example.paying])
    taught = _taught(soft)
    read = np.zeros(len(children), bool)
    read[list(taught)] = True
    read[[*steps, *paying]] = True
    nowhere = np.zeros(0, np.int64)
    made: list[PackedRow] = []
    for row in pack(PathTrie(children, nowhere, nowhere), read.tolist()):
        hard = [
            (row.places[node], token, weight / len(example.gold))
            for node in row.read
            for token, weight in steps.get(node, {}).items()
        ]
        here = [node for node in row.read if node in taught]
        choices = soft.choices(here) if soft is not None else []
        spelled = [
            (row.places[node], choice, taught[node])
            for node, choice in zip(here, choices, strict=True)
        ]
        paid = [(row.places[node], *step) for node in row.read for step in paying.get(node, ())]
        pays = [] if made else [reward for _, reward in example.paying]
        made.append(PackedRow(example.prompt, row.tokens, row.ancestors, hard, spelled, paid, pays))
    return made


def _taught(soft: TrieTargets | None) -> dict[int, float]:
    """The nodes at which the teacher has something to say, with its mass there."""
    if soft is None:
        return {}
    inner = np.flatnonzero((np.diff(soft.starts) > 0) & (soft.masses > RARE))
    return dict(zip(inner.tolist(), soft.masses[inner].tolist(), strict=True))


def _gold_steps(
    children: list[dict[int, int]], gold: Sequence[Sequence[int]]
) -> dict[int, dict[int, float]]:
    """By node, how many gold paths take each token there; the trie grows by those it lacks."""
    steps: dict[int, dict[int, float]] = {}
    for path in gold:
        for node, token in _walked(children, path):
            taken = steps.setdefault(node, {})
            taken[token] = taken.get(token, 0.0) + 1
    return steps


def _paying_steps(
    children: list[dict[int, int]], paths: Sequence[Sequence[int]]
) -> dict[int, list[tuple[int, int]]]:
    """By node, the token that each path through it takes, and its number; the trie grows too."""
    steps: dict[int, list[tuple[int, int]]] = {}
    for number, path in enumerate(paths):
        for node, token in _walked(children, path):
            steps.setdefault(node, []).append((token, number))
    return steps


def _walked(children: list[dict[int, int]], path: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The node before each token of a path, and the token; the trie grows by what it lacks."""
    node = 0
    for token in path:
        yield node, token
        if token not in children[node]:
            children[node][token] = len(children)
            children.append({})
        node = children[node][token]
