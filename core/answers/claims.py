"""A path that somebody claims, in ids or in names, put to the graph.

Nothing is corrected on the way: what the claim names and the graph lacks is part of the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.answers.judging import judged_hops
from core.answers.naming import Naming
from core.errors import SettingsError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.lookup import entity_named
from core.graph.path_tree import walk_path
from core.plain_text import plain
from core.records import MISSING, looked_for
from core.results.answer import JudgedHop
from core.results.claim import JudgedClaim, Reached
from core.results.named import NOBODY, Named
from core.verify.checking import check_path, check_walk

LONGEST_CLAIM = 8
"""Hops of a claim that is judged; each costs a look at all edges of what the hop before reaches."""


def judge_claim(
    naming: Naming, topic: str, path: Sequence[str], answer: str | None = None
) -> JudgedClaim:
    """Walk a claimed path on the graph and judge each hop.

    Args:
        naming: The graph, and the language of the verdict.
        topic: Where it begins, an entity by id or by its whole name.
        path: Its relations, 1 to `LONGEST_CLAIM`, each by id or label; `~` in front walks one
            backward, `∄` in front of the last claims that it is lacking there.
        answer: An entity that it should reach, likewise by id or name.

    Raises:
        SettingsError: If a label is that of several relations, or there are too many hops, or none.
    """
    if not 1 <= len(path) <= LONGEST_CLAIM:
        raise SettingsError(
            "A claim has 1 to {most} hops, and this one has {count}: claim a part of it.",
            most=LONGEST_CLAIM,
            count=len(path),
        )
    graph = naming.graph
    relations = tuple(relation_named(graph, name) for name in path)
    begin = entity_named(graph, topic)
    end = entity_named(graph, answer) if answer is not None else None
    if begin is None:
        return _from_nowhere(naming, topic, relations, answer, end)
    walk = walk_path(graph, begin, relations)
    verdict = check_walk(graph, walk, end)
    whole = len(walk.frontiers) == len(relations) + 1
    reached = walk.ends
    there = end is not None and end in reached
    shown = [end] if there and end is not None else reached[_best(graph, reached)].tolist()[:1]
    return JudgedClaim(
        topic=naming.entity(begin),
        path=relations,
        hops=judged_hops(naming, walk, verdict, shown if whole else []),
        supported=verdict.supported and (answer is None or there),
        share=verdict.share,
        ends=naming.top_entities(reached),
        reached=len(reached),
        answer=_as_named(naming, answer, end),
        answer_reached=_reached(answer, end, there),
    )


def relation_named(graph: KnowledgeGraph, name: str) -> str:
    """The id of a relation by its id or label, with its marks; the name itself if there is none.

    Raises:
        SettingsError: If several relations have that label.
    """
    if name.startswith(MISSING):
        sought = looked_for((name,))
        return MISSING + relation_named(graph, sought) if sought else name
    if graph.find_relation(name) is not None:
        return name
    mark = "~" if name.startswith("~") else ""
    wanted = plain(name.removeprefix(mark))
    found = [
        graph.relation_id(code)
        for code in range(graph.relation_count)
        if wanted
        and wanted
        in {plain(graph.relation_label(code, language)) for language in graph.languages or ("en",)}
    ]
    if len(found) > 1:
        raise SettingsError(
            "{name!r} is what several relations are called: say which by its id ({ids}).",
            name=name,
            ids=", ".join(found),
        )
    return mark + found[0] if found else name


def _from_nowhere(
    naming: Naming, topic: str, relations: tuple[str, ...], answer: str | None, end: int | None
) -> JudgedClaim:
    verdict = check_path(naming.graph, None, relations)
    begin = Named(id="", label=topic)
    hops = tuple(
        JudgedHop(
            head=begin if number == 0 else NOBODY,
            relation=naming.claimed(hop.relation),
            tail=NOBODY,
            verdict=str(hop.status),
            nearest=None,
        )
        for number, hop in enumerate(verdict.hops)
    )
    return JudgedClaim(
        topic=begin,
        path=relations,
        hops=hops,
        supported=False,
        share=verdict.share,
        ends=(),
        reached=0,
        answer=_as_named(naming, answer, end),
        answer_reached=_reached(answer, end, False),
    )


def _best(graph: KnowledgeGraph, entities: np.ndarray) -> np.ndarray:
    return np.argsort(-graph.degree(entities), kind="stable")


def _as_named(naming: Naming, claimed: str | None, entity: int | None) -> Named | None:
    if claimed is None:
        return None
    return Named(id="", label=claimed) if entity is None else naming.entity(entity)


def _reached(claimed: str | None, entity: int | None, there: bool) -> Reached | None:
    if claimed is None:
        return None
    if entity is None:
        return Reached.NOT_IN_GRAPH
    return Reached.REACHED if there else Reached.NOT_REACHED
