"""What was made from a graph, what has changed for each since, and the cheapest way on."""

from __future__ import annotations

from core.errors import CallerError
from core.graph.history import since, sum_of
from core.results.graph import Dependant, WayOn
from core.workspace import Workspace, read_json

CARDS = {
    "questions": "set.json",
    "teachers": "card.json",
    "labels": "card.json",
    "students": "card.json",
}

MUCH = 0.1
"""From this share of a graph's facts on, what was measured before is worth measuring again."""


def dependants(workspace: Workspace, graph: str) -> tuple[Dependant, ...]:
    """Everything in the workspace that was made from a graph of that name.

    Raises:
        NotFound: If there is no such graph.
        FormatError: If its history is damaged.
    """
    folder = workspace.open("graphs", graph)
    triples = int(read_json(folder / "graph.json")["triples"])
    found = []
    for kind, file in CARDS.items():
        for name in workspace.names(kind):
            try:
                card = workspace.read(kind, name, file)
            except CallerError:  # it is damaged, and says so where it is opened
                continue
            if card.get("graph") != graph or "graph_hash" not in card:
                continue
            versions = since(folder, card["graph_hash"])
            changes = None if versions is None else sum_of(versions)
            relations = any(one.relations for one in versions or ())
            way = _way_on(kind, changes, relations, triples)
            found.append(Dependant(kind=kind, name=name, changes=changes, way_on=way))
    return tuple(found)


def _way_on(kind: str, changes: int | None, relations: bool, triples: int) -> WayOn:
    if changes is None:
        return "again"
    if not changes:
        return "nothing"
    if kind in ("questions", "labels"):
        return "before_training"
    if relations:
        return "again" if kind == "teachers" else "new_relations"
    return "measure" if changes > MUCH * triples else "reads_on"
