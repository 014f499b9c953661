"""What a graph's relations have to do with each other, whatever the entities.

A relation *follows* another where some entity that the one reaches is left by the other: after
`born_in` comes `city_of`, never `directed_by`. What could follow, but does not at some entity, is
what that entity lacks.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from scipy import sparse

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.removal import Edge, Reduced, as_triple


def followers(graph: KnowledgeGraph) -> sparse.csr_matrix:
    """Which relation codes follow which, found once per graph: `(2 R, 2 R)` int64.

    Row a holds the codes that leave an entity that code a reaches, each with the number of such
    entities. The way back is always among them. A graph from which something was left out is looked
    at where it lacks something, and no further.
    """
    if graph not in _FOUND:
        if isinstance(graph, Reduced):
            changed = graph.changed_entities()
            found = followers(graph.whole) - _counted(graph.whole, changed)
            found = (found + _counted(graph, changed)).tocsr()
        else:
            found = _counted(graph, np.arange(graph.entity_count))
        found.eliminate_zeros()
        found.sort_indices()
        _FOUND[graph] = found
    return _FOUND[graph]


def sole_witnesses(graph: KnowledgeGraph, first: Ints, second: Ints) -> set[Edge]:
    """Facts on each of which alone it may rest that some relation codes follow each other.

    Without any other fact they still do.

    Args:
        graph: Whose facts.
        first: `(pairs,)` codes.
        second: `(pairs,)` the code that follows each.
    """
    if not len(first):
        return set()
    count = np.asarray(followers(graph)[first, second]).ravel()
    # A fact that two entities have alone, the one as its head and the other as its tail, may be
    # all that either has of a code that follows itself.
    few = (count == 1) | ((count == 2) & (first == second))
    owner, leaving, _ = graph.relations_of(np.arange(graph.entity_count))
    found: set[Edge] = set()
    for before, after in zip(first[few].tolist(), second[few].tolist(), strict=True):
        back = graph.inverse(before)
        for witness in np.intersect1d(owner[leaving == back], owner[leaving == after]).tolist():
            for code in (back, after):
                tails = graph.edges_along(np.array([witness]), code)[1].tolist()
                if len(tails) == 1:
                    found.add(as_triple(graph, (witness, code, tails[0])))
    return found


def _counted(graph: KnowledgeGraph, entities: Ints) -> sparse.csr_matrix:
    """How many of some entities each code reaches that each other code leaves."""
    codes = 2 * graph.relation_count
    owner, leaving, _ = graph.relations_of(entities)
    ones = np.ones(len(owner), np.int64)
    leaves = sparse.csr_matrix((ones, (owner, leaving)), shape=(len(entities), codes))
    # What a code reaches is what its inverse leaves.
    back = (np.arange(codes) + graph.relation_count) % codes
    return (leaves.T @ leaves).tocsr()[back]


_FOUND: WeakKeyDictionary[KnowledgeGraph, sparse.csr_matrix] = WeakKeyDictionary()
