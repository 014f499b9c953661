"""What topics are called in questions: by a label, now and then by an alias."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from core.graph.knowledge_graph import KnowledgeGraph
from core.plain_text import language_of

AMBIGUOUS = 0.05
"""Largest share of things asked about an entity that shares its name."""

_ALIAS = 0.15  # share of topics spoken by another of their names


class TopicNames:
    """Names of a graph's entities in the languages that are asked in."""

    def __init__(self, graph: KnowledgeGraph, languages: Sequence[str]) -> None:
        self._graph, self._languages = graph, languages

    def is_ambiguous(self, topic: int) -> bool:
        """Whether other entities have a topic's name in some language."""
        return any(self.label(topic, x) in self._shared[x] for x in self._languages)

    def label(self, topic: int, language: str) -> str:
        """Its label."""
        return self._graph.label(topic, language)

    def name(self, topic: int, language: str, rng: random.Random) -> str:
        """The topic's label, now and then another name that only it has."""
        others = [
            name
            for name in self._graph.aliases(topic)
            if language_of(name) == language and name not in self._shared[language]
        ]
        if others and rng.random() < _ALIAS:
            return rng.choice(others)
        return self.label(topic, language)

    @cached_property
    def _shared(self) -> dict[str, frozenset[str]]:
        """Names that several entities have, by language."""
        return {language: _borne_by_several(self._graph, language) for language in self._languages}


def _borne_by_several(graph: KnowledgeGraph, language: str) -> frozenset[str]:
    labels = graph.column("entities", f"label:{language}")
    aliases = graph.column("entities", "aliases")
    columns = [*(labels.chunks if labels is not None else ())]
    if aliases is not None:
        columns += pc.list_flatten(aliases).chunks
    counts = pc.value_counts(pa.chunked_array(columns, pa.string()))
    many = counts.filter(pc.greater(counts.field("counts"), 1))
    return frozenset(many.field("values").to_pylist()) - {None}
