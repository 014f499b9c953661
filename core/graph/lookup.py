"""Entities by a few letters of their name, for a person who types into a box.

A question's entities are for `linking`; this is plain search: a whole name before its beginning,
its beginning before its middle, and more edges before fewer. Neither accents nor
the dots inside a name need be typed.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import NotFound
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.text_search import SearchableNames
from core.plain_text import plain

_SILENT = r"[\x{0300}-\x{036f}·・•‧]"

_WHOLE, _BEGINNING, _MIDDLE, _NOWHERE = range(4)
_DEGREE_BITS = 40


def find_by_name(graph: KnowledgeGraph, text: str, limit: int = 20) -> list[int]:
    """Entities whose label in any language, alias or id holds a text, in any case and accents.

    Args:
        graph: Where to look.
        text: What was typed; blank finds nothing.
        limit: At most so many entities.

    Returns:
        Entity numbers, best first.
    """
    wanted = " ".join(_bare(pa.array([text]))[0].as_py().split())
    if not wanted:
        return []
    ranks = np.full(graph.entity_count, _NOWHERE, np.int8)
    for owners, names in _bare_names(graph):
        held, how = _ranks(names, wanted)
        np.minimum.at(ranks, held if owners is None else owners[held], how)
    found = np.flatnonzero(ranks < _NOWHERE)
    places = (ranks[found].astype(np.int64) << _DEGREE_BITS) - graph.degree(found)
    if len(found) > limit:  # of many, most need no order
        kept = places <= np.partition(places, limit - 1)[limit - 1]
        found, places = found[kept], places[kept]
    return [int(entity) for entity in found[np.argsort(places, kind="stable")[:limit]]]


def entity_named(graph: KnowledgeGraph, text: str) -> int | None:
    """An entity by its id or its whole name, in any language; the best known of several.

    Returns:
        Its number; None if there is none.
    """
    number = graph.find_entity(text)
    if number is not None:
        return number
    for entity in find_by_name(graph, text, 5):
        names = [graph.label(entity, language) for language in graph.languages]
        if plain(text) in map(plain, (*names, *graph.aliases(entity))):
            return entity
    return None


def required_entity(graph: KnowledgeGraph, text: str) -> int:
    """The same where there has to be one.

    Raises:
        NotFound: If there is none; it names what comes near.
    """
    number = entity_named(graph, text)
    if number is not None:
        return number
    near = find_by_name(graph, text, 5)
    hint = ", ".join(graph.entity_id(entity) for entity in near) or "nothing near"
    raise NotFound(
        "The graph {name!r} has no entity named {text!r} (near: {hint}).",
        name=graph.name,
        text=text,
        hint=hint,
    )


def _bare(names: pa.Array) -> pa.Array:
    """Names in small letters, without accents and inner dots."""
    if pc.all(pc.string_is_ascii(names)).as_py() is not False:
        return pc.utf8_lower(names)
    letters = pc.utf8_normalize(pc.utf8_lower(pc.utf8_normalize(names, form="NFKD")), form="NFKD")
    return pc.utf8_normalize(pc.replace_substring_regex(letters, _SILENT, ""), form="NFC")


def _bare_names(graph: KnowledgeGraph) -> list[tuple[Ints | None, SearchableNames]]:
    """Ids, labels and aliases, bare, found once per graph; whose aliases are which."""
    if graph not in _FOUND:
        columns = ("id", *(f"label:{language}" for language in graph.languages))
        there = [graph.column("entities", name) for name in columns]
        found: list[tuple[Ints | None, SearchableNames]] = [
            (None, SearchableNames(_bare(column.combine_chunks())))
            for column in there
            if column is not None
        ]
        if (aliases := graph.column("entities", "aliases")) is not None:
            lists = aliases.combine_chunks()
            owners = np.asarray(pc.list_parent_indices(lists))
            found.append((owners, SearchableNames(_bare(pc.list_flatten(lists)))))
        _FOUND[graph] = found
    return _FOUND[graph]


def _ranks(names: SearchableNames, wanted: str) -> tuple[Ints, NDArray[np.int8]]:
    """Which bare names hold the text, and how: `(held,)` each."""
    held = names.holding(wanted)
    few = names.names.take(pa.array(held))
    ranks = np.full(len(held), _MIDDLE, np.int8)
    ranks[np.asarray(pc.starts_with(few, wanted))] = _BEGINNING
    ranks[np.asarray(pc.equal(few, wanted))] = _WHOLE
    return held, ranks


_FOUND: WeakKeyDictionary[KnowledgeGraph, list[tuple[Ints | None, SearchableNames]]] = (
    WeakKeyDictionary()
)
