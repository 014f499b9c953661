"""Put facts and names of a graph right by hand or merge what is one, after a look, or undo it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import FormatError, SettingsError
from core.graph.change_report import change_report
from core.graph.changes import Changes, Fact, Kind, Name, changes_to
from core.graph.history import change, undoing
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.merging import merging
from core.graph.rules import Steps, proposals, read_rule
from core.messages import Message
from core.report import Report
from core.results.graph import ChangeReport
from core.settings import GraphEditSettings
from core.workspace import Workspace


def run(settings: GraphEditSettings, report: Report, workspace: Workspace) -> ChangeReport:
    """Change a graph, or say what would change.

    Raises:
        NotFound: If there is no such graph, fact to remove, thing to name, or change to undo.
        FormatError: If a row is no fact or name.
        SettingsError: If there is nothing to do, or something beside what is undone.
        Stale: If the graph is no longer the version expected.
    """
    rows = (*settings.add, *settings.remove, *settings.names)
    if sum(map(bool, (rows, settings.merge, settings.rule, settings.undo))) != 1:
        raise SettingsError(
            "Say facts to add or remove and names, or what to merge, or a rule, or which change to "
            "undo."
        )

    def find(graph: KnowledgeGraph, folder: Path) -> Changes:
        if settings.undo:
            return undoing(folder, settings.undo)
        if settings.merge:
            return merging(graph, list(_pairs(settings.merge)))
        if settings.rule:
            return changes_to(graph, _implied(graph, settings.rule))
        add, remove = (list(_facts(some)) for some in (settings.add, settings.remove))
        return changes_to(graph, add, remove, _names(graph, settings.names, add))

    if settings.look:
        folder = workspace.open("graphs", settings.graph)
        graph = KnowledgeGraph.open(folder)
        return change_report(graph, find(graph, folder), None)
    undone = f"undo of change {settings.undo}" if settings.undo else ""
    merged = f"merge: {'; '.join(settings.merge)}"[:200] if settings.merge else ""
    rule = f"rule: {settings.rule}"[:200] if settings.rule else ""
    source = settings.source.strip() or undone or merged or rule or "a person"
    return change_report(*change(workspace, settings.graph, find, source, settings.version))


def _facts(rows: Sequence[str]) -> Iterator[Fact]:
    for row in rows:
        head, relation, tail = _cells(row, 3, Message("a fact is head, relation and tail"))
        yield head, relation, tail


def _implied(graph: KnowledgeGraph, text: str) -> Iterator[Fact]:
    rule = read_rule(graph, text)
    relation = graph.relation_id(rule.head)
    for head, tail in zip(*proposals(Steps(graph), rule).nonzero(), strict=True):
        yield graph.entity_id(int(head)), relation, graph.entity_id(int(tail))


def _pairs(rows: Sequence[str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        keep, gone = _cells(row, 2, Message("what is one is what stays and what goes"))
        yield keep, gone


def _names(
    graph: KnowledgeGraph, rows: Sequence[str], coming: Sequence[Fact]
) -> Iterator[tuple[Kind, str, str, Name]]:
    relations = {fact[1] for fact in coming}
    for row in rows:
        one, column, name = _cells(
            row, 3, Message("a name is id, label:en or aliases, and the name")
        )
        is_entity = graph.find_entity(one) is not None
        is_relation = one in relations or graph.find_relation(one) is not None
        kind: Kind = "relations" if is_relation and not is_entity else "entities"
        aliases = tuple(alias.strip() for alias in name.split("|") if alias.strip())
        yield kind, one, column, aliases if column == "aliases" else name


def _cells(row: str, count: int, what: Message) -> list[str]:
    try:
        cells = [cell.strip() for cell in next(csv.reader([row], strict=True), [])]
    except csv.Error:
        cells = []
    if len(cells) != count:
        raise FormatError(
            "{row!r} has not {count} cells: {what}, with commas between them, and a cell with a "
            "comma in quotes.",
            row=row,
            count=count,
            what=what,
        )
    return cells
