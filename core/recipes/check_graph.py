"""Look for what is odd in a graph: duplicates, relations that say the same, clashing values."""

from __future__ import annotations

from itertools import islice
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from core.graph.consistency import alike_relations, clashes
from core.graph.duplicates import Pairs, possible_duplicates
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.report import Report
from core.results.graph_check import (
    ClashingValues,
    GraphCheck,
    PossibleDuplicate,
    PossibleRelation,
)
from core.results.named import Fact, Named
from core.settings import GraphCheckSettings
from core.workspace import Workspace

TOLD: Final = 1000
"""Of each kind that is found, the surest."""

_EVIDENCE = 3  # facts that two entities share


def run(settings: GraphCheckSettings, report: Report, workspace: Workspace) -> GraphCheck:
    """Check a graph.

    Raises:
        NotFound: If there is no such graph.
        FormatError: If its files are damaged.
    """
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    report.stage("duplicates")
    pairs = possible_duplicates(graph)
    report.progress(1, 3, "entities")
    report.check_stop()
    sure = np.flatnonzero(pairs.certainty >= settings.certainty)
    sure = sure[np.argsort(-pairs.certainty[sure], kind="stable")]
    relations = alike_relations(graph, _one_of(graph, pairs, sure))
    report.progress(2, 3, "relations")
    report.check_stop()
    odd = list(islice(clashes(graph), TOLD + 1))
    report.progress(3, 3, "values")
    return GraphCheck(
        name=graph.name,
        hash=graph.hash,
        duplicates=tuple(_duplicate(graph, pairs, int(at), settings) for at in sure[:TOLD]),
        relations=tuple(
            PossibleRelation(
                keep=_relation(graph, one.first, settings),
                gone=_relation(graph, one.second, settings),
                alike=one.alike,
                shared=one.shared,
                either=one.either,
            )
            for one in relations[:TOLD]
        ),
        clashes=tuple(
            ClashingValues(
                entity=_entity(graph, one.entity, settings),
                relation=_relation(graph, one.code, settings),
                values=tuple(_entity(graph, value, settings) for value in one.values),
            )
            for one in odd[:TOLD]
        ),
        cut=pairs.cut or max(len(sure), len(relations), len(odd)) > TOLD,
    )


def _one_of(graph: KnowledgeGraph, pairs: Pairs, sure: Ints) -> Ints:
    """The entity that stands for each, where those that are surely one are taken for one."""
    kept = sure[~pairs.kinds_differ[sure]]
    ends = pairs.first[kept], pairs.second[kept]
    shape = graph.entity_count, graph.entity_count
    links = csr_matrix((np.ones(len(kept), np.int8), ends), shape=shape)
    found: Ints = connected_components(links, directed=False)[1]
    return found


def _duplicate(
    graph: KnowledgeGraph, pairs: Pairs, at: int, settings: GraphCheckSettings
) -> PossibleDuplicate:
    ends = np.array([pairs.first[at], pairs.second[at]])
    keep, gone = ends[np.argsort(-graph.degree(ends), kind="stable")].tolist()
    return PossibleDuplicate(
        keep=_entity(graph, keep, settings),
        gone=_entity(graph, gone, settings),
        certainty=float(pairs.certainty[at]),
        alike=float(pairs.alike[at]),
        shared=_shared(graph, keep, gone, settings),
        kinds_differ=bool(pairs.kinds_differ[at]),
    )


def _shared(
    graph: KnowledgeGraph, keep: int, gone: int, settings: GraphCheckSettings
) -> tuple[Fact, ...]:
    """Facts that both have: the same relation, and a neighbour that is the same or named so."""
    mine, theirs = (graph.edges(np.array([one]), limit=50)[1:] for one in (keep, gone))
    there = {
        (code, graph.label(tail, settings.language).casefold())
        for code, tail in zip(*(column.tolist() for column in theirs), strict=True)
    }
    found = []
    for code, tail in zip(*(column.tolist() for column in mine), strict=True):
        if (code, graph.label(tail, settings.language).casefold()) in there:
            found.append(
                Fact(
                    head=_entity(graph, keep, settings),
                    relation=_relation(graph, code, settings),
                    tail=_entity(graph, tail, settings),
                )
            )
    return tuple(found[:_EVIDENCE])


def _entity(graph: KnowledgeGraph, entity: int, settings: GraphCheckSettings) -> Named:
    return Named(id=graph.entity_id(entity), label=graph.label(entity, settings.language))


def _relation(graph: KnowledgeGraph, code: int, settings: GraphCheckSettings) -> Named:
    return Named(id=graph.relation_id(code), label=graph.relation_label(code, settings.language))
