"""Commands that look at graphs: list, show, overview, history, search, path."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from core.command_line.options import JSON, MOST_SHOWN
from core.command_line.output import as_lines, as_text, chain, facts, print_json, say, show, table
from core.results.graph import ConnectingPath, Connection, ImportReport, WayOn
from core.results.named import Fact, Named
from core.workspace import Workspace, read_json

if TYPE_CHECKING:
    from core.graph.knowledge_graph import KnowledgeGraph
    from core.graph.shortest_paths import Chain

# Columns and numbers are imported where a command needs them: `--help` and `list` do not.

app = typer.Typer(help="Import graphs, change them and look at them.")
GRAPH = typer.Argument(..., help="The graph.")
LANGUAGE = typer.Option("en", help="Language of labels.")


WAYS_ON: dict[WayOn, str] = {
    "nothing": "nothing to do",
    "reads_on": "nothing to do: facts are read as they are now",
    "measure": "much has changed: evaluate it again",
    "new_relations": "it answers; train and distil again for the new relations",
    "before_training": "make it again before training from it",
    "again": "make it again",
}
"""What is said of what was made from a graph that was changed since."""


@app.command("list")
def list_graphs(as_json: bool = JSON) -> None:
    """List graphs."""
    space = Workspace()
    graphs = [space.read("graphs", n, "graph.json") for n in space.names("graphs")]
    if as_json:
        print_json(graphs)
    elif graphs:
        rows = [
            (g["name"], g["entities"], g["relations"], g["triples"], g["languages"]) for g in graphs
        ]
        show(table(["graph", "entities", "relations", "triples", "languages"], rows))
    else:
        say("No graph yet; try: python -m core graph import FILE... --name NAME")


@app.command("show")
def show_graph(graph: str = GRAPH, as_json: bool = JSON) -> None:
    """Show a graph's size, and the report of its import."""
    folder = Workspace().open("graphs", graph)
    summary = read_json(folder / "graph.json")
    report = ImportReport.from_record(read_json(folder / "import.json"))
    if as_json:
        print_json({**summary, "report": report.as_record()})
        return
    show(facts(summary))
    show(as_lines("\nImport", "bold"))
    show(facts(asdict(report)))
    relations = [(r.label, r.triples) for r in report.relations[:20]]
    show(as_text(""))
    show(table(["relation", "triples"], relations))


@app.command("overview")
def graph_overview(graph: str = GRAPH, language: str = LANGUAGE, as_json: bool = JSON) -> None:
    """Show the kinds of entities of a graph, and the relations between them."""
    from core.graph.overview import overview

    found = overview(_open(graph), language)
    if as_json:
        print_json(found.as_record())
        return
    called = [f"{at}: {one.label or 'others'}" for at, one in enumerate(found.kinds)]
    rows = [
        (name, one.entities, one.example) for name, one in zip(called, found.kinds, strict=True)
    ]
    show(table(["type" if found.by_type else "have this relation", "entities", "such as"], rows))
    between = [(called[one.source], one.label, called[one.target], one.facts)
               for one in found.relations]  # fmt: skip
    show(as_text(""))
    show(table(["from", "relation", "to", "facts"], between))


@app.command("history")
def graph_history(graph: str = GRAPH, as_json: bool = JSON) -> None:
    """Show the changes of a graph, and what was made from it before them."""
    from core.graph.dependants import dependants
    from core.graph.history import history

    space = Workspace()
    versions, made = history(space.open("graphs", graph)), dependants(space, graph)
    if as_json:
        found = {"changes": versions, "made": made}
        print_json({name: [one.as_record() for one in some] for name, some in found.items()})
        return
    if versions:
        columns = ["number", "time", "source", "added", "removed", "renamed"]
        show(table(columns, [[getattr(one, name) for name in columns] for one in versions]))
    else:
        say(f"The graph {graph!r} is as it was imported.")
    rows = [
        (one.kind, one.name, "?" if one.changes is None else one.changes, WAYS_ON[one.way_on])
        for one in made
    ]
    if rows:
        show(table(["made of it", "name", "changes since", "way on"], rows))


@app.command("search")
def search_graph(
    graph: str = GRAPH,
    text: str = typer.Argument(..., help="A name, or part of one."),
    limit: int = typer.Option(10, min=1, max=MOST_SHOWN, help="At most so many entities."),
    language: str = LANGUAGE,
    as_json: bool = JSON,
) -> None:
    """Find entities by name."""
    import numpy as np

    from core.graph.lookup import find_by_name

    opened = _open(graph)
    entities = find_by_name(opened, text, limit)
    edges = opened.degree(np.array(entities)).tolist() if entities else []
    found = [
        {**vars(_entity(opened, entity, language)), "edges": count}
        for entity, count in zip(entities, edges, strict=True)
    ]
    if as_json:
        print_json(found)
    elif found:
        show(table(["id", "label", "edges"], [list(one.values()) for one in found]))
    else:
        say(f"No entity of {graph!r} has a name like {text!r}.")


@app.command("path")
def path_between(
    graph: str = GRAPH,
    source: str = typer.Argument(..., help="Entity to begin at, by id or name."),
    target: str = typer.Argument(..., help="Entity to end at, by id or name."),
    hops: int = typer.Option(4, min=1, max=8, help="Look no further than this."),
    limit: int = typer.Option(10, min=1, max=MOST_SHOWN, help="At most so many relation paths."),
    language: str = LANGUAGE,
    as_json: bool = JSON,
) -> None:
    """Show the shortest relation paths from one entity to another, with an example of each."""
    from core.graph.lookup import required_entity
    from core.graph.shortest_paths import shortest_paths

    opened = _open(graph)
    ends = required_entity(opened, source), required_entity(opened, target)
    begin, end = (_entity(opened, entity, language) for entity in ends)
    found = Connection(
        source=begin,
        target=end,
        paths=tuple(
            ConnectingPath(
                relations=tuple(opened.relation_id(code) for code in one.relations),
                hops=_hops(opened, one, language),
            )
            for one in shortest_paths(opened, *ends, hops=hops, limit=limit)
        ),
    )
    if as_json:
        print_json(found.as_record())
        return
    for path in found.paths:
        show(chain(path.hops) if path.hops else as_text(begin.label, "bold"))
    if not found.paths:
        say(f"{end.label} is not within {hops} hops of {begin.label}; try --hops.")


def _open(name: str) -> KnowledgeGraph:
    from core.graph.knowledge_graph import KnowledgeGraph

    return KnowledgeGraph.open(Workspace().open("graphs", name))


def _entity(graph: KnowledgeGraph, entity: int, language: str) -> Named:
    return Named(id=graph.entity_id(entity), label=graph.label(entity, language))


def _hops(graph: KnowledgeGraph, found: Chain, language: str) -> tuple[Fact, ...]:
    ends = zip(found.entities[:-1], found.relations, found.entities[1:], strict=True)
    return tuple(
        Fact(
            head=_entity(graph, head, language),
            relation=Named(id=graph.relation_id(code), label=graph.relation_label(code, language)),
            tail=_entity(graph, tail, language),
        )
        for head, code, tail in ends
    )
