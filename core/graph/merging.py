"""Two that are one: what becomes of a graph when an entity or relation is merged into another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.errors import FormatError, NotFound
from core.graph.changes import Changes, Fact, Kind, Name, Renaming, holding
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.overview import kinds_of_entities
from core.graph.updating import facts_at


def merging(graph: KnowledgeGraph, pairs: Sequence[tuple[str, str]]) -> Changes:
    """The changes that merge things of a graph.

    The second of each pair goes; its facts and names become those of the first. What the first is
    called in no language yet it is called as the second was; other names are aliases. A fact
    that connects the two goes too.

    Args:
        graph: As it is.
        pairs: Ids of two entities, or two relations; the second may be `~` and a relation that says
            the same the other way round.

    Raises:
        NotFound: If there is no such entity or relation.
        FormatError: If one would be merged into itself or into two, or two entities are of
            different kinds.
    """
    entities: dict[str, str] = {}
    relations: dict[str, str] = {}
    for keep, gone in pairs:
        if graph.find_entity(keep) is not None and graph.find_entity(gone) is not None:
            _into(entities, gone, keep)
            continue
        code, other = graph.find_relation(keep), graph.find_relation(gone)
        if code is None or other is None:
            raise NotFound(
                "{keep!r} and {gone!r} are neither two entities nor two relations of the graph "
                "{name!r}.",
                keep=keep,
                gone=gone,
                name=graph.name,
            )
        if other >= graph.relation_count:
            code, other = graph.inverse(code), graph.inverse(other)
        _into(relations, graph.relation_id(other), graph.relation_id(code))
    entities = {gone: _last(entities, gone) for gone in entities}
    relations = {gone: _last_relation(relations, gone) for gone in relations}
    _of_one_kind(graph, entities)
    old = _facts_of(graph, entities, relations)
    new = dict.fromkeys(
        fact
        for head, relation, tail in old
        if (fact := _moved((head, relation, tail), entities, relations)) is not None
    )
    there = holding(graph, list(new))
    goes = set(old)
    added = [f for f, known in zip(new, there, strict=True) if not known and f not in goes]
    names = [
        *_names(graph, "entities", entities),
        *_names(graph, "relations", {g: k.removeprefix("~") for g, k in relations.items()}),
    ]
    going: list[tuple[Kind, str]] = [("entities", one) for one in entities]
    going += [("relations", one) for one in relations]
    return Changes(tuple(added), tuple(old), tuple(names), (), tuple(going))


def _into(into: dict[str, str], gone: str, keep: str) -> None:
    """Note what goes into what."""
    if into.setdefault(gone, keep) != keep:
        raise FormatError("{one!r} would be merged into two.", one=gone)


def _last(into: dict[str, str], one: str) -> str:
    """What a thing becomes at last, where what it is merged into is merged itself."""
    seen, at = {one}, one
    while at in into:
        at = into[at]
        if at in seen:
            raise FormatError("{one!r} would be merged into itself.", one=one)
        seen.add(at)
    return at


def _last_relation(into: dict[str, str], one: str) -> str:
    """The same of relations, of which those with a `~` are walked backward."""
    backwards = {"~" + gone: _backward(keep) for gone, keep in into.items()}
    last = _last(into | backwards, one)
    if last == "~" + one:
        raise FormatError("{one!r} would be merged into itself.", one=one)
    return last


def _backward(relation: str) -> str:
    return relation[1:] if relation.startswith("~") else "~" + relation


def _of_one_kind(graph: KnowledgeGraph, entities: dict[str, str]) -> None:
    """Refuse to merge namesakes of different kinds.

    Raises:
        FormatError: If two entities are, with what each is.
    """
    if not entities:
        return
    kind_of, kinds = kinds_of_entities(graph)
    for gone, keep in entities.items():
        one, other = (kinds[kind_of[graph.entity(name)]] for name in (keep, gone))
        if one.id and other.id and one != other:
            raise FormatError(
                "{keep!r} and {gone!r} are of different kinds and are not merged: the one is "
                "like {one!r}, known by {by_one!r}, the other like {other!r}, known by "
                "{by_other!r}.",
                keep=keep,
                gone=gone,
                one=one.example,
                by_one=one.label,
                other=other.example,
                by_other=other.label,
            )


def _facts_of(
    graph: KnowledgeGraph, entities: Iterable[str], relations: Iterable[str]
) -> tuple[Fact, ...]:
    """All facts that mention what goes."""
    numbers = np.array([graph.entity(one) for one in entities], np.int64)
    codes = np.array([graph.relation(one) for one in relations], np.int64)
    mention = np.isin(graph.heads, numbers) | np.isin(graph.tails, numbers)
    return facts_at(graph, np.flatnonzero(mention | np.isin(graph.relations, codes)))


def _moved(fact: Fact, entities: dict[str, str], relations: dict[str, str]) -> Fact | None:
    """A fact about what stays; None where it connects what is one now."""
    head, tail = (entities.get(one, one) for one in (fact[0], fact[2]))
    if head == tail and fact[0] != fact[2]:
        return None
    relation = relations.get(fact[1], fact[1])
    return (tail, relation[1:], head) if relation.startswith("~") else (head, relation, tail)


def _names(graph: KnowledgeGraph, kind: Kind, into: dict[str, str]) -> list[Renaming]:
    """What things that stay are called besides, and that what goes is called nothing."""
    columns = [name for name in graph.table(kind).column_names if name != "id"]
    given: dict[tuple[str, str], Name] = {}
    found = []
    for gone, keep in into.items():
        other: list[str] = []
        for column in columns:
            before = _named(graph, kind, gone, column)
            if before is not None:
                found.append(Renaming(kind, gone, column, before, None))
            if isinstance(before, tuple):
                other += before
            elif before is not None:
                known = given.get((keep, column), _named(graph, kind, keep, column))
                if known is None:
                    given[keep, column] = before
                elif known != before:
                    other.append(before)
        if kind == "relations" or not any(column.startswith("label:") for column in columns):
            other.append(gone)  # it is found by its id
        aliases = given.get((keep, "aliases"), _named(graph, kind, keep, "aliases")) or ()
        given[keep, "aliases"] = tuple(dict.fromkeys([*aliases, *other]))
    for (keep, column), after in given.items():
        before = _named(graph, kind, keep, column)
        if (before or None) != (after or None):
            found.append(Renaming(kind, keep, column, before, after or None))
    return found


def _named(graph: KnowledgeGraph, kind: Kind, one: str, column: str) -> Name:
    values = graph.column(kind, column)
    if values is None:
        return None
    row = graph.entity(one) if kind == "entities" else graph.relation(one)
    value = values[row].as_py()
    return tuple(value) if isinstance(value, list) else value
