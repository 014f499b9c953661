"""Which question word asks for what a relation leads to: who, where, when or what.

A graph names no types. A relation's label often does: what a `director` relation leads to is a
person. The sort passes on to relations that lead to the same entities: films are led to by nothing
that tells, but whom `~born_in` leads to are mostly those whom `directed_by` leads to, hence people.
"""

from __future__ import annotations

import re
from typing import Literal

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.plain_text import joined

AnswerKind = Literal["who", "where", "when", "what"]

_KINDS: tuple[AnswerKind, ...] = ("who", "where", "when", "what")
_TELLING = 0.5  # share of a relation's targets that must be of one sort
_LOOKED_AT = 2000  # edges of a relation that are looked at, evenly spaced

_WORDS: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = (
    (
        "when",
        re.compile(r"\b(date|year|time|day|since|when|birthday)s?$|(日期|时间|年份|年|生日)$"),
    ),
    (
        "where",
        re.compile(
            r"\b(place|location|country|city|town|state|capital|continent|region|residence|address|"
            r"headquarters|birthplace|hometown|street|province|district|site|campus|office)s?$|"
            r"^(place|country|city|state|capital) of\b|"
            r"\b(born|located|lives|based|filmed) (in|at)$|"
            r"(地|国家|城市|州|省|总部|首都|首府|地点|地区|位于|出生于|大洲)$"
        ),
    ),
    (
        "who",
        re.compile(
            r"\b(person|people|parent|child|children|spouse|wife|husband|partner|sibling|brother|"
            r"sister|mother|father|friend|boss|chief|head|king|queen|president|minister|"
            r"star|cast|member|staff|employee|student|team lead)s?$|"
            r"\b(?!(?:number|order|letter|matter|mater|weather|computer|water|river|paper|border|"
            r"chapter|center|character|owner|factor|sector|color|motor|sensor|error)s?$)"
            r"[a-z]{3,}(?<!ow)(er|or|ist)s?( of\b.*)?$|"
            r"\b(directed|written|founded|composed|created|invented|produced|painted|designed|sung|"
            r"edited|performed|taught|discovered|played) by$|\b(married|reports) to$|"
            r"(人|者|员|家|导演|主演|配偶|父母|父亲|母亲|子女|孩子|妻子|丈夫|经理|老师|学生|上级)$"
        ),
    ),
)


def answer_kinds(graph: KnowledgeGraph) -> tuple[AnswerKind, ...]:
    """The question word of every relation code, inverse relations behind the others."""
    count = graph.relation_count
    told = [*(_told(graph, code) for code in range(count)), *([None] * count)]
    targets = _targets(graph)
    votes = np.zeros((len(_KINDS), graph.entity_count), np.int32)
    for kind, entities in zip(told, targets, strict=True):
        if kind:
            votes[_KINDS.index(kind), entities] += 1
    sorts = np.where(votes.any(axis=0), votes.argmax(axis=0), len(_KINDS))
    return tuple(
        kind or _mostly(sorts[entities]) for kind, entities in zip(told, targets, strict=True)
    )


def _told(graph: KnowledgeGraph, code: int) -> AnswerKind | None:
    """What a relation's labels say."""
    labels = [joined(graph.relation_label(code, one)) for one in graph.languages or ("en",)]
    told = (kind for kind, words in _WORDS if any(map(words.search, labels)))
    return next(told, None)


def _targets(graph: KnowledgeGraph) -> list[Ints]:
    """Entities that each relation code leads to, each once; of many, some evenly spaced."""
    count = graph.relation_count
    order = np.argsort(graph.relations, kind="stable")
    bounds = np.searchsorted(graph.relations[order], np.arange(count + 1))
    found = []
    for side in (graph.tails, graph.heads):
        for code in range(count):
            edges = order[bounds[code] : bounds[code + 1]]
            found.append(np.unique(side[edges[:: max(len(edges) // _LOOKED_AT, 1)]]))
    return found


def _mostly(sorts: Ints) -> AnswerKind:
    """The sort that more than `_TELLING` of some entities are of, if there is one."""
    seen = np.bincount(sorts, minlength=len(_KINDS) + 1)[:-1]
    return _KINDS[int(seen.argmax())] if seen.max() > _TELLING * len(sorts) else "what"
