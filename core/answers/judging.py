"""A verdict of the graph on a claimed path, hop by hop, as a reader sees it."""

from __future__ import annotations

import numpy as np

from core.answers.naming import Naming
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import WalkedPath
from core.results.answer import JudgedHop
from core.results.named import NOBODY
from core.verify.checking import HopStatus, HopVerdict, Verdict, chains_to


def judged_hops(
    naming: Naming, walk: WalkedPath, verdict: Verdict, answers: list[int]
) -> tuple[JudgedHop, ...]:
    """The hops of a claim from entity to entity, as far as the graph follows it.

    The chain ends at the first of the answers, or else where the nearest edge begins.
    """
    graph = naming.graph
    good = len(walk.frontiers) - 1
    codes = walk.codes[:good]
    end = answers[0] if answers else _left_at(graph, walk.frontiers[-1], verdict.hops[good])
    chain = chains_to(graph, walk.frontiers, codes, end, limit=1)[0] if codes else ()
    known = [
        JudgedHop(**vars(fact), verdict=str(HopStatus.IN_GRAPH), nearest=None)
        for fact in naming.chain(chain)
    ]
    heads = [naming.entity(end), *[NOBODY] * len(walk.relations)]
    failed = [
        JudgedHop(
            head=head,
            relation=naming.claimed(hop.relation),
            tail=NOBODY,
            verdict=str(hop.status),
            nearest=naming.fact(hop.nearest) if hop.nearest else None,
        )
        for head, hop in zip(heads, verdict.hops[good:], strict=False)
    ]
    return (*known, *failed)


def _left_at(graph: KnowledgeGraph, frontier: Ints, failed: HopVerdict) -> int:
    """Where a claim leaves the graph: where the nearest edge begins, else the best-known entity."""
    if failed.nearest:
        return graph.entity(failed.nearest[0])
    return int(frontier[np.argmax(graph.degree(frontier))])
