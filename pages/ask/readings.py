"""What can be asked instead, or may have been meant: questions to choose from.

Where a student is not sure, or the graph does not say what is asked, the reader is asked back. What
is chosen is a path, and the graph itself answers it: no model is asked, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import walk_path
from core.results.answer import Answer, Decision, Suggestion
from core.results.named import Named
from core.verify.checking import ground_path
from pages.parts.answers.answer_view import names
from pages.parts.pictures.path_strip import chain_facts, path_strip
from pages.parts.text import Words, literal, t


def ask_back(answer: Answer, choose: Callable[[Suggestion], None]) -> None:
    """The suggestions as buttons, under a question; nothing where there is none."""
    if not answer.suggestions:
        return
    with st.container(border=True, key="readings"):
        st.markdown(f"**{_heading(answer)}**")
        with st.container(horizontal=True):
            for one in answer.suggestions:
                st.button(
                    literal(one.question),
                    key=f"reading.{'.'.join((one.topic.id, *one.relations))}",
                    help=t("ask.reading_help"),
                    on_click=choose,
                    args=(one,),
                )


def reading_view(answer: Answer, graph: KnowledgeGraph, chosen: Suggestion) -> None:
    """What the graph says to a question that was chosen."""
    topic = graph.entity(chosen.topic.id)
    walk = walk_path(graph, topic, chosen.relations)
    ends = walk.ends[np.argsort(-graph.degree(walk.ends), kind="stable")]
    with st.container(border=True, key="reading", gap="small"):
        st.caption(literal(chosen.question))
        if not len(ends):
            st.markdown(t("ask.reading_nothing"))
            return
        found = [
            Named(id=graph.entity_id(end), label=graph.label(end, answer.language))
            for end in ends.tolist()
        ]
        st.header(literal(names(found)), anchor=False)
        st.markdown(f":blue[:material/route:] {t('ask.reading_chosen')}")
        (chain,) = ground_path(graph, topic, walk.codes, int(ends[0]), limit=1)
        path_strip(chain_facts(graph, chain, answer.language))


def nothing_named(answer: Answer, graph: KnowledgeGraph) -> None:
    """That a question names nothing of the graph: what was looked for, and what the graph holds."""
    with st.container(border=True, key="answer", gap="small"):
        st.caption(literal(answer.question))
        st.header(t("ask.nothing_named"), anchor=False)
        known = {"graph": graph.name, "count": graph.entity_count}
        st.markdown(f":orange[:material/search_off:] {t('ask.looked_for_names', **known)}")
        if answer.suggestions:
            about = names([one.topic for one in answer.suggestions])
            st.markdown(f":blue[:material/hub:] {t('ask.graph_about', names=about)}")


def _heading(answer: Answer) -> Words:
    if not answer.topics:
        return t("ask.for_example")
    topic = answer.topics[0]
    if answer.asks_nothing:
        return t("ask.what_about", topic=topic.label)
    if answer.decision is Decision.UNSURE:
        return t("ask.which_reading")
    at = answer.looked_for.at if answer.looked_for else topic
    return t("ask.nearby", entity=at.label)
