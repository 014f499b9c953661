"""Entities, relations and chains as a reader sees them: `{"id", "label"}` in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.verify.checking import Chain, Triple

Named = dict[str, str]

NOBODY: Named = {"id": "", "label": ""}
"""Where a claim leads that has left the graph."""

CROWD = 12
"""Entities of a frontier that are named."""


@dataclass(frozen=True)
class Naming:
    """Labels of a graph in the language of a question."""

    graph: KnowledgeGraph
    language: str

    def entity(self, entity: int) -> Named:
        """An entity by number."""
        return {
            "id": self.graph.entity_id(entity),
            "label": self.graph.label(entity, self.language),
        }

    def relation(self, code: int) -> Named:
        """A relation by code."""
        return {
            "id": self.graph.relation_id(code),
            "label": self.graph.relation_label(code, self.language),
        }

    def claimed(self, relation: str) -> Named:
        """A relation by the name that a model gave it; its own label if the graph lacks it."""
        code = self.graph.find_relation(relation)
        return {"id": relation, "label": relation} if code is None else self.relation(code)

    def labels(self, codes: Sequence[int]) -> list[str]:
        """The labels of a relation path."""
        return [self.graph.relation_label(code, self.language) for code in codes]

    def crowd(self, entities: Ints) -> list[Named]:
        """The first few of many entities, those with most edges first."""
        order = np.argsort(-self.graph.degree(entities), kind="stable")[:CROWD]
        return [self.entity(entity) for entity in entities[order]]

    def chain(self, chain: Chain) -> list[dict[str, Named]]:
        """A chain of hops from entity to entity."""
        return [
            {"head": self.entity(head), "relation": self.relation(code), "tail": self.entity(tail)}
            for head, code, tail in chain
        ]

    def fact(self, triple: Triple) -> dict[str, Named]:
        """A triple of ids."""
        head, relation, tail = triple
        graph = self.graph
        codes = (graph.entity(head), graph.relation(relation), graph.entity(tail))
        return self.chain((codes,))[0]
