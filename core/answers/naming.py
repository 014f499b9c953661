"""Entities, relations and chains of a graph as a reader sees them, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.records import MISSING, looked_for
from core.results.named import Fact, LikelyEntity, Named
from core.verify.checking import Chain, Triple

TOP_ENTITIES = 12
"""Entities of a frontier that are named."""


@dataclass(frozen=True)
class Naming:
    """Labels of a graph in the language of a question."""

    graph: KnowledgeGraph
    language: str

    def entity(self, entity: int) -> Named:
        """An entity by number."""
        return Named(id=self.graph.entity_id(entity), label=self.graph.label(entity, self.language))

    def likely(self, entity: int, probability: float) -> LikelyEntity:
        """An entity by number with the probability of being an answer."""
        named = self.entity(entity)
        return LikelyEntity(
            id=named.id, label=named.label, probability=min(float(probability), 1.0)
        )

    def relation(self, code: int) -> Named:
        """A relation by code."""
        label = self.graph.relation_label(code, self.language)
        return Named(id=self.graph.relation_id(code), label=label)

    def claimed(self, relation: str) -> Named:
        """A relation by the name that a model gave it; the name itself if the graph lacks it.

        What is looked for in vain keeps its mark.
        """
        if sought := looked_for((relation,)):
            return Named(id=relation, label=MISSING + self.claimed(sought).label)
        code = self.graph.find_relation(relation)
        return Named(id=relation, label=relation) if code is None else self.relation(code)

    def labels(self, codes: Sequence[int]) -> tuple[str, ...]:
        """The labels of a relation path."""
        return tuple(self.graph.relation_label(code, self.language) for code in codes)

    def top_entities(self, entities: Ints) -> tuple[Named, ...]:
        """The first few of many entities, those with most edges first."""
        order = np.argsort(-self.graph.degree(entities), kind="stable")[:TOP_ENTITIES]
        return tuple(self.entity(entity) for entity in entities[order])

    def chain(self, chain: Chain) -> tuple[Fact, ...]:
        """A chain of hops from entity to entity."""
        return tuple(
            Fact(head=self.entity(head), relation=self.relation(code), tail=self.entity(tail))
            for head, code, tail in chain
        )

    def fact(self, triple: Triple) -> Fact:
        """A triple of ids."""
        head, relation, tail = triple
        graph = self.graph
        codes = (graph.entity(head), graph.relation(relation), graph.entity(tail))
        return self.chain((codes,))[0]
