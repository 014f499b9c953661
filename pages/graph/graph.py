"""The page Graph: choose one or bring your own, walk through it, and read how its import went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import CallerError, FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.results.graph import GraphReport
from pages.graph.check_view import check_view
from pages.graph.entity_view import entity_view
from pages.graph.graph_changes import show_changes
from pages.graph.graph_import import import_forms
from pages.graph.graph_report import show_report
from pages.graph.learning import learning
from pages.graph.overview_view import overview_view
from pages.graph.rules_view import rules_view
from pages.parts.context import carried
from pages.parts.deleting import delete_button
from pages.parts.forms.entity_search import entity_search
from pages.parts.forms.importing import show_import
from pages.parts.problem import problem
from pages.parts.state import asked, card, names, open_graph, remember
from pages.parts.text import language, literal, t

# Where the reader was before, in the session: entity ids, the latest last.
TRAIL = "graph.trail"
VIEWS = ["overview", "explore", "report", "check", "rules", "changes"]


def move(entity: str) -> None:
    """Go to an entity; the way there stays as a trail."""
    here = [here] if (here := st.query_params.get("entity")) else []
    trail = [*st.session_state.get(TRAIL, []), *here]
    st.session_state[TRAIL] = [step for step in dict.fromkeys(trail) if step != entity][-6:]
    remember(entity=entity)


def explore_from(entity: str) -> None:
    """Go to an entity from another view."""
    st.session_state["graph.view"] = "explore"
    move(entity)


def leave() -> None:
    """Go back to the search."""
    st.session_state.pop(TRAIL, None)
    remember(entity=None)


def explore(graph: KnowledgeGraph) -> None:
    """The search, or the entity that the address names."""
    entity_id = st.query_params.get("entity")
    entity = None if entity_id is None else graph.find_entity(entity_id)
    if entity is None:
        remember(entity=None)
        find(graph)
        return
    show_trail(graph, str(entity_id))
    entity_view(graph, entity, move)


def find(graph: KnowledgeGraph) -> None:
    """A search box, and a few good places to begin."""
    entity_search(graph, "graph.search", move)
    st.caption(t("graph.start_here"))
    with st.container(horizontal=True):
        for hub in card("graphs", graph.name).hubs:
            name = graph.label(graph.entity(hub.id), language())
            st.button(literal(name), key=f"graph.hub.{hub.id}", on_click=move, args=(hub.id,))


def show_trail(graph: KnowledgeGraph, here: str) -> None:
    """The way here, each step a button back."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            t("graph.close"), icon=":material/search:", type="tertiary", on_click=leave, key="leave"
        )
        for step in st.session_state.get(TRAIL, []):
            number = graph.find_entity(step)
            if number is not None and step != here:
                name = literal(graph.label(number, language()))
                key = f"graph.trail.{step}"
                st.button(f"› {name}", key=key, type="tertiary", on_click=move, args=(step,))


def choose(graphs: list[str]) -> str:
    """The graph to look at, and what can be done beside looking."""
    wanted, known = asked("graph", graphs), carried("graph")
    first = wanted or (known if known in graphs else graphs[0])
    chooser, add, delete = st.columns([5, 2.6, 2], vertical_alignment="bottom")
    with chooser:
        name = st.selectbox(t("graph.choose"), graphs, index=graphs.index(first))
    if name != wanted:
        leave()
        remember(graph=name)
    with add, st.popover(t("graph.add"), icon=":material/add:", width="stretch"):
        import_forms()
    with delete:
        delete_button("graphs", name, t("graph.delete_sure", name=name))
    return str(name)


def show(name: str) -> None:
    """One of the views of a graph."""
    try:
        graph, report = open_graph(name), card("graphs", name)
    except CallerError as error:
        problem(error)
        return
    learning(name)
    view = st.segmented_control(
        t("graph.view"),
        VIEWS,
        default=asked("view", VIEWS) or ("explore" if "entity" in st.query_params else VIEWS[0]),
        required=True,
        format_func=lambda one: t(f"graph.view.{one}"),
        key="graph.view",
        label_visibility="collapsed",
    )
    remember(view=view)
    st.space("small")
    if view == "overview":
        overview_view(graph, explore_from)
    elif view == "report":
        show_report(report)
    elif view == "check":
        check_view(graph)
    elif view == "rules":
        rules_view(graph)
    elif view == "changes":
        show_changes(graph)
    else:
        explore(graph)


def announce(record: Mapping[str, Any]) -> None:
    """Go to the graph that an import has made, and say what it is."""
    try:
        made = GraphReport.from_record(record)
    except FormatError as error:  # another version of PathDistill made it
        problem(error)
        return
    remember(graph=made.name)
    facts, entities = t("count.facts", n=made.triples), t("count.entities", n=made.entities)
    st.toast(t("graph.imported", name=made.name, facts=facts, entities=entities))


st.title(t("page.graph"), anchor=False)
st.caption(t("graph.subtitle"))
run = show_import(["import_graph"])
if run and run.result:
    announce(run.result)
if run is None or run.result:
    if there := names("graphs"):
        show(choose(there))
    else:
        st.subheader(t("graph.empty_title"), anchor=False)
        st.markdown(t("graph.empty"))
        import_forms()
