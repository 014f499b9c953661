"""The facts about one entity, for whoever looks around in a graph without drawing it."""

from __future__ import annotations

import numpy as np

from core.answers.naming import Naming
from core.errors import NotFound
from core.results.surroundings import Counted, Surroundings


def surroundings(
    naming: Naming, entity: int, relation: str | None = None, limit: int = 50
) -> Surroundings:
    """What leaves an entity, in both directions.

    Args:
        naming: The graph, and the language of labels.
        entity: Its number.
        relation: The id of the only relation of which facts are wanted; None for all.
        limit: At most so many facts.

    Raises:
        NotFound: If the graph has no such relation.
    """
    graph = naming.graph
    _, codes, tails = graph.edges(np.array([entity]))
    leaving, counts = np.unique(codes, return_counts=True)
    if relation is not None:
        code = graph.find_relation(relation)
        if code is None:
            raise NotFound(
                "The graph {name!r} has no relation {relation!r}; it has {ids}.",
                name=graph.name,
                relation=relation,
                ids=", ".join(graph.relation_ids[: graph.relation_count][:20]),
            )
        codes, tails = codes[codes == code], tails[codes == code]
    chain = [
        (entity, code, tail)
        for code, tail in zip(codes[:limit].tolist(), tails[:limit].tolist(), strict=True)
    ]
    return Surroundings(
        entity=naming.entity(entity),
        relations=tuple(
            Counted(**vars(naming.relation(code)), facts=count)
            for code, count in zip(leaving.tolist(), counts.tolist(), strict=True)
        ),
        facts=naming.chain(tuple(chain)),
        total=len(codes),
    )
