"""A teacher's label, spelled in the student's tokens.

The masses of the relation tree become masses of the token trie by summing over the paths through
each token node; the teacher's next-token soft label is then

    p_T(t | u) = M(u.t) / M(u)

exact and sparse. A student learns them along *rows*: token sequences of one path each. Sampling one
row per question and epoch from the teacher gives every node the weight M(u) in expectation, at the
price of plain fine-tuning; taking all rows, each weighted by its probability, gives it exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.distill.losses import NodeTargets
from core.labels.masses import node_masses
from core.labels.path_labels import PathLabel
from core.student.path_trie import PathTrie, build_trie
from core.student.prompts import Speller

Choice = tuple[np.ndarray, np.ndarray]
"""Tokens of a node's children, and the log of the teacher's probability of each."""


@dataclass(frozen=True, eq=False)
class TrieTargets:
    """One question's soft targets: flat columns over the nodes of its trie, the root first.

    Nodes stand breadth first, so the children of a node stand side by side.

    Attributes:
        parents: `(nodes,)` int32; 0 at the root.
        tokens: `(nodes,)` int32, the token that leads to each node.
        starts: `(nodes + 1,)` int32; the children of u are starts[u] .. starts[u + 1].
        masses: `(nodes,)` float64 teacher mass of each node; 1 at the root.
        logs: `(nodes,)` float64 log p_T(node | its parent); -inf where the teacher rules it out.
        ends: int32, nodes where a row may end: at a `<stop>`, or at the `<hop>` of a bucket.
    """

    parents: np.ndarray
    tokens: np.ndarray
    starts: np.ndarray
    masses: np.ndarray
    logs: np.ndarray
    ends: np.ndarray

    def row(self, end: int) -> tuple[list[int], list[int]]:
        """The row that ends at a trie node.

        Returns:
            `(tokens, nodes)`: the tokens from the root to the end, and the node that stands
            *before* each of them.
        """
        tokens: list[int] = []
        nodes: list[int] = []
        while end != 0:
            tokens.append(int(self.tokens[end]))
            end = int(self.parents[end])
            nodes.append(end)
        return tokens[::-1], nodes[::-1]

    def sample(self, draw: np.random.Generator) -> int:
        """An end, drawn with the teacher's probability."""
        weights = self.masses[self.ends]
        return int(self.ends[draw.choice(len(self.ends), p=weights / weights.sum())])

    def choices(self, nodes: Sequence[int]) -> list[Choice]:
        """At each node its children's tokens and the log of the teacher's choice among them."""
        found = []
        for node in nodes:
            begin, end = self.starts[node], self.starts[node + 1]
            found.append((self.tokens[begin:end], self.logs[begin:end]))
        return found

    def path_trie(self) -> PathTrie:
        """The trie itself, with the same numbers, to score a student on it."""
        children: list[dict[int, int]] = [
            {int(self.tokens[child]): child for child in range(begin, end)}
            for begin, end in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
        ]
        nowhere = np.zeros(0, np.int64)
        return PathTrie(children, nowhere, nowhere)


def trie_targets(label: PathLabel, speller: Speller) -> TrieTargets:
    """Spell a label in tokens and push its masses onto the trie."""
    trie = build_trie(label.parents, label.relations, label.expanded, speller)
    size = len(trie.children)
    order = [0]  # trie nodes breadth first
    parents, tokens = np.zeros(size, np.int32), np.zeros(size, np.int32)
    starts = np.empty(size + 1, np.int32)
    for place, node in enumerate(order):
        starts[place] = len(order)
        for token, child in trie.children[node].items():
            parents[len(order)], tokens[len(order)] = place, token
            order.append(child)
    starts[size] = size
    place_of = np.argsort(order)
    masses = np.zeros(size)
    stops = place_of[trie.ends[trie.ends >= 0]]
    buckets = place_of[trie.at[~label.expanded]]
    # Added, not set: a tokenizer that normalises text may spell two relations alike.
    np.add.at(masses, stops, label.stops[trie.ends >= 0])
    np.add.at(masses, buckets, label.masses[~label.expanded])
    ends = np.unique(np.concatenate([stops, buckets]))
    masses = node_masses(parents, masses)
    # What stands below a node, so that the choices at it sum to one to the last digit.
    below = np.bincount(parents[1:], weights=masses[1:], minlength=size)
    logs = np.full(size, -np.inf)
    there = np.flatnonzero(masses)
    there = there[there > 0]
    logs[there] = np.log(masses[there]) - np.log(below[parents[there]])
    return TrieTargets(
        parents, tokens, starts, masses, logs, ends[masses[ends] > 0].astype(np.int32)
    )


def node_targets(choices: Sequence[Choice], weights: Sequence[float]) -> NodeTargets:
    """Lay the choices at many nodes side by side for `soft_loss`."""
    counts = np.array([len(tokens) for tokens, _ in choices], np.int64)
    tokens = [tokens for tokens, _ in choices] or [np.zeros(0, np.int32)]
    logs = [log for _, log in choices] or [np.zeros(0)]
    return NodeTargets(
        weight=torch.tensor(weights, dtype=torch.float64),
        child_node=torch.from_numpy(np.repeat(np.arange(len(choices)), counts)),
        child_token=torch.from_numpy(np.concatenate(tokens)).long(),
        child_log=torch.from_numpy(np.concatenate(logs)),
    )
