"""Questions that a graph cannot answer, made of those that it can.

Nobody writes down what a graph does not hold; it is made, while a teacher learns:

    removed      a hop of the right path is taken away: it is missing where it began
    forgotten    a relation of the right path is taken out of the schema: none of those is meant
    asked_of     it is asked of another topic, as far as its path goes there

The kinds are those of GrailQAbility (Patidar et al. 2023): facts, relations and entities deleted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.graph.knowledge_graph import Ints
from core.graph.path_tree import ROOT, PathTree
from core.teacher.absence import NONE, Absent
from core.teacher.question_trees import Kinds, QuestionTree


def on_the_way(tree: PathTree, end: int) -> list[int]:
    """The nodes from the first hop down to a node."""
    nodes = []
    while end != ROOT:
        nodes.append(end)
        end = int(tree.parents[end])
    return nodes[::-1]


def removed(tree: QuestionTree, node: int) -> QuestionTree:
    """The question where the graph lacks the hop into a node.

    Where no gold path is left, that hop is what the question looks for.
    """
    parent, code = int(tree.tree.parents[node]), int(tree.tree.relations[node])
    lost = np.zeros(len(tree.tree), bool)
    lost[node] = True
    left = _without(tree, lost)
    parent = int(np.flatnonzero(~lost_below(tree.tree, lost)).searchsorted(parent))
    at = int(np.searchsorted(left.absent.nodes, parent, side="right"))
    sought = not left.gold.any()
    absent = Absent(
        np.insert(left.absent.nodes, at, parent),
        np.insert(left.absent.codes, at, code),
        np.insert(left.absent.sought, at, sought),
        np.insert(left.absent.spoken, at, tree.spoken[node]),
    )
    return _unanswered(left, absent) if sought else replace(left, absent=absent)


def forgotten(tree: QuestionTree, node: int, relations: int) -> QuestionTree:
    """The question where the graph has no relation like the hop into a node, anywhere.

    Where no gold path is left, *none of these* is meant where that hop would have been first.
    """
    relation = int(tree.tree.relations[node]) % relations
    way = on_the_way(tree.tree, node)
    first = next(at for at in way if tree.tree.relations[at] % relations == relation)
    lost = tree.tree.relations % relations == relation
    lost[ROOT] = False
    left = _without(tree, lost)
    known = (left.absent.codes == NONE) | (left.absent.codes % relations != relation)
    absent = left.absent.among(known)
    if left.gold.any():
        return replace(left, absent=absent)
    kept = np.flatnonzero(~lost_below(tree.tree, lost))
    parent = int(kept.searchsorted(int(tree.tree.parents[first])))
    sought = (absent.nodes == parent) & (absent.codes == NONE)
    return _unanswered(left, replace(absent, sought=sought))


def asked_of(tree: QuestionTree, path: tuple[int, ...], other: QuestionTree) -> QuestionTree:
    """The question asked of another question's topic, where its path leads on or does not.

    The question itself where what it would look for cannot be told.
    """
    node = ROOT
    nothing = np.zeros(len(other.tree))
    moved = replace(
        other,
        question=tree.question,
        words=tree.words,
        masked=tree.masked,
        answers=other.answers[:0],
        match=nothing,
        gold=nothing > 0,
    )
    for code in path:
        below = other.tree.children(node)
        found = below[other.tree.relations[below] == code]
        if not len(found):
            sought = (other.absent.nodes == node) & (other.absent.codes == code)
            absent = replace(other.absent, sought=sought)
            return _unanswered(moved, absent) if sought.any() else tree
        node = int(found[0])
    gold = np.arange(len(other.tree)) == node
    return replace(moved, gold=gold, match=gold.astype(float), absent=_unsought(other.absent))


def lost_below(tree: PathTree, lost: np.ndarray) -> np.ndarray:
    """Nodes that go when some are lost: these and all below them, `(nodes,)` bool."""
    gone = lost.copy()
    for depth in range(2, int(tree.depths.max(initial=0)) + 1):
        level = np.flatnonzero(tree.depths == depth)
        gone[level] |= gone[tree.parents[level]]
    return gone


def _without(tree: QuestionTree, lost: np.ndarray) -> QuestionTree:
    """The question on its tree without some nodes, and what is below them."""
    gone = lost_below(tree.tree, lost)
    kept = ~gone
    place = np.cumsum(kept) - 1
    parents, relations = tree.tree.parents, tree.tree.relations
    sizes = np.diff(tree.tree.starts)
    entities = tree.tree.entities
    less = replace(
        tree.tree,
        parents=np.where(parents[kept] < 0, -1, place[parents[kept]]).astype(np.int32),
        relations=relations[kept],
        depths=tree.tree.depths[kept],
        starts=np.concatenate([[0], np.cumsum(sizes[kept])]),
        # Trees to learn from have no frontiers, only their sizes.
        entities=entities[np.repeat(kept, sizes)] if len(entities) else entities,
        open=tree.tree.open[kept],
    )
    absent = tree.absent.among(kept[tree.absent.nodes])
    return replace(
        tree,
        tree=less,
        kinds=_kinds(tree.kinds, kept, parents[lost], relations[lost]),
        match=tree.match[kept],
        gold=tree.gold[kept],
        spoken=tree.spoken[kept],
        absent=replace(absent, nodes=place[absent.nodes]),
    )


def _kinds(kinds: Kinds, kept: np.ndarray, nodes: Ints, codes: Ints) -> Kinds:
    """What stands at the nodes that are kept, without some relations that left some of them."""
    width = 1 + max(int(kinds.codes.max(initial=0)), int(codes.max(initial=0)))
    at = np.repeat(np.arange(len(kept)), np.diff(kinds.starts))
    stays = kept[at] & ~np.isin(at * width + kinds.codes, nodes * width + codes)
    counts = np.bincount(at[stays], minlength=len(kept))[kept]
    shares = kinds.shares[stays]
    whole = np.bincount(at[stays], weights=shares, minlength=len(kept))
    return Kinds(
        np.concatenate([[0], np.cumsum(counts)]), kinds.codes[stays], shares / whole[at[stays]]
    )


def _unanswered(tree: QuestionTree, absent: Absent) -> QuestionTree:
    nothing = np.zeros(len(tree.tree))
    nobody = tree.answers[:0]
    return replace(tree, answers=nobody, match=nothing, gold=nothing > 0, absent=absent)


def _unsought(absent: Absent) -> Absent:
    return replace(absent, sought=np.zeros(len(absent), bool))
