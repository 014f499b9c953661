"""What the entities and relations of a graph are called, gathered from any number of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from core.graph.readers.iris import in_words, local_name
from core.graph.readers.source import Ids, Kind, Source
from core.plain_text import language_of

Values = dict[str, str | list[str]]


@dataclass
class Labels:
    """Labels by kind and id, in the order in which ids were met."""

    by_kind: dict[Kind, dict[str, Values]] = field(
        default_factory=lambda: {"entity": {}, "relation": {}}
    )

    def add(self, source: Source, ids: Ids) -> None:
        """Take over what a file calls things; a row that names one otherwise is left out."""
        for line, cells, kind, one, values in source.labels(ids):
            known = self.by_kind[kind].setdefault(one, {})
            clash = next((name for name in values if name in known and name != "aliases"), None)
            if clash:
                source.tally.skip(line, cells, f"{one!r} has another {clash} in a row before")
                continue
            aliases = (*known.get("aliases", ()), *values.get("aliases", ()))
            known.update(values)
            if aliases:
                known["aliases"] = list(dict.fromkeys(aliases))

    def add_names_in(self, ids: set[str]) -> None:
        """Where ids are written `name ||| key`, as namesakes are in some corpora, show the name."""
        names = {one: one.split(" ||| ")[0].strip() for one in ids if " ||| " in one}
        if 2 * len(names) <= len(ids):
            return
        column = f"label:{language_of_most(names.values())}"
        for one, label in names.items():
            if label:
                self.by_kind["entity"].setdefault(one, {}).setdefault(column, label)

    def add_local_names(self, ids: Ids, heads: Collection[str]) -> None:
        """Where most heads are IRIs, show what has no label by the end of its own.

        In the language of most labels; where nothing has any, in the one that they are written in.
        """
        may_be = [one for one in heads if ":" in one]
        if 2 * sum(bool(local_name(one)) for one in may_be) <= len(heads):
            return
        for kind, by_id in self.by_kind.items():
            bare = (one for one in ids[kind] if not any(map(_is_label, by_id.get(one, ()))))
            named = {one: in_words(one, is_relation=kind == "relation") for one in sorted(bare)}
            used = Counter(name for values in by_id.values() for name in values if _is_label(name))
            own = f"label:{language_of_most(named.values())}"
            column = min(used, key=lambda name: (-used[name], name), default=own)
            for one, label in named.items():
                if label:
                    by_id.setdefault(one, {})[column] = label

    def rename_relations(self, names: Mapping[str, str]) -> None:
        """Call relations otherwise, and keep what they were called among their aliases."""
        relations = self.by_kind["relation"]
        for one, name in names.items():
            values = relations.pop(one, {})
            relations[name] = {**values, "aliases": [*values.get("aliases", ()), one]}

    def as_table(self, kind: Kind) -> pa.Table | None:
        """Columns as `KnowledgeGraph.build` takes them; None if there is no label."""
        by_id = self.by_kind[kind]
        if not by_id:
            return None
        names = sorted({name for values in by_id.values() for name in values})
        columns = {"id": pa.array(list(by_id), pa.string())}
        for name in sorted(names, key=lambda n: (n == "aliases", n)):
            cell = pa.list_(pa.string()) if name == "aliases" else pa.string()
            columns[name] = pa.array([values.get(name) for values in by_id.values()], cell)
        return pa.table(columns)


def _is_label(column: str) -> bool:
    return column.startswith("label:")


def language_of_most(labels: Iterable[str]) -> str:
    """`zh` if most labels hold a Chinese character, else `en`; empty ones do not count."""
    chinese = [language_of(label) == "zh" for label in labels if label]
    return "zh" if 2 * sum(chinese) > len(chinese) else "en"
