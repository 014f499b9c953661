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
from core.labels.path_labels import PathLabel
from core.student.path_trie import PathTrie, build_trie
from core.student.prompts import Speller


@dataclass(frozen=True, eq=False)
class TrieTargets:
    """One question's soft targets.

    Attributes:
        trie: The label's tree spelled in tokens.
        masses: `(trie nodes,)` float64 teacher mass of each node; 1 at the root.
        ends: Trie nodes where a row may end: at a `<stop>`, or at the `<hop>` of a bucket.
    """

    trie: PathTrie
    masses: np.ndarray
    ends: np.ndarray
    parents: np.ndarray
    tokens: np.ndarray

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

    def choices(self, nodes: Sequence[int]) -> list[tuple[list[int], np.ndarray]]:
        """At each node its children's tokens and the log of the teacher's choice among them."""
        found = []
        for node in nodes:
            below = self.trie.children[node]
            masses = self.masses[list(below.values())]
            with np.errstate(divide="ignore"):
                found.append((list(below), np.log(masses) - np.log(masses.sum())))
        return found


def trie_targets(label: PathLabel, speller: Speller) -> TrieTargets:
    """Spell a label in tokens and push its masses onto the trie."""
    trie = build_trie(label.parents, label.relations, label.expanded, speller)
    size = len(trie.children)
    parents = np.zeros(size, np.int64)
    tokens = np.zeros(size, np.int64)
    for node, below in enumerate(trie.children):
        for token, child in below.items():
            parents[child], tokens[child] = node, token
    masses = np.zeros(size)
    stops = trie.ends >= 0
    # Added, not set: a tokenizer that normalises text may spell two relations alike.
    np.add.at(masses, trie.ends[stops], label.stops[stops])
    np.add.at(masses, trie.at[~label.expanded], label.masses[~label.expanded])
    ends = np.unique(np.concatenate([trie.ends[stops], trie.at[~label.expanded]]))
    for node in range(size - 1, 0, -1):
        masses[parents[node]] += masses[node]
    return TrieTargets(trie, masses, ends[masses[ends] > 0], parents, tokens)


def node_targets(
    choices: Sequence[tuple[list[int], np.ndarray]], weights: Sequence[float]
) -> NodeTargets:
    """Lay the choices at many nodes side by side for `soft_loss`."""
    counts = [len(tokens) for tokens, _ in choices]
    logs = [log for _, log in choices]
    return NodeTargets(
        weight=torch.tensor(weights, dtype=torch.float64),
        child_node=torch.repeat_interleave(
            torch.arange(len(choices)), torch.tensor(counts, dtype=torch.long)
        ),
        child_token=torch.tensor(
            [token for tokens, _ in choices for token in tokens], dtype=torch.long
        ),
        child_log=torch.as_tensor(np.concatenate(logs) if logs else np.zeros(0)),
    )
