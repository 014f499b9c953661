"""A relation tree spelled in tokens: what the student may say next, and where that leads.

The trie's nodes are token prefixes of paths that exist. After every `<hop>` stands exactly one
node of the relation tree, whose children here are `<stop>` and the first tokens of the relations
that lead on; tokens shared by several relations share nodes. Nodes of the tree that are not
expanded end in their `<hop>`: what follows is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints
from core.student.prompts import Speller


@dataclass(frozen=True, eq=False)
class PathTrie:
    """A trie over token ids; node 0 is the root.

    Attributes:
        children: For each trie node, next token -> trie node.
        at: `(tree nodes,)` trie node that stands after each tree node's `<hop>` (root: 0).
        ends: `(tree nodes,)` trie node of `<stop>` at each tree node; -1 where it may not stop.
    """

    children: list[dict[int, int]]
    at: Ints
    ends: Ints

    def allowed(self, tokens: Sequence[int]) -> list[int]:
        """Tokens that may follow a prefix; empty after `<stop>` or off the trie."""
        node = 0
        for token in tokens:
            following = self.children[node].get(token)
            if following is None:
                return []
            node = following
        return list(self.children[node])


def build_trie(
    parents: Ints, relations: Sequence[str], expanded: np.ndarray, speller: Speller
) -> PathTrie:
    """Spell a relation tree.

    Args:
        parents: `(nodes,)`, -1 at the root, parents before children.
        relations: Relation name of the hop into each node.
        expanded: `(nodes,)` whether the node's continuations are known.
        speller: How relations are spelled.
    """
    children: list[dict[int, int]] = [{}]
    at = np.zeros(len(parents), np.int64)
    ends = np.full(len(parents), -1, np.int64)

    def step(node: int, token: int) -> int:
        if token not in children[node]:
            children[node][token] = len(children)
            children.append({})
        return children[node][token]

    for node in range(1, len(parents)):
        place = int(at[parents[node]])
        for token in (*speller.relation(relations[node]), speller.hop):
            place = step(place, token)
        at[node] = place
        if expanded[node]:
            ends[node] = step(place, speller.stop)
    return PathTrie(children, at, ends)
