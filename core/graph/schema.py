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
from core.graph.removal import Reduced


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
