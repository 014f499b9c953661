"""Changing a graph: facts and names to put right, what that would change, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import CallerError
from core.graph.dependants import dependants
from core.graph.history import history
from core.graph.knowledge_graph import KnowledgeGraph
from core.results.graph import ChangeReport, GraphVersion
from core.settings import GraphEditSettings, checked
from pages.parts.asking import edit_graph
from pages.parts.changes import is_owner
from pages.parts.problem import problem
from pages.parts.state import workspace
from pages.parts.table import table
from pages.parts.text import Words, t

LOOKED = "graph.edit.looked"
"""In the session: the change that the reader looks at, and what it would do."""

LISTED = 50
"""Changes listed at most, the last ones."""


def show_changes(graph: KnowledgeGraph) -> None:
    """A form for changes, the history of the graph, and what was made from it."""
    if is_owner():
        _form(graph)
    versions = history(workspace().folder("graphs", graph.name))
    st.markdown("#### " + t("graph.history"))
    if versions:
        _history(graph, versions)
    else:
        st.caption(t("graph.history_none"))
    _made_of_it(graph)


def _form(graph: KnowledgeGraph) -> None:
    with st.form("graph.edit", border=False):
        left, right = st.columns(2, gap="large")
        add = left.text_area(t("graph.edit.add"), help=t("graph.edit.fact_help"))
        remove = right.text_area(t("graph.edit.remove"), help=t("graph.edit.fact_help"))
        names = left.text_area(t("graph.edit.names"), help=t("graph.edit.names_help"))
        source = right.text_input(t("graph.edit.source"), max_chars=200)
        if st.form_submit_button(t("graph.edit.look"), icon=":material/difference:"):
            rows = {"add": _rows(add), "remove": _rows(remove), "names": _rows(names)}
            _look(graph, {**rows, "source": source})
    _looked(graph)


def look_and_apply(graph: KnowledgeGraph, settings: GraphEditSettings, words: Words) -> None:
    """A button that shows what a change would do, then what it would do, and the one that does it.

    Args:
        graph: As it is.
        settings: The change.
        words: On the first button.
    """
    if st.button(words, icon=":material/difference:"):
        _look(graph, settings.model_dump())
    _looked(graph)


def _looked(graph: KnowledgeGraph) -> None:
    """The change that the reader looks at, if it is of this version."""
    looked: tuple[GraphEditSettings, ChangeReport] | None = st.session_state.get(LOOKED)
    if looked is None or looked[0].version != graph.hash or looked[0].graph != graph.name:
        return
    settings, change = looked
    _difference(change)
    if change.added + change.removed + change.renamed:
        st.button(
            t("graph.edit.apply"),
            type="primary",
            icon=":material/check:",
            on_click=_apply,
            args=(settings.model_copy(update={"look": False}),),
        )


def _look(graph: KnowledgeGraph, said: dict[str, object]) -> None:
    """Say what a change would do, or in a sentence what is wrong with it."""
    st.session_state.pop(LOOKED, None)
    try:
        values = {**said, "graph": graph.name, "look": True, "version": graph.hash}
        settings = checked(GraphEditSettings, values)
        st.session_state[LOOKED] = settings, edit_graph(settings)
    except CallerError as error:
        problem(error)


def _apply(settings: GraphEditSettings) -> None:
    try:
        edit_graph(settings)
    except CallerError as error:
        problem(error)
    else:
        st.session_state.pop(LOOKED, None)
        st.toast(t("graph.edit.done"), icon=":material/check:")


def _difference(change: ChangeReport) -> None:
    """What comes, goes and is called otherwise, the first of each."""
    numbers = {"added": change.added, "removed": change.removed, "renamed": change.renamed}
    if not any(numbers.values()):
        st.info(t("graph.edit.nothing"), icon=":material/done_all:")
        return
    st.caption(t("graph.edit.would", **numbers, new=change.entities + change.relations))
    examples = [("add", change.added_examples), ("remove", change.removed_examples)]
    rows = [
        {t("graph.edit.what"): t(f"graph.edit.{what}"), t("graph.edit.is"): ", ".join(fact)}
        for what, facts in examples
        for fact in facts
    ]
    rows += [
        {
            t("graph.edit.what"): t("graph.edit.names"),
            t("graph.edit.is"): f"{one.id}, {one.column}: {one.before} → {one.after}",
        }
        for one in change.renamed_examples
    ]
    table(rows)


def _history(graph: KnowledgeGraph, versions: Sequence[GraphVersion]) -> None:
    columns = ("number", "time", "source", "added", "removed", "renamed")
    rows = [
        {t(f"graph.history.{name}"): getattr(one, name) for name in columns}
        for one in reversed(versions[-LISTED:])
    ]
    table(rows)
    if not is_owner():
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        last = len(versions)
        number = st.number_input(
            t("graph.undo_from"), 1, last, last, help=t("graph.undo_help"), width=220
        )
        settings = GraphEditSettings(graph=graph.name, undo=int(number), version=graph.hash)
        st.button(t("graph.undo"), icon=":material/undo:", on_click=_apply, args=(settings,))


def _made_of_it(graph: KnowledgeGraph) -> None:
    """What was made from the graph, and the cheapest way on for each."""
    try:
        made = dependants(workspace(), graph.name)
    except CallerError as error:
        problem(error)
        return
    if not made:
        return
    st.markdown("#### " + t("graph.made"))
    table(
        [
            {
                t("graph.made.kind"): t(f"graph.made.{one.kind}"),
                t("graph.made.name"): one.name,
                t("graph.made.changes"): "?" if one.changes is None else f"{one.changes:,}",
                t("graph.made.way"): t(f"graph.way.{one.way_on}"),
            }
            for one in made
        ]
    )


def _rows(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
