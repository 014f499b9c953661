"""How probable a student, confined to the graph, finds every path of a topic: exactly, at once.

The topic's relation-prefix tree is grown whole, spelled and scored in one forward pass, so what is
read off is no search's approximation: P(path | question) of all paths, which sum to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedModel

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import PathTree, TreeShape, grow_tree
from core.records import RelationPath
from core.student.path_trie import PathTrie, build_trie
from core.student.prompts import Speller
from core.student.scoring import score_tree


@dataclass(frozen=True, eq=False)
class SpelledTree:
    """A topic's relation-prefix tree, and the same in a student's tokens."""

    tree: PathTree
    trie: PathTrie


def spelled_tree(
    graph: KnowledgeGraph, topic: int, shape: TreeShape, speller: Speller
) -> SpelledTree | None:
    """The whole tree of a topic in tokens; None where it is too large to be grown whole."""
    tree = grow_tree(graph, topic, shape)
    if tree.truncated:
        return None
    return spell_tree(graph, tree, speller)


def spell_tree(graph: KnowledgeGraph, tree: PathTree, speller: Speller) -> SpelledTree:
    """A tree in tokens; where it is not grown on, what lies below is one bucket."""
    names = ("", *(graph.relation_id(code) for code in tree.relations[1:].tolist()))
    return SpelledTree(tree, build_trie(tree.parents, names, ~tree.open, speller))


def path_posterior(
    model: PreTrainedModel, prompt: Sequence[int], spelled: SpelledTree
) -> np.ndarray:
    """P(path | question) under the student confined to the tree.

    Args:
        model: The student, ready to score.
        prompt: Tokens of the question, up to and with `<path>`.
        spelled: What may be said.

    Returns:
        `(tree nodes,)` float64, of the path that ends at each node; 0 at the root. Of two paths
        that a tokenizer spells alike the first is meant, as in decoding.
    """
    mass = np.exp(score_tree(model, prompt, spelled.trie, confined=True))
    ends, first = np.unique(spelled.trie.ends, return_index=True)
    posterior = np.zeros(len(spelled.tree))
    posterior[first[ends >= 0]] = mass[ends[ends >= 0]]
    return posterior


def likely_paths(
    graph: KnowledgeGraph, tree: PathTree, posterior: np.ndarray, floor: float
) -> list[tuple[RelationPath, float]]:
    """Paths at least `floor` times as probable as the best one, most probable first."""
    order = np.argsort(-posterior, kind="stable")
    likely = order[posterior[order] >= max(floor * posterior[order[0]], np.finfo(float).tiny)]
    return [
        (tuple(graph.relation_id(code) for code in tree.prefix(node)), float(posterior[node]))
        for node in likely.tolist()
    ]
