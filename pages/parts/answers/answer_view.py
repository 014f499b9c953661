"""An answer of a student: what it says, how sure it is, its path with a verdict on every hop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import streamlit as st

from core.results.answer import Answer, AnsweredPath
from core.results.named import LikelyEntity, Named, TopicMatch
from pages.parts.pictures.graph_view import graph_view
from pages.parts.pictures.path_graph import path_graph
from pages.parts.pictures.path_strip import path_strip
from pages.parts.table import table
from pages.parts.text import Words, literal, t, t_plain

NAMED: Final = 8
"""Answers named at most in the headline."""

OTHERS: Final = 5
"""Other paths shown at most."""


def answer_view(
    answer: Answer,
    choose_topic: Callable[[str], None],
    add_topics: Callable[[Sequence[str]], None],
) -> None:
    """Show an answer.

    Args:
        answer: What the student said.
        choose_topic: Called with the id of another entity that the question may be about.
        add_topics: Called with the ids of those that it is about beside its first topic.
    """
    _which(answer, choose_topic, add_topics)
    if not answer.answers and not answer.paths:
        st.warning(t("ask.no_answer"), icon=":material/search_off:")
        st.caption(t("ask.no_answer_help"))
        return
    _headline(answer)
    topics = len(answer.topics)  # one path from each leads to the answer
    best, others = answer.paths[:topics], answer.paths[topics:]
    if best:
        st.markdown(f"**{t('ask.path')}**")
    for path in best:
        path_strip(path.hops)
        weight = t("ask.path_share", share=share(path.probability))
        st.caption(" · ".join([weight, *_ends(path)]))
    drawn = [path for path in answer.paths if path.supported and _hangs_together(path)]
    if drawn:
        st.space("small")
        told = [path.hops for path in drawn if path in best]
        beside = [path.hops for path in drawn if path not in best]
        nodes, edges = path_graph(told, beside[:OTHERS])
        graph_view(nodes, edges, key="ask.graph", height=320, layered=True)
    _other_paths(others[:OTHERS])
    _other_answers(answer.answers)


def share(probability: float) -> str:
    """A probability for people: `58 %`, and never a rounded 0 or 100 for what is neither."""
    if 0 < probability < 0.01:
        return "< 1 %"
    if 0.99 < probability < 0.9999:
        return "> 99 %"
    return f"{probability:.0%}".replace("%", " %")


def names(entities: Sequence[Named], total: int = 0) -> str:
    """Labels of the entities that count as one answer, in plain text.

    Args:
        entities: Those that are known by name.
        total: How many there are in all, where not all are among them.
    """
    named = " · ".join(entity.label for entity in entities[:NAMED])
    more = max(total, len(entities)) - len(entities[:NAMED])
    return f"{named} {t_plain('common.and_more', count=more)}" if more > 0 else named


def answer_names(answer: Answer) -> str:
    """The answer in plain text: every entity as probable as the first, or how many more."""
    there, together = answer.answers, joint(answer.answers)
    alone = len(answer.topics) == 1  # else only what several paths reach together counts
    reached = answer.paths[0].reached if answer.paths and alone else 0
    # Only the first few answers are told: where all of them are joint, the path knows how many.
    return names(together, reached if len(together) == len(there) else 0)


def joint(answers: Sequence[LikelyEntity]) -> list[LikelyEntity]:
    """The answers that are as probable as the first: one question may have several at once."""
    if not answers:
        return []
    highest = answers[0].probability
    return [one for one in answers if highest - one.probability < 1e-6]


def _headline(answer: Answer) -> None:
    with st.container(border=True, key="answer", gap="small"):
        st.caption(literal(answer.question))
        if answer.answers:
            st.header(literal(answer_names(answer)), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if answer.supported:
                # No green check: a path that exists need not answer the question.
                st.badge(t("ask.supported"), icon=":material/route:", color="blue")
            else:
                st.badge(t("ask.unsupported"), icon=":material/gpp_maybe:", color="orange")
            if answer.answers:
                certainty = share(answer.answers[0].probability)
                st.badge(
                    t("ask.probability", share=certainty),
                    color="gray",
                    help=t("ask.probability_help"),
                )
        about = [_topic(topic) for topic in answer.topics]
        st.caption(" ".join([*about, _signature(answer)]))
    if not answer.supported:
        st.warning(t("ask.unsupported_long"), icon=":material/gpp_maybe:")


def _topic(topic: TopicMatch) -> Words:
    return t("ask.topic", topic=topic.label, match=t(f"ask.match.{topic.match}"))


def _signature(answer: Answer) -> Words:
    seconds = f"{answer.seconds:.2f}"
    return t("ask.seconds", student=answer.student, seconds=seconds)


def _which(
    answer: Answer,
    choose_topic: Callable[[str], None],
    add_topics: Callable[[Sequence[str]], None],
) -> None:
    """Other entities that the question may be about, each a button; or be about as well."""
    used = {topic.id: topic for topic in answer.topics}
    others = {one.id: one for one in answer.candidates if one.id not in used}
    if not others and len(used) == 1:
        return
    labels = {topic.label for topic in used.values()}
    namesakes = [one for one in others.values() if one.label in labels]
    question = t("ask.which", name=namesakes[0].label) if namesakes else None
    with st.container(border=True, key="which"):
        st.markdown(f"**{question or t('ask.which_other')}**")
        with st.container(horizontal=True):
            for one in [*used.values(), *others.values()][:7]:
                st.button(
                    literal(f"{one.label} ({one.id})"),
                    key=f"topic.{one.id}",
                    type="primary" if one.id in used else "secondary",
                    on_click=choose_topic,
                    args=(one.id,),
                )
        _also(answer, {**used, **others}, labels, add_topics)


def _also(
    answer: Answer,
    entities: Mapping[str, Named],
    labels: set[str],
    add_topics: Callable[[Sequence[str]], None],
) -> None:
    """What the question is about as well as its first topic; a namesake of a topic is not."""
    first, *further = [topic.id for topic in answer.topics]
    names = {
        name: one.label
        for name, one in entities.items()
        if name in further or (name != first and one.label not in labels)
    }
    if not names:
        return
    key = f"ask.also.{answer.question}.{first}"
    st.pills(
        t("trace.also"),
        list(names)[:6],
        selection_mode="multi",
        default=further,
        format_func=lambda name: literal(names[name]),
        key=key,
        help=t("trace.also_help"),
        on_change=lambda: add_topics(st.session_state[key]),
    )


def _hangs_together(path: AnsweredPath) -> bool:
    """Whether each hop begins where the one before it ended, so that it can be drawn."""
    return all(left.tail.id == right.head.id for left, right in pairwise(path.hops))


def _other_paths(paths: Sequence[AnsweredPath]) -> None:
    if not paths:
        return
    with st.expander(t("ask.other_paths"), icon=":material/alt_route:"):
        for path in paths:
            weight, strip = st.columns([1, 7], vertical_alignment="center")
            weight.markdown(f"**{literal(share(path.probability))}**")
            with strip:
                path_strip(path.hops)
                for ends in _ends(path):
                    st.caption(ends)


def _ends(path: AnsweredPath) -> list[Words]:
    """Where else a path leads than to the end of its strip: one line of words, or none."""
    if path.reached < 2:
        return []
    named = names(path.answers, path.reached)
    return [t("ask.reaches", n=path.reached, names=named)]


def _other_answers(answers: Sequence[LikelyEntity]) -> None:
    others = answers[len(joint(answers)) :]
    if not others:
        return
    with st.expander(t("ask.other_answers"), icon=":material/format_list_bulleted:"):
        column = t("ask.column.probability")
        rows = [
            {
                t("ask.column.answer"): one.label,
                t("ask.column.id"): one.id,
                column: one.probability,
            }
            for one in others
        ]
        bar = st.column_config.ProgressColumn(column, format="percent", min_value=0, max_value=1)
        table(rows, column_config={column: bar})
