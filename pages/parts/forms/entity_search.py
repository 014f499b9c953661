"""A box in which a person types a few letters and chooses an entity."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.lookup import find_by_name
from pages.parts.text import clipped, language, t

SHOWN = 30


def entity_search(graph: KnowledgeGraph, key: str, choose: Callable[[str], None]) -> None:
    """Search a graph by name.

    Args:
        graph: Where to search.
        key: Prefix of the widgets' keys.
        choose: Called with the id of the entity that is chosen, before the page runs again.
    """
    typed = st.text_input(
        t("search.label"),
        key=f"{key}.text",
        placeholder=t("search.placeholder"),
        icon=":material/search:",
        type="search",
        live=True,
    ).strip()
    if not typed:
        return
    found = find_by_name(graph, typed, limit=SHOWN)
    if not found:
        st.caption(t("search.nothing"))
        return
    choice = f"{key}.choice.{typed}"

    def chosen() -> None:
        if st.session_state[choice] is not None:
            choose(graph.entity_id(st.session_state[choice]))

    st.selectbox(
        t("search.found", count=f"{len(found)}+" if len(found) == SHOWN else len(found)),
        found,
        index=None,
        format_func=lambda entity: clipped(name_of(graph, entity)),
        placeholder=t("search.choose"),
        key=choice,
        on_change=chosen,
    )


def name_of(graph: KnowledgeGraph, entity: int) -> str:
    """An entity's label, with its id where the label alone may not tell it apart."""
    label, entity_id = graph.label(entity, language()), graph.entity_id(entity)
    return label if label.casefold() == entity_id.casefold() else f"{label} ({entity_id})"
