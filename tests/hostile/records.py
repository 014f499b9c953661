"""The answers of the short recipes, every label in them replaced."""

from dataclasses import replace
from typing import Any

from stand_ins import results

from core.results.answer import Answer, AnsweredPath
from core.results.named import Fact
from core.results.record import Record
from core.results.trace import Trace
from core.results.what_if import WhatIf
from hostile.texts import FORMULA, LONG, TOWER, hostile

KEPT = {
    "id",
    "match",
    "kind",
    "doubt",
    "way_on",
    "decoding",
    "verdict",
    "decision",
    "language",
    "relations",
    "path",
    "question",
    "rule",
}
"""Fields of a record that a program reads, not a person; a question is compared with another."""

ODD = (FORMULA, LONG, TOWER)


def resident_call(store, recipe: str, settings, timeout: float = 120) -> Record:
    """Stands in for `resident.call`: what a graph, a teacher and a student of an enemy say."""
    result = results.resident_call(store, recipe, settings)
    odd = [results.named(f"other_{n}", text) for n, text in enumerate(ODD)]
    if not isinstance(result, WhatIf):
        result = replace(result, candidates=tuple(map(results.matched, odd)))
    if isinstance(result, Trace | Answer):
        further = [results.likely(one, 0.01) for one in odd]
        result = replace(result, answers=(*result.answers, *further))
    if isinstance(result, Answer):
        paths = (*result.paths, *other_paths(result.paths[0]))
        result = replace(result, paths=paths, supported=False)
    return type(result).from_record(spoilt(result.as_record()))


def other_paths(path: AnsweredPath) -> tuple[AnsweredPath, ...]:
    """One that is wrong and has a nearest fact, one that reaches many."""
    x = results.named("x")
    nearest = Fact(head=x, relation=x, tail=x)
    wrong = replace(path.hops[0], verdict="wrong_relation", nearest=nearest)
    return (
        replace(path, probability=0.2, supported=False, hops=(wrong,)),
        replace(path, probability=0.005, reached=40),
    )


def spoilt(value: Any, field: str = "record") -> Any:
    """A record with every text in it replaced that a person would read."""
    if isinstance(value, dict):
        return {key: one if key in KEPT else spoilt(one, key) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [spoilt(one, field) for one in value]
    return hostile(field) if isinstance(value, str) and value not in ODD else value
