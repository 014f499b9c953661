"""How probable a student finds every path of a topic: exactly, at once.

The topic's relation-prefix tree is grown whole, spelled and scored in one forward pass, so what is
read off is no search's approximation. At every place where the tree may grow on stand two leaves
more, `<missing>` and `<none>`; and where a student leaves the tree, its mass is lost beside it:

    sum over paths of P(path) + sum over places of [P(<missing>) + P(<none>) + P(beside)] = 1

What is beside tells what the graph lacks: a student does not see what a topic has, and names the
relation that it reads in the question. Confined to what is there, each choice among the tokens
renormalised, it would be made to mean another one, and be sure of it. Students of before, which
know no `<missing>`, are confined; their paths alone sum to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedModel

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import ROOT, PathTree, TreeShape, grow_tree
from core.records import RelationPath
from core.student.absence import absent_relations
from core.student.path_trie import PathTrie, build_trie
from core.student.prompts import Speller
from core.student.scoring import score_tree


@dataclass(frozen=True, eq=False)
class SpelledTree:
    """A topic's relation-prefix tree, and the same in a student's tokens.

    Attributes:
        tree: The tree.
        trie: The same in tokens.
        missing, none: `(tree nodes,)` trie node of `<missing>` and of `<none>` at each tree node;
            -1 where it is not offered.
    """

    tree: PathTree
    trie: PathTrie
    missing: Ints
    none: Ints


@dataclass(frozen=True, eq=False)
class PathPosterior:
    """What a student finds probable on a tree; see the module's text.

    Attributes:
        path: `(tree nodes,)` float64, of the path that ends at each node; 0 at the root.
        missing: `(tree nodes,)` that a relation is looked for at the node which is not there.
        none: `(tree nodes,)` that what is looked for there is none of the graph's relations.
        beside: `(tree nodes,)` that it goes on from there with what is not in the tree.
        reached: `(tree nodes,)` of all that begins with each node's prefix; 1 at the root.
    """

    path: np.ndarray
    missing: np.ndarray
    none: np.ndarray
    beside: np.ndarray
    reached: np.ndarray


def spelled_tree(
    graph: KnowledgeGraph, topic: int, shape: TreeShape, speller: Speller
) -> SpelledTree | None:
    """The whole tree of a topic in tokens; None where it is too large to be grown whole."""
    tree = grow_tree(graph, topic, shape)
    if tree.truncated:
        return None
    return spell_tree(graph, tree, speller, shape)


def spell_tree(
    graph: KnowledgeGraph,
    tree: PathTree,
    speller: Speller,
    shape: TreeShape,
    *,
    everywhere: bool = False,
) -> SpelledTree:
    """A tree in tokens; where it is not grown on, what lies below is one bucket.

    Args:
        graph: What the tree was grown in.
        tree: The tree.
        speller: How the student spells.
        shape: That of the tree.
        everywhere: Offer `<missing>` where no relation is missing too.
    """
    names = ("", *(graph.relation_id(code) for code in tree.relations[1:].tolist()))
    trie = build_trie(tree.parents, names, ~tree.open, speller)
    if speller.absent is None:
        return SpelledTree(tree, trie, *(_offered(trie, (), -1) for _ in range(2)))
    grows = (tree.depths < shape.hops) & (np.diff(tree.starts) <= shape.widest) & ~tree.open
    grows[ROOT] &= len(tree) > 1
    present = np.bincount(tree.parents[1:], minlength=len(tree))
    lacking = everywhere | (present < len(absent_relations(graph, shape.directions, ())))
    missing = _offered(trie, np.flatnonzero(grows & lacking).tolist(), speller.absent[0])
    none = _offered(trie, np.flatnonzero(grows).tolist(), speller.absent[1])
    return SpelledTree(tree, trie, missing, none)


def _offered(trie: PathTrie, nodes: Sequence[int], token: int) -> Ints:
    """Let one more token be said after some tree nodes; a leaf each.

    Returns:
        `(tree nodes,)` trie node of the leaf; -1 at all others.
    """
    leaves = np.full(len(trie.at), -1, np.int64)
    for node in nodes:
        below = trie.children[trie.at[node]]
        if token not in below:  # two relations that are spelled alike share their place
            below[token] = len(trie.children)
            trie.children.append({})
        leaves[node] = below[token]
    return leaves


def path_posterior(
    model: PreTrainedModel, prompt: Sequence[int], spelled: SpelledTree
) -> PathPosterior:
    """What the student finds probable; see the module's text.

    Args:
        model: The student, ready to score.
        prompt: Tokens of the question, up to and with `<path>`.
        spelled: What may be said.

    Returns:
        Of two paths that a tokenizer spells alike the first is meant, as in decoding.
    """
    confined = not (spelled.none >= 0).any()
    mass = np.exp(score_tree(model, prompt, spelled.trie, confined=confined))
    path, missing, none, reached = (
        _first_alone(mass, at)
        for at in (spelled.trie.ends, spelled.missing, spelled.none, spelled.trie.at)
    )
    beside = np.zeros(len(path)) if confined else _beside(spelled.trie, mass)
    return PathPosterior(path, missing, none, beside, reached)


def _beside(trie: PathTrie, mass: np.ndarray) -> np.ndarray:
    """What the student would say that is not in a trie, by the place where it leaves off.

    Args:
        trie: A parent stands before its children.
        mass: `(trie nodes,)`.

    Returns:
        `(tree nodes,)`; what is left in the midst of a relation counts where that began.
    """
    places, first = np.unique(trie.at, return_index=True)
    of_place = dict(zip(places.tolist(), first.tolist(), strict=True))
    each: list[float] = mass.tolist()  # whose numbers are quicker to take one by one
    begun = [0] * len(each)
    lost = np.zeros(len(trie.at))
    for node, below in enumerate(trie.children):
        begun[node] = of_place.get(node, begun[node])
        if below:
            for child in below.values():
                begun[child] = begun[node]
            lost[begun[node]] += max(each[node] - sum(each[child] for child in below.values()), 0.0)
    return lost


def _first_alone(mass: np.ndarray, at: Ints) -> np.ndarray:
    """The mass of a trie node for the first tree node that it stands for, 0 for the others.

    Args:
        mass: `(trie nodes,)`.
        at: `(tree nodes,)` trie node of each tree node; -1 for none.
    """
    places, first = np.unique(at, return_index=True)
    alone = np.zeros(len(at))
    alone[first[places >= 0]] = mass[places[places >= 0]]
    return alone


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
