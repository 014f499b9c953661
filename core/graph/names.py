"""All names of a graph's entities, and what it means to resemble one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal, Protocol

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.linking import ids, labels_and_aliases
from core.plain_text import joined


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An entity, the name of it that comes nearest, and how near: 1 is alike."""

    entity: int
    name: str
    score: float


class NameSearch(Protocol):
    """A way to find the names that a text resembles.

    Attributes:
        match: What a mention found this way is called.
        threshold: Lowest score at which a stretch of a question may stand for a name.
    """

    match: Literal["spelling", "vector"]
    threshold: float

    def search_all(self, texts: Sequence[str], k: int = 5) -> list[tuple[Resemblance, ...]]:
        """For each text the `k` entities whose names come nearest, nearest first."""


def entity_names(graph: KnowledgeGraph) -> tuple[Ints, list[str]]:
    """Every label and alias as a reader writes it, and the id of what has no label.

    Returns:
        `(entities, names)`: `(names,)` entity numbers and as many names; none twice.
    """
    bare = ((name, entity) for name, entity, is_labelled in ids(graph) if not is_labelled)
    named = ((name, entity) for name, entity, _ in labels_and_aliases(graph))
    pairs = dict.fromkeys((joined(name), entity) for name, entity in chain(named, bare))
    kept = [(name, entity) for name, entity in pairs if name]
    return np.array([entity for _, entity in kept], np.int32), [name for name, _ in kept]


def nearest(found: Iterable[Resemblance], k: int) -> tuple[Resemblance, ...]:
    """The first `k` entities of what was found, each by the first of its names."""
    best: dict[int, Resemblance] = {}
    for one in found:
        best.setdefault(one.entity, one)
    return tuple(best.values())[:k]
