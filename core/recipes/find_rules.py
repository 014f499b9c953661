"""Find rules in a graph: paths that imply a relation, how often they are right, what they add."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np
from scipy import sparse

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.rules import Rule, Steps, calibrated, mine, proof, proposals, written
from core.report import Report
from core.results.named import Fact, Named
from core.results.rules import FoundRule, ProvenFact, RuleReport
from core.settings import RuleSettings
from core.workspace import Workspace

TOLD: Final = 200
"""Rules told at most."""

_EXAMPLES = 3


def run(settings: RuleSettings, report: Report, workspace: Workspace) -> RuleReport:
    """Find them.

    Raises:
        NotFound: If there is no such graph.
        FormatError: If its files are damaged.
    """
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    report.stage("measure")
    calibration = calibrated(graph, settings.seed)
    report.progress(1, 2, "withheld facts")
    report.check_stop()
    steps = Steps(graph)
    rules = mine(steps, settings.seed)
    report.progress(2, 2, "rules")
    expected = [calibration(rule.confidence) for rule in rules]
    sure = [at for at, share in enumerate(expected) if share >= settings.confidence]
    sure.sort(key=lambda at: (-expected[at], -rules[at].support))
    return RuleReport(
        name=graph.name,
        hash=graph.hash,
        rules=tuple(_told(steps, rules[at], expected[at], settings) for at in sure[:TOLD]),
        found=len(sure),
        checked=calibration.checked,
    )


def _told(steps: Steps, rule: Rule, expected: float, settings: RuleSettings) -> FoundRule:
    graph, language = steps.graph, settings.language
    new = proposals(steps, rule)
    return FoundRule(
        rule=written(graph, rule),
        body=tuple(_relation(graph, code, language) for code in rule.body),
        head=_relation(graph, rule.head, language),
        support=rule.support,
        implied=rule.implied,
        expected=expected,
        proposed=int(new.nnz),
        examples=tuple(islice(_examples(steps, rule, new, language), _EXAMPLES)),
    )


def _examples(
    steps: Steps, rule: Rule, new: sparse.csr_matrix, language: str
) -> Iterator[ProvenFact]:
    """Proposals with their proofs; facts that are explained where nothing is proposed."""
    graph = steps.graph
    heads, tails = new.nonzero()
    if not len(heads):
        at = steps.facts(rule.head)
        heads, tails = graph.heads[at], graph.tails[at]
    for x, y in zip(np.asarray(heads).tolist(), np.asarray(tails).tolist(), strict=True):
        way = proof(steps, rule, x, y)
        if way is not None:
            hops = zip(way[:-1], rule.body, way[1:], strict=True)
            yield ProvenFact(
                fact=_fact(graph, x, rule.head, y, language),
                proof=tuple(_fact(graph, *hop, language) for hop in hops),
            )


def _fact(graph: KnowledgeGraph, head: int, code: int, tail: int, language: str) -> Fact:
    ends = (
        Named(id=graph.entity_id(one), label=graph.label(one, language)) for one in (head, tail)
    )
    first, last = ends
    return Fact(head=first, relation=_relation(graph, code, language), tail=last)


def _relation(graph: KnowledgeGraph, code: int, language: str) -> Named:
    return Named(id=graph.relation_id(code), label=graph.relation_label(code, language))
