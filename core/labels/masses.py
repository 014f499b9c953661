"""Masses of the nodes of a tree of paths, from what ends or stands at each of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.graph.knowledge_graph import Ints


def node_masses(parents: Ints, own: NDArray[Any]) -> NDArray[np.float64]:
    """Sum probabilities upward: `M(u) = own(u) + sum of M(children)`.

    Args:
        parents: `(nodes,)`, a parent before its children; what stands at the root is not read.
        own: `(nodes,)` probability of the path that ends at each node, or of all that is known
            only to pass it.
    """
    masses = own.astype(np.float64, copy=True)
    for node in range(len(parents) - 1, 0, -1):
        masses[parents[node]] += masses[node]
    return masses
