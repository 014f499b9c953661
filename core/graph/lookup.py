"""Entities by a few letters of their name, for a person who types into a box.

A question's entities are for `linking`; this is plain search: a whole name before its beginning,
its beginning before its middle, and more edges before fewer.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.graph.knowledge_graph import Ints, KnowledgeGraph

_WHOLE, _BEGINNING, _MIDDLE, _NOWHERE = range(4)


def find_by_name(graph: KnowledgeGraph, text: str, limit: int = 20) -> list[int]:
    """Entities whose label in any language, alias or id holds a text; case does not matter.

    Args:
        graph: Where to look.
        text: What was typed; blank finds nothing.
        limit: At most so many entities.

    Returns:
        Entity numbers, best first.
    """
    wanted = " ".join(text.split())
    if not wanted:
        return []
    ranks = np.full(graph.entity_count, _NOWHERE)
    for name in ("id", *(f"label:{language}" for language in graph.languages)):
        if (column := graph.column("entities", name)) is not None:
            np.minimum(ranks, _ranks(column.combine_chunks(), wanted), out=ranks)
    if (aliases := graph.column("entities", "aliases")) is not None:
        lists = aliases.combine_chunks()
        owners = np.asarray(pc.list_parent_indices(lists))
        np.minimum.at(ranks, owners, _ranks(pc.list_flatten(lists), wanted))
    found = np.flatnonzero(ranks < _NOWHERE)
    order = np.lexsort((found, -graph.degree(found), ranks[found]))
    return [int(entity) for entity in found[order[:limit]]]


def _ranks(names: pa.Array, wanted: str) -> Ints:
    """How each name holds the text: `(names,)`."""
    ranks = np.full(len(names), _NOWHERE)
    inside = np.asarray(pc.fill_null(pc.match_substring(names, wanted, ignore_case=True), False))
    ranks[inside] = _MIDDLE
    begins = np.asarray(pc.fill_null(pc.starts_with(names, wanted, ignore_case=True), False))
    ranks[begins] = _BEGINNING
    length = np.asarray(pc.fill_null(pc.utf8_length(names), -1))
    ranks[begins & (length == len(wanted))] = _WHOLE
    return ranks
