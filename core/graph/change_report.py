"""What a change does to a graph, for a reader: numbers, and the first examples of each kind."""

from __future__ import annotations

from core.graph.changes import Changes
from core.graph.import_report import SHOWN
from core.graph.knowledge_graph import KnowledgeGraph
from core.results.graph import ChangeReport, GraphVersion, Renamed


def change_report(
    graph: KnowledgeGraph, changes: Changes, version: GraphVersion | None
) -> ChangeReport:
    """What a change does, or has done, with the first examples of each kind."""
    return ChangeReport(
        name=graph.name,
        added=len(changes.added),
        removed=len(changes.removed),
        renamed=len(changes.names),
        added_examples=changes.added[:SHOWN],
        removed_examples=changes.removed[:SHOWN],
        renamed_examples=tuple(
            Renamed(id=one.id, column=one.column, before=_text(one.before), after=_text(one.after))
            for one in changes.names[:SHOWN]
        ),
        entities=sum(kind == "entities" for kind, _ in changes.new),
        relations=sum(kind == "relations" for kind, _ in changes.new),
        kept=version,
        triples=graph.triple_count + (0 if version else len(changes.added) - len(changes.removed)),
    )


def _text(name: str | tuple[str, ...] | None) -> str:
    return " | ".join(name) if isinstance(name, tuple) else name or ""
