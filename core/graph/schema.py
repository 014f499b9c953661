"""What a graph's relations have to do with each other, whatever the entities.

A relation *follows* another where some entity that the one reaches is left by the other: after
`born_in` comes `city_of`, never `directed_by`. What could follow, but does not at some entity, is
what that entity lacks.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from scipy import sparse

from core.graph.knowledge_graph import KnowledgeGraph


def followers(graph: KnowledgeGraph) -> sparse.csr_matrix:
    """Which relation codes follow which: `(2 R, 2 R)` bool, found once per graph.

    Row a holds the codes that leave at least one entity that code a reaches. The way back is always
    among them.
    """
    if graph not in _FOUND:
        codes = 2 * graph.relation_count
        owner, leaving, _ = graph.relations_of(np.arange(graph.entity_count))
        ones = np.ones(len(owner), np.int32)
        leaves = sparse.csr_matrix((ones, (owner, leaving)), shape=(graph.entity_count, codes))
        together = (leaves.T @ leaves).tocsr().astype(bool)
        # What a code reaches is what its inverse leaves.
        back = (np.arange(codes) + graph.relation_count) % codes
        _FOUND[graph] = together[back]
    return _FOUND[graph]


_FOUND: WeakKeyDictionary[KnowledgeGraph, sparse.csr_matrix] = WeakKeyDictionary()
