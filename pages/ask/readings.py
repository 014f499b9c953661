"""What a question may have meant: paths of the graph, put into words as questions to choose from.

Where a student is not sure, or the graph does not say what is asked, the reader is asked back. What
is chosen is a path, and the graph itself answers it: no model is asked, and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import walk_path
from core.manifests import Stamp
from core.plain_text import plain
from core.questions.answer_kinds import AnswerKind, answer_kinds
from core.questions.label_phrases import label_phrases
from core.records import RelationPath, inverse
from core.results.answer import Answer, Decision
from core.results.named import Named
from core.verify.checking import ground_path
from pages.parts.answers.answer_view import names
from pages.parts.pictures.path_strip import chain_facts, path_strip
from pages.parts.state import open_graph, workspace
from pages.parts.text import Words, literal, t

LIKELIEST: Final = 3
"""Paths of the student that are offered."""

NEARBY: Final = 5
"""Relations of an entity that are offered."""


def asks_nothing(answer: Answer) -> bool:
    """Whether a question names entities and says nothing else."""
    named = {*answer.topics, *answer.candidates}
    known = {word for one in named for text in (one.label, one.id) for word in plain(text).split()}
    return {*plain(answer.question).split()} <= known


def readings(answer: Answer, graph: KnowledgeGraph) -> list[RelationPath]:
    """What is offered to choose from; nothing where an answer is sure, or has several topics.

    Of an unsure answer the likeliest paths; where the graph may not say, or nothing is asked, what
    it has there instead.
    """
    if len(answer.topics) > 1 or graph.find_entity(answer.topics[0].id) is None:
        return []
    if asks_nothing(answer) or answer.decision is Decision.NOT_IN_GRAPH:
        return nearby(answer, graph)
    if answer.decision is Decision.ANSWERED:
        return []
    likeliest = [path.relations for path in answer.paths if path.supported]
    found = list(dict.fromkeys(likeliest))[:LIKELIEST]
    return (
        list(dict.fromkeys([*found, *nearby(answer, graph)]))[:NEARBY]
        if answer.doubts_graph
        else found
    )


def nearby(answer: Answer, graph: KnowledgeGraph) -> list[RelationPath]:
    """The relations that lead on from where something was looked for in vain.

    First those that the student thought of, the likeliest first, then those that are walked forward
    and lead to little.
    """
    lacking = answer.looked_for
    at = lacking.at.id if lacking else answer.topics[0].id
    before = tuple(hop.relation.id for hop in lacking.hops) if lacking else ()
    entity = graph.find_entity(at)
    if entity is None:
        return []
    _, codes, counts = graph.relations_of(np.array([entity], np.int32))
    thought = {
        path: sum(p.probability for p in answer.paths if p.relations[: len(path)] == path)
        for path in ((*before, graph.relation_id(code)) for code in codes.tolist())
    }
    number = dict(zip(thought, counts.tolist(), strict=True))
    there = [path for path in thought if not before or path[-1] != inverse(before[-1])]
    there.sort(key=lambda path: (-thought[path], path[-1].startswith("~"), number[path]))
    return there[:NEARBY]


def ask_back(answer: Answer, graph: KnowledgeGraph, choose: Callable[[RelationPath], None]) -> None:
    """The readings as buttons, under a question; nothing where there is none."""
    offered = readings(answer, graph)
    if not offered:
        return
    topic = answer.topics[0]
    with st.container(border=True, key="readings"):
        st.markdown(f"**{_heading(answer)}**")
        with st.container(horizontal=True):
            for path in offered:
                st.button(
                    literal(in_words(graph, path, topic.label, answer.language)),
                    key=f"reading.{'.'.join(path)}",
                    help=t("ask.reading_help"),
                    on_click=choose,
                    args=(path,),
                )


def reading_view(answer: Answer, graph: KnowledgeGraph, path: RelationPath) -> None:
    """What the graph says to a reading that was chosen."""
    topic = answer.topics[0]
    walk = walk_path(graph, graph.entity(topic.id), path)
    ends = walk.ends[np.argsort(-graph.degree(walk.ends), kind="stable")]
    with st.container(border=True, key="reading", gap="small"):
        st.caption(literal(in_words(graph, path, topic.label, answer.language)))
        if not len(ends):
            st.markdown(t("ask.reading_nothing"))
            return
        found = [
            Named(id=graph.entity_id(end), label=graph.label(end, answer.language))
            for end in ends.tolist()
        ]
        st.header(literal(names(found)), anchor=False)
        st.markdown(f":blue[:material/route:] {t('ask.reading_chosen')}")
        (chain,) = ground_path(graph, graph.entity(topic.id), walk.codes, int(ends[0]), limit=1)
        path_strip(chain_facts(graph, chain, answer.language))


def in_words(graph: KnowledgeGraph, path: RelationPath, topic: str, language: str) -> str:
    """A path as the plainest question that the labels of its relations give.

    Args:
        graph: Whose relations they are.
        path: At least one.
        topic: What the question is about.
        language: Of the question.
    """
    space, count = workspace(), graph.relation_count
    kinds = _kinds(str(space.root), graph.name, space.stamp("graphs", graph.name))
    about = topic
    *_, last = pieces = [
        label_phrases(
            graph.relation_label(code % count, language),
            language,
            backward=code >= count,
            asked=kinds[code],
        )
        for code in map(graph.relation, path)
    ]
    for phrases in pieces[:-1]:
        about = next(one for one in phrases if not one.is_question).say(about, several=False)
    return next(one for one in last if one.is_question).say(about, several=False)


@st.cache_resource(show_spinner=False, max_entries=8)
def _kinds(root: str, name: str, stamp: Stamp) -> Sequence[AnswerKind]:
    return answer_kinds(open_graph(name))


def _heading(answer: Answer) -> Words:
    topic = answer.topics[0]
    if asks_nothing(answer):
        return t("ask.what_about", topic=topic.label)
    if answer.decision is Decision.UNSURE:
        return t("ask.which_reading")
    at = answer.looked_for.at if answer.looked_for else topic
    return t("ask.nearby", entity=at.label)
