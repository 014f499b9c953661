"""One question drawn: what it is about, its gold paths on the graph, and its answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.errors import CallerError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import relation_codes
from core.records import Question, RelationPath, looked_for
from core.verify.checking import Chain, ground_path
from pages.parts.pictures.graph_view import graph_view
from pages.parts.pictures.path_graph import path_graph
from pages.parts.pictures.path_strip import (
    chain_facts,
    path_labels,
    path_strip,
    path_words,
    sought_words,
)
from pages.parts.state import open_graph
from pages.parts.text import Words, language, literal, t, t_plain

ANSWERS: Final = 12
"""Answers named at most, and reached in the drawing."""


def question_view(question: Question, graph_name: str, graph_hash: str) -> None:
    """Show a question with everything that is known about it.

    Args:
        question: What to show.
        graph_name: The graph that it is about.
        graph_hash: That graph's content hash when the question was tied to it.
    """
    st.subheader(literal(question.text), anchor=False)
    try:
        graph = open_graph(graph_name)
    except CallerError as error:
        st.warning(literal(error), icon=":material/link_off:")
        return
    if graph.hash != graph_hash:
        st.warning(t("questions.stale", graph=graph_name), icon=":material/history:")
    _facts(question, graph)
    if not question.answerable:
        st.info(t("questions.unanswerable"), icon=":material/block:")
        for path in question.paths:
            st.markdown(_in_vain(graph, path))
        return
    if not question.paths:
        st.info(t("questions.withheld"), icon=":material/visibility_off:")
        return
    chains = [chain for path in question.paths for chain in _grounded(graph, question, path)]
    if not chains:
        st.warning(t("questions.ungrounded"), icon=":material/report:")
        return
    st.markdown(f"**{t('questions.paths')}**")
    hops = [chain_facts(graph, chain, language()) for chain in chains]
    for chain in hops[:3]:
        path_strip(chain)
    nodes, edges = path_graph(hops)
    graph_view(nodes, edges, key="questions.drawing", height=340, layered=True)


def _facts(question: Question, graph: KnowledgeGraph) -> None:
    topics = " · ".join(_name(graph, topic) for topic in question.topics)
    st.markdown(t("questions.about", topics=topics))
    if not question.answerable:
        return
    named = " · ".join(_name(graph, answer) for answer in question.answers[:ANSWERS])
    more = len(question.answers) - ANSWERS
    rest = f" {t_plain('common.and_more', count=more)}" if more > 0 else ""
    st.markdown(t("questions.answers_are", answers=named + rest))


def _in_vain(graph: KnowledgeGraph, path: RelationPath) -> Words:
    """What a path looks for in vain, and what leads there."""
    labels = path_labels(graph, path)
    if looked_for(path) is None:
        return t("questions.there", path=path_words(labels))
    *before, last = labels
    missing = sought_words(last)
    if not before:
        return t("questions.in_vain", missing=missing)
    return t("questions.in_vain_after", missing=missing, path=path_words(before))


def _grounded(graph: KnowledgeGraph, question: Question, path: Sequence[str]) -> list[Chain]:
    """One chain of entities per topic and answer that the path connects."""
    codes = relation_codes(graph, tuple(path))
    ends = [graph.find_entity(answer) for answer in question.answers[:ANSWERS]]
    topics = [graph.find_entity(topic) for topic in question.topics]
    if codes is None:
        return []
    return [
        chain
        for topic in topics
        for end in ends
        if topic is not None and end is not None
        for chain in ground_path(graph, topic, codes, end, limit=1)
    ]


def _name(graph: KnowledgeGraph, entity_id: str) -> str:
    number = graph.find_entity(entity_id)
    return entity_id if number is None else graph.label(number, language())
