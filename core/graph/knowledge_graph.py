"""The graph as integer columns: triples sorted and compressed into rows, opened by memory map.

On disk a graph is a folder of uncompressed Arrow files, so opening one costs nothing until a column
is read, and two processes share its pages:

    graph.json        name, counts, languages, content hash
    entities.arrow    id, label:<language> ..., aliases       sorted by id
    relations.arrow   id, label:<language> ..., aliases       sorted by id
    triples.arrow     head, relation, tail                    sorted, distinct
    edges.arrow       relation, tail                          both ways, by (entity, relation, tail)
    rows.arrow        start                                   entity e: edges start[e]:start[e + 1]

Entities are int32 there, relations int16 where that holds their codes: 22 bytes a triple.

A *relation code* is `r` for relation r walked forward and `R + r` for it walked backward (written
`~name`), where R is the number of relations. Every triple thus gives two edges.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import FormatError, NotFound
from core.graph.arrow_files import map_table, write_table
from core.graph.edge_rows import Directions, EdgeRows
from core.graph.edge_rows import Ints as Ints
from core.graph.numbering import codes_by, names_in, numbered, sorted_rows
from core.workspace import read_json, write_json

_TABLE_PAYS = 200
"""Looking an id up costs about as much as putting this many into a table."""

_AT_ONCE = 100_000  # names that are Python objects at a time


class KnowledgeGraph:
    """A read-only graph; see the module's text for its columns.

    Attributes:
        name: What a person calls it.
        hash: SHA-256 of its ids, labels and triples; models and labels remember it.
        heads, relations, tails: `(triples,)` columns, sorted by head, relation, tail.
        starts: `(entities + 1,)` int64 row pointers into the edge columns.
        edge_relations, edge_tails: `(2 * triples,)` columns; relations are codes. These and
            `relations` may be int16: calculate with another type.
    """

    def __init__(self, name: str, tables: Mapping[str, pa.Table], content_hash: str) -> None:
        self.name = name
        self.hash = content_hash
        self._tables = dict(tables)
        self.heads, self.relations, self.tails = (
            _numpy(tables["triples"], column) for column in ("head", "relation", "tail")
        )
        self.edge_relations, self.edge_tails = (
            _numpy(tables["edges"], column) for column in ("relation", "tail")
        )
        self.starts = _numpy(tables["rows"], "start")
        self._rows = EdgeRows(self.heads, self.starts, self.edge_relations, self.edge_tails)

    def __repr__(self) -> str:
        counts = f"{self.entity_count} entities, {self.relation_count} relations"
        spoken = ", ".join(self.languages) or "no language"
        return f"KnowledgeGraph {self.name!r}: {counts}, {self.triple_count} triples, in {spoken}"

    # --- counts and names -------------------------------------------------------------------

    @property
    def entity_count(self) -> int:
        """Number of entities."""
        return int(self._tables["entities"].num_rows)

    @property
    def relation_count(self) -> int:
        """Number of relations R, inverses not counted."""
        return int(self._tables["relations"].num_rows)

    @property
    def triple_count(self) -> int:
        """Number of distinct triples."""
        return len(self.heads)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages with labels, e.g. `("en", "zh")`; empty where ids are all there is."""
        tables = self._tables["entities"], self._tables["relations"]
        names = dict.fromkeys(name for table in tables for name in table.column_names)
        return tuple(n.removeprefix("label:") for n in names if n.startswith("label:"))

    def entity_id(self, entity: int) -> str:
        """The id of an entity by number."""
        return str(self._entity_ids[int(entity)].as_py())

    def find_entity(self, entity_id: str) -> int | None:
        """The number of an entity by id, or None: a binary search, no index in memory."""
        return _search(self._entity_ids, entity_id)

    def entity(self, entity_id: str) -> int:
        """The number of an entity by id.

        Raises:
            NotFound: If the graph has no such entity.
        """
        number = self.find_entity(entity_id)
        if number is None:
            raise NotFound(
                "The graph {name!r} has no entity {entity_id!r}.",
                name=self.name,
                entity_id=entity_id,
            )
        return number

    def find_entities(self, ids: Sequence[str]) -> Ints:
        """Numbers of many entities at once; -1 where there is none.

        A few are searched for one by one: a table of all ids would cost as much as the graph.
        """
        if len(ids) * _TABLE_PAYS < self.entity_count:
            numbers = (_search(self._entity_ids, one) for one in ids)
            return np.array([-1 if one is None else one for one in numbers], np.int64)
        found = pc.index_in(pa.array(ids, pa.string()), value_set=self._entity_ids)
        return np.asarray(found.fill_null(-1))

    def relation_id(self, code: int) -> str:
        """The name of a relation code: `directed_by`, or `~directed_by` walked backward."""
        return self.relation_ids[int(code)]

    def relation(self, relation_id: str) -> int:
        """The code of a relation by name or alias.

        Raises:
            NotFound: If the graph has no such relation.
        """
        code = self._relation_codes.get(relation_id)
        if code is None:
            raise NotFound(
                "The graph {name!r} has no relation {relation_id!r}.",
                name=self.name,
                relation_id=relation_id,
            )
        return code

    def find_relation(self, relation_id: str) -> int | None:
        """The code of a relation by name or alias, or None."""
        return self._relation_codes.get(relation_id)

    @cached_property
    def relation_ids(self) -> tuple[str, ...]:
        """Names by code: `(2 R,)`, forward then backward."""
        names = self._tables["relations"]["id"].to_pylist()
        return (*names, *("~" + name for name in names))

    def inverse(self, code: int) -> int:
        """The code that walks the same relation the other way."""
        count = self.relation_count
        return code + count if code < count else code - count

    def label(self, entity: int, language: str = "en") -> str:
        """An entity's label in a language, else in any, else its id with underscores as spaces."""
        return self._label("entities", int(entity), language)

    def relation_label(self, code: int, language: str = "en") -> str:
        """A relation's label; `~` stands in front where it is walked backward."""
        backward = code >= self.relation_count
        label = self._label("relations", code % self.relation_count, language)
        return "~" + label if backward else label

    def aliases(self, entity: int) -> tuple[str, ...]:
        """Other names of an entity."""
        table = self._tables["entities"]
        if "aliases" not in table.column_names:
            return ()
        return tuple(table["aliases"][int(entity)].as_py() or ())

    def column(self, kind: str, name: str) -> pa.ChunkedArray | None:
        """A whole column of `entities` or `relations` (`id`, `label:en`, `aliases`), or None."""
        table = self._tables[kind]
        return table[name] if name in table.column_names else None

    def table(self, kind: str) -> pa.Table:
        """All columns of `entities` or `relations`."""
        return self._tables[kind]

    def has_names_of(self, other: KnowledgeGraph) -> bool:
        """Whether entities and relations have the same numbers, ids and names in another graph."""
        return all(self.table(kind).equals(other.table(kind)) for kind in ("entities", "relations"))

    # --- edges ------------------------------------------------------------------------------

    def edges(
        self, entities: Ints, directions: Directions = "both", limit: int | None = None
    ) -> tuple[Ints, Ints, Ints]:
        """Edges that leave some entities; see `EdgeRows.edges`.

        Args:
            entities: `(n,)` entity numbers.
            directions: `forward` reads no incoming edge.
            limit: At most so many per entity and relation, lowest tails first; None for all.

        Returns:
            `(positions, relations, tails)`, one row per edge: the position of its source in
            `entities`, its relation code, its target.
        """
        return self._rows.edges(entities, directions, limit)

    def edges_along(self, entities: Ints, code: int) -> tuple[Ints, Ints]:
        """Edges of one relation that leave some entities: `(positions, tails)`."""
        return self._rows.edges_along(entities, code)

    def relations_of(
        self, entities: Ints, directions: Directions = "both"
    ) -> tuple[Ints, Ints, Ints]:
        """Which relations leave some entities: `(positions, codes, counts of edges)`.

        No more of a hub's edges is read than it takes to tell its relations apart.
        """
        return self._rows.relations_of(entities, directions)

    def degree(self, entities: Ints) -> Ints:
        """Edges per entity, both directions: `(n,)`."""
        return self._rows.degree(entities)

    def follow(self, entities: Ints, code: int) -> Ints:
        """Entities that one relation reaches from any of `entities`: sorted, distinct."""
        return np.unique(self.edges_along(entities, code)[1])

    def has(self, head: int, code: int, tail: int) -> bool:
        """Whether an edge exists."""
        edge = (np.array([number]) for number in (head, code, tail))
        return bool(self._rows.holds(*edge)[0])

    def holds(self, heads: Ints, codes: Ints, tails: Ints) -> NDArray[np.bool_]:
        """Which of some edges exist: `(n,)`."""
        return self._rows.holds(heads, codes, tails)

    def triples_at(self, heads: Ints, relations: Ints, tails: Ints) -> Ints:
        """Where triples that exist stand in the columns `heads`, `relations`, `tails`: `(n,)`."""
        return self._rows.triples_at(self.relations, self.tails, heads, relations, tails)

    # --- making, saving, opening ------------------------------------------------------------

    @classmethod
    def build(
        cls,
        name: str,
        triples: Iterable[tuple[str, str, str]] | pa.Table,
        entities: pa.Table | None = None,
        relations: pa.Table | None = None,
    ) -> KnowledgeGraph:
        """Make a graph from triples of ids and optional label tables.

        Args:
            name: What to call it.
            triples: Tuples, or a table with columns `head`, `relation`, `tail` of texts, or as
                `numbered` gives them. Repeated triples count once.
            entities: Columns `id`, `label:<language>` ..., `aliases` (list of strings); ids that
                occur in no triple are kept, as entities without edges.
            relations: The same; an alias is another id that the relation is found by.

        Raises:
            FormatError: If there is no triple at all, or a relation begins with `~`.
        """
        if not isinstance(triples, pa.Table):
            columns = list(zip(*triples, strict=True)) or [(), (), ()]
            triples = pa.table(
                [pa.array(column, pa.string()) for column in columns], ["head", "relation", "tail"]
            )
        if triples.num_rows == 0:
            raise FormatError("The graph {name!r} would have no triples.", name=name)
        if not pa.types.is_dictionary(triples.schema.field("head").type):
            triples = numbered(triples)
        entity_table, entity_places = _described(names_in(triples["head"]), entities)
        relation_table, relation_places = _described(names_in(triples["relation"]), relations)
        tilde = pc.filter(relation_table["id"], pc.starts_with(relation_table["id"], "~"))
        if len(tilde):
            raise FormatError(
                "Relation {relation!r} begins with '~', which marks inverses.",
                relation=tilde[0].as_py(),
            )
        entity_count, relation_count = entity_table.num_rows, relation_table.num_rows
        places = entity_places, relation_places, entity_places
        codes = [codes_by(*one) for one in zip(triples.columns, places, strict=True)]
        found = np.stack(sorted_rows(codes, (entity_count, relation_count, entity_count)))
        keep = np.ones(found.shape[1], bool)
        keep[1:] = np.any(found[:, 1:] != found[:, :-1], axis=0)
        head, relation, tail = found[:, keep]
        rows = EdgeRows.of(head, relation, tail, entity_count, relation_count)
        code = np.int16 if 2 * relation_count < np.iinfo(np.int16).max else np.int32
        tables = {
            "entities": entity_table,
            "relations": relation_table,
            "triples": pa.table({"head": head, "relation": relation.astype(code), "tail": tail}),
            "edges": pa.table({"relation": rows.codes.astype(code), "tail": rows.tails}),
            "rows": pa.table({"start": rows.starts}),
        }
        return cls(name, tables, _content_hash(tables))

    def save(self, folder: Path) -> None:
        """Write the graph's files into a folder that exists."""
        for name, table in self._tables.items():
            write_table(folder / f"{name}.arrow", table)
        summary = {
            "name": self.name,
            "hash": self.hash,
            "entities": self.entity_count,
            "relations": self.relation_count,
            "triples": self.triple_count,
            "languages": list(self.languages),
        }
        write_json(folder / "graph.json", summary)

    @classmethod
    def open(cls, folder: Path) -> KnowledgeGraph:
        """Open a saved graph by memory map.

        Raises:
            FormatError: If a file is missing or damaged.
        """
        summary = read_json(folder / "graph.json")
        tables = {}
        for name in ("entities", "relations", "triples", "edges", "rows"):
            path = folder / f"{name}.arrow"
            try:
                tables[name] = map_table(path)
            except (OSError, ValueError) as error:
                raise FormatError(
                    "{path} is missing or damaged; import the graph again.", path=path
                ) from error
        return cls(summary["name"], tables, summary["hash"])

    # --- inside -----------------------------------------------------------------------------

    @cached_property
    def _entity_ids(self) -> pa.Array:
        column = self._tables["entities"]["id"]
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    @cached_property
    def _relation_codes(self) -> dict[str, int]:
        """By name and by alias; a name is never hidden by an alias."""
        codes: dict[str, int] = {}
        aliases = self.column("relations", "aliases")
        for code, others in enumerate(aliases.to_pylist() if aliases else ()):
            for alias in others or ():
                codes |= {alias: code, "~" + alias: code + self.relation_count}
        return codes | {name: code for code, name in enumerate(self.relation_ids)}

    def _label(self, kind: str, row: int, language: str) -> str:
        table = self._tables[kind]
        for name in dict.fromkeys((f"label:{language}", *(f"label:{x}" for x in self.languages))):
            if name in table.column_names and (label := table[name][row].as_py()):
                return str(label)
        return str(table["id"][row].as_py()).replace("_", " ")


def _numpy(table: pa.Table, column: str) -> Ints:
    values = table[column]
    # np.asarray would import pandas first, which takes longer than all else of opening a graph.
    chunk = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    return cast(Ints, np.from_dlpack(chunk))


def _search(ids: pa.Array, wanted: str) -> int | None:
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if ids[middle].as_py() < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < len(ids) and ids[low].as_py() == wanted else None


def _described(used: pa.Array, labels: pa.Table | None) -> tuple[pa.Table, Ints]:
    """Every id that is used or labelled, sorted, with its labels (null where it has none).

    Returns:
        The table, and in which row of it each of the ids used stands: `(used,)` int32.
    """
    if labels is not None:  # those used stay first
        used = pc.unique(pa.chunked_array([used, *labels["id"].chunks], pa.string()))
    order = pc.sort_indices(used)
    ids = used.take(order)
    columns = {"id": ids}
    if labels is not None:
        rows = pc.index_in(ids, value_set=labels["id"].combine_chunks())
        for name in labels.column_names:
            if name != "id":
                columns[name] = labels[name].combine_chunks().take(rows)
    places = np.empty(len(ids), np.int32)
    places[np.asarray(order)] = np.arange(len(ids), dtype=np.int32)
    return pa.table(columns), places


def _content_hash(tables: Mapping[str, pa.Table]) -> str:
    digest = hashlib.sha256()
    for kind in ("entities", "relations", "triples"):
        for name in tables[kind].column_names:
            column = tables[kind][name].combine_chunks()
            digest.update(f"\0{kind}.{name}\0".encode())
            if pa.types.is_integer(column.type):
                digest.update(np.asarray(column).astype(np.int32, copy=False).tobytes())
            else:
                for begin in range(0, len(column), _AT_ONCE):
                    texts = column.slice(begin, _AT_ONCE).to_pylist()
                    digest.update("".join(map(repr, texts)).encode())
    return digest.hexdigest()
