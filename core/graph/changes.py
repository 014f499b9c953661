"""What changes in a graph: facts and names that come, go or are put right; and what undoes it.

A change says exactly what becomes of a graph, so the same change backwards gives the same graph
again, to the bit. An entity or relation that loses its last fact stays, with its names: only what a
change itself brought goes when it is undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import FormatError, NotFound
from core.graph.edge_rows import Ints
from core.graph.knowledge_graph import KnowledgeGraph

Fact = tuple[str, str, str]
"""Ids of head, relation and tail."""

Kind = Literal["entities", "relations"]
Name = str | tuple[str, ...] | None
"""A label, all aliases, or none."""

_CODED: tuple[Kind, ...] = ("entities", "relations", "entities")


@dataclass(frozen=True, slots=True)
class Renaming:
    """What a thing was called, and is called now.

    Attributes:
        kind: What it is.
        id: Of the thing.
        column: `label:<language>` or `aliases`.
        before, after: None for no name.
    """

    kind: Kind
    id: str
    column: str
    before: Name
    after: Name


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of a graph.

    Attributes:
        added: Facts that it did not hold.
        removed: Facts that it held.
        names: Renamings, none twice of one thing and column.
        new: Entities and relations that it did not know.
        gone: Those that it no longer knows; no fact that is left and no name mentions them.
    """

    added: tuple[Fact, ...] = ()
    removed: tuple[Fact, ...] = ()
    names: tuple[Renaming, ...] = ()
    new: tuple[tuple[Kind, str], ...] = ()
    gone: tuple[tuple[Kind, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.names or self.new or self.gone)

    def backwards(self) -> Changes:
        """What undoes it."""
        names = (Renaming(n.kind, n.id, n.column, n.after, n.before) for n in self.names)
        return Changes(self.removed, self.added, tuple(names), self.gone, self.new)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        names = [[n.kind, n.id, n.column, n.before, n.after] for n in self.names]
        return {
            "added": self.added,
            "removed": self.removed,
            "names": names,
            "new": self.new,
            "gone": self.gone,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Changes:
        """The same again.

        Raises:
            KeyError, TypeError, ValueError: If they are no changes.
        """
        return cls(
            tuple((h, r, t) for h, r, t in values["added"]),
            tuple((h, r, t) for h, r, t in values["removed"]),
            tuple(
                Renaming(kind, one, column, _name(before), _name(after))
                for kind, one, column, before, after in values["names"]
            ),
            tuple((kind, one) for kind, one in values["new"]),
            tuple((kind, one) for kind, one in values["gone"]),
        )


def one_after_another(parts: Iterable[Changes]) -> Changes:
    """Several changes, each of what the one before left, as one."""
    facts: dict[Fact, bool] = {}  # whether each is there at last, unless it is as it was
    names: dict[tuple[Kind, str, str], Renaming] = {}
    things: dict[tuple[Kind, str], bool] = {}
    for part in parts:
        for now, found in ((True, part.added), (False, part.removed)):
            for fact in found:
                _turn(facts, fact, now)
        for now, those in ((True, part.new), (False, part.gone)):
            for thing in those:
                _turn(things, thing, now)
        for one in part.names:
            key = one.kind, one.id, one.column
            before = names[key].before if key in names else one.before
            names[key] = Renaming(*key, before, one.after)
    return Changes(
        tuple(fact for fact, is_there in facts.items() if is_there),
        tuple(fact for fact, is_there in facts.items() if not is_there),
        tuple(one for one in names.values() if one.before != one.after),
        tuple(thing for thing, is_there in things.items() if is_there),
        tuple(thing for thing, is_there in things.items() if not is_there),
    )


def changes_to(
    graph: KnowledgeGraph,
    add: Iterable[Fact] = (),
    remove: Iterable[Fact] = (),
    names: Iterable[tuple[Kind, str, str, Name]] = (),
) -> Changes:
    """What has to change for some facts to hold, others not, and things to be called so.

    Args:
        graph: As it is.
        add: Facts; those that it holds already change nothing.
        remove: Facts that it shall not hold.
        names: Kind, id, column and name of things that it knows or that facts mention.

    Raises:
        NotFound: If a fact to remove, or a thing to be named, is not there.
        FormatError: If a relation would begin with `~`, an id be empty, or a fact come and go.
    """
    coming, going = (dict.fromkeys(_by_id(graph, fact) for fact in some) for some in (add, remove))
    if both := coming.keys() & going.keys():
        raise FormatError(
            "The fact {fact!r} cannot be added and removed at once.", fact=" ".join(min(both))
        )
    for fact in coming:
        if not all(fact) or fact[1].startswith("~"):
            raise FormatError(
                "{fact!r} is no fact: head, relation and tail are ids, and no relation begins "
                "with '~'.",
                fact=" ".join(fact),
            )
    there = holding(graph, [*coming, *going])
    added = tuple(f for f, is_there in zip(coming, there, strict=False) if not is_there)
    removed = tuple(f for f, is_there in zip(going, there[len(coming) :], strict=True) if is_there)
    if len(removed) < len(going):
        lacking = next(fact for fact in going if fact not in set(removed))
        raise NotFound(
            "The graph {name!r} does not hold the fact {fact!r}.",
            name=graph.name,
            fact=" ".join(lacking),
        )
    new = _new_things(graph, added)
    return Changes(added, removed, tuple(_renamings(graph, names, new)), tuple(new))


def holding(graph: KnowledgeGraph, facts: Sequence[Fact]) -> list[bool]:
    """Which of some facts a graph holds."""
    if not facts:
        return []
    heads, tails = (graph.find_entities([fact[at] for fact in facts]) for at in (0, 2))
    codes = np.array([-1 if (c := graph.find_relation(f[1])) is None else c for f in facts])
    known = (heads >= 0) & (codes >= 0) & (tails >= 0)
    found = np.zeros(len(facts), bool)
    found[known] = graph.holds(heads[known], codes[known], tails[known])
    return [bool(one) for one in found]


def changed(graph: KnowledgeGraph, changes: Changes) -> KnowledgeGraph:
    """A graph as it becomes.

    Args:
        graph: As it was when the changes were found.
        changes: Exactly what becomes of it.
    """
    tables = {kind: _table(graph, kind, changes) for kind in ("entities", "relations")}
    kept = np.ones(graph.triple_count, bool)
    kept[places_of(graph, changes.removed)] = False
    columns = []
    for at, (whole, kind) in enumerate(
        zip((graph.heads, graph.relations, graph.tails), _CODED, strict=True)
    ):
        codes = _new_places(graph, kind, changes)[whole[kept]]
        ids = tables[kind]["id"].combine_chunks()
        coming = pc.index_in(pa.array([fact[at] for fact in changes.added], pa.string()), ids)
        columns.append(
            pa.DictionaryArray.from_arrays(np.concatenate([codes, coming]).astype(np.int32), ids)
        )
    triples = pa.table(columns, ["head", "relation", "tail"])
    return KnowledgeGraph.build(graph.name, triples, tables["entities"], tables["relations"])


def places_of(graph: KnowledgeGraph, facts: Sequence[Fact]) -> Ints:
    """Where facts that a graph holds stand among its triples."""
    if not facts:
        return np.zeros(0, np.int64)
    heads, tails = (graph.find_entities([fact[at] for fact in facts]) for at in (0, 2))
    codes = np.array([graph.relation(fact[1]) for fact in facts])
    return graph.triples_at(heads, codes, tails)


def _by_id(graph: KnowledgeGraph, fact: Fact) -> Fact:
    """A fact whose relation is called by its id, should it be named by an alias."""
    head, relation, tail = fact
    code = graph.find_relation(relation)
    if code is None or code >= graph.relation_count:
        return fact
    return head, graph.relation_id(code), tail


def _turn(states: dict[Any, bool], one: Any, now: bool) -> None:
    """What comes and goes again is as it was."""
    if states.get(one) is (not now):
        del states[one]
    else:
        states[one] = now


def _new_things(graph: KnowledgeGraph, added: Sequence[Fact]) -> list[tuple[Kind, str]]:
    ends = list(dict.fromkeys(fact[at] for fact in added for at in (0, 2)))
    known = graph.find_entities(ends) if ends else np.zeros(0)
    relations = dict.fromkeys(fact[1] for fact in added)
    return [
        *(("entities", one) for one, number in zip(ends, known, strict=True) if number < 0),
        *(("relations", one) for one in relations if one not in graph.relation_ids),
    ]


def _renamings(
    graph: KnowledgeGraph,
    names: Iterable[tuple[Kind, str, str, Name]],
    new: Sequence[tuple[Kind, str]],
) -> Iterable[Renaming]:
    coming = set(new)
    last = {(kind, one, column): name for kind, one, column, name in names}
    for (kind, one, column), name in last.items():
        if column != "aliases" and not column.startswith("label:"):
            raise FormatError(
                "{column!r} is no kind of name: give label:en, label:zh or the like, or aliases.",
                column=column,
            )
        before: Name = None
        if (kind, one) not in coming:
            values = graph.column(kind, column)
            row = graph.entity(one) if kind == "entities" else graph.relation(one)
            if values is not None:
                before = _name(values[row % len(values)].as_py())
        after = name or None
        if before != after:
            yield Renaming(kind, one, column, before, after)


def _kept_rows(graph: KnowledgeGraph, kind: Kind, changes: Changes) -> NDArray[np.bool_]:
    count = graph.entity_count if kind == "entities" else graph.relation_count
    kept = np.ones(count, bool)
    for what, one in changes.gone:
        if what == kind:
            kept[graph.entity(one) if kind == "entities" else graph.relation(one)] = False
    return kept


def _new_places(graph: KnowledgeGraph, kind: Kind, changes: Changes) -> Ints:
    """Where each thing that a graph knows stands in the new table."""
    return np.cumsum(_kept_rows(graph, kind, changes)) - 1


def _table(graph: KnowledgeGraph, kind: Kind, changes: Changes) -> pa.Table:
    """Ids and names as they become: those kept in their order, then the new ones."""
    whole = graph.table(kind)
    table = whole.filter(pa.array(_kept_rows(graph, kind, changes)))
    new = [one for what, one in changes.new if what == kind]
    ids = pa.concat_arrays([table["id"].combine_chunks(), pa.array(new, pa.string())])
    renamings = [one for one in changes.names if one.kind == kind]
    if not (new or renamings):
        return table
    gone = {one for what, one in changes.gone if what == kind}
    rows = {one: at for at, one in enumerate(ids.to_pylist())} if renamings else {}
    columns = {}
    for name in dict.fromkeys([*whole.column_names[1:], *(one.column for one in renamings)]):
        cell = pa.list_(pa.string()) if name == "aliases" else pa.string()
        old = (
            table[name].combine_chunks()
            if name in table.column_names
            else pa.nulls(len(table), cell)
        )
        values = pa.concat_arrays([old.cast(cell), pa.nulls(len(new), cell)])
        said = [one for one in renamings if one.column == name and one.id not in gone]
        if said:
            listed = values.to_pylist()
            for one in said:
                listed[rows[one.id]] = (
                    list(one.after) if isinstance(one.after, tuple) else one.after
                )
            values = pa.array(listed, cell)
        if not said or values.null_count < len(values):
            columns[name] = values
    if set(columns) - set(whole.column_names):
        columns = dict(sorted(columns.items(), key=lambda one: (one[0] == "aliases", one[0])))
    return pa.table({"id": ids, **columns})


def _name(value: Any) -> Name:
    if value is None or isinstance(value, str):
        return value
    return tuple(map(str, value))
