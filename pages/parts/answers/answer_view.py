"""An answer: what is said, three statements about it that are kept apart, and the path behind it.

Whether the path is in the graph, how sure it is that it answers the question, and what was looked
for in vain each have a sign and a sentence of their own; none of them vouches for another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import streamlit as st

from core.evaluation.calibration import tempered
from core.results.answer import Answer, AnsweredPath, Decision, LikelySet
from core.results.certainty import Certainty
from core.results.named import LikelyEntity, Named, TopicMatch
from pages.parts.pictures.path_strip import path_strip, relation_words
from pages.parts.table import table
from pages.parts.text import Words, literal, t, t_plain

NAMED: Final = 8
"""Answers named at most in the headline."""

OTHERS: Final = 5
"""Other paths shown at most."""


class Statement(NamedTuple):
    """One thing that is known of an answer, and what it means."""

    line: Words
    why: Words


def headline(answer: Answer, certainty: Certainty | None, precision: float, key: str) -> None:
    """What is said, and the three statements about it, in a box.

    Args:
        answer: Of a student or teacher.
        certainty: How far its probabilities can be believed; None if it was never measured.
        precision: Share of what is said for certain that was to be right.
        key: Of the box.
    """
    with st.container(border=True, key=key, gap="small"):
        st.caption(literal(answer.question))
        st.header(literal(said(answer)), anchor=False)
        statements(answer)
        st.caption(" ".join([_measured(answer, certainty, precision), _set(answer.likely_set)]))
        about = [_topic(topic) for topic in answer.topics]
        st.caption(" ".join([*about, _signature(answer)]))
    if answer.answers and not answer.supported:
        st.warning(t("ask.unsupported_long"), icon=":material/gpp_maybe:")


def evidence(answer: Answer, draw: Callable[[], None]) -> None:
    """The path behind an answer with a verdict on every hop, drawn, and what else was considered.

    Where the graph does not say, the hops up to where it does not.

    Args:
        answer: Of a student or a teacher.
        draw: Draws its stage.
    """
    lacking = answer.looked_for
    if answer.decision is Decision.NOT_IN_GRAPH or answer.doubts_graph:
        if lacking and lacking.hops:
            st.markdown(f"**{t('ask.path_in_vain')}**")
            path_strip(lacking.hops)
        draw()
        _other_paths(answer.paths[:OTHERS])
        _other_answers(answer.answers)
        return
    topics = len(answer.topics)  # one path from each leads to the answer
    best, others = answer.paths[:topics], answer.paths[topics:]
    if best:
        st.markdown(f"**{t('ask.path')}**")
    for path in best:
        path_strip(path.hops)
        weight = t("ask.path_share", share=share(path.probability))
        st.caption(" · ".join([weight, *_ends(path)]))
    draw()
    _other_paths(others[:OTHERS])
    _other_answers(answer.answers[len(joint(answer.answers)) :])


def said(answer: Answer) -> str:
    """What is said, in plain text: an answer, perhaps an answer, or that the graph does not say."""
    if not answer.topics:
        return t_plain("ask.nothing_named")
    if answer.decision is Decision.NOT_IN_GRAPH:
        return t_plain("ask.says_no")
    if answer.decision is Decision.UNSURE and answer.doubts_graph:
        return t_plain("ask.perhaps_no")
    if not answer.answers:
        return t_plain("ask.no_answer")
    if answer.decision is Decision.UNSURE:
        return t_plain("ask.perhaps", answer=answer_names(answer))
    return answer_names(answer)


def sign(answer: Answer) -> Words:
    """What is said, as an icon; none of them is a check mark."""
    if answer.decision is Decision.NOT_IN_GRAPH:
        return Words(":material/search_off:")
    if answer.decision is Decision.UNSURE:
        return Words(":material/help:")
    return Words(":material/route:" if answer.supported else ":material/gpp_maybe:")


def statements(answer: Answer) -> None:
    """Whether the path is in the graph; how sure it is; what was not found: a line for each."""
    for statement in (_in_graph(answer), _sure(answer), _lacking(answer)):
        st.markdown(statement.line, help=statement.why)


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


def _in_graph(answer: Answer) -> Statement:
    """Whether the path is in the graph, or where it leaves it."""
    why = t("ask.in_graph_help")
    if not answer.answers or answer.doubts_graph:
        return Statement(Words(f":gray[:material/route:] {t('ask.no_path')}"), why)
    if answer.supported:
        return Statement(Words(f":blue[:material/route:] {t('ask.in_graph')}"), why)
    hops = [hop for path in answer.paths[: len(answer.topics)] for hop in path.hops]
    broken = next((hop for hop in hops if hop.verdict != "in_graph"), None)
    words = t("ask.off_graph")
    if broken is not None and broken.head.label:
        relation = relation_words(broken.relation.label)
        words = t("ask.off_graph_at", entity=broken.head.label, relation=relation)
    return Statement(Words(f":orange[:material/wrong_location:] {words}"), why)


def _sure(answer: Answer) -> Statement:
    """How sure it is that this answers the question, or that the graph does not say."""
    refuses = answer.decision is Decision.NOT_IN_GRAPH or answer.doubts_graph
    best = answer.answers[0].probability if answer.answers else 0.0
    stated = answer.missing if refuses else best
    sure = share(stated if answer.confidence is None else answer.confidence)
    words = t("ask.sure_no" if refuses else "ask.sure", share=sure)
    if answer.decision is Decision.UNSURE:
        return Statement(
            Words(f":orange[:material/help:] {words} {t('ask.too_unsure')}"), t("ask.sure_help")
        )
    return Statement(Words(f":blue[:material/speed:] {words}"), t("ask.sure_help"))


def _lacking(answer: Answer) -> Statement:
    """What was looked for in vain, and whether that was checked."""
    lacking, why = answer.not_found, t("ask.lacking_help")
    if lacking is None:
        return Statement(Words(f":gray[:material/manage_search:] {t('ask.lacks_nothing')}"), why)
    values = {"entity": lacking.at.label, "share": share(lacking.probability)}
    if lacking.relation is None:
        words = t("ask.lacks_none", **values)
    else:
        key = "ask.lacks_checked" if lacking.verified else "ask.lacks"
        words = t(key, relation=relation_words(lacking.relation.label), **values)
    tone = "orange" if answer.doubts_graph else "gray"
    return Statement(Words(f":{tone}[:material/search_off:] {words}"), why)


def _measured(answer: Answer, certainty: Certainty | None, precision: float) -> Words:
    """From where on it says such a thing for certain."""
    if certainty is None:
        return t("ask.never_measured")
    level = certainty.at(precision)
    refuses = answer.decision is Decision.NOT_IN_GRAPH or answer.doubts_graph
    from_here = None if level is None else level.refusal if refuses else level.threshold
    values = {"count": certainty.questions, "precision": share(precision)}
    if from_here is None:
        return t("ask.never_certain", **values)
    believed = float(tempered(from_here, certainty.temperature))
    return t("ask.certain_from", share=share(believed), **values)


def _set(likely: LikelySet | None) -> Words:
    """The likely set, with the probability that it holds a right answer."""
    if likely is None:
        return Words("")
    level = share(likely.level)
    if not likely.answers:
        return t("ask.set_no" if likely.not_in_graph else "ask.set_none", level=level)
    named = names(likely.answers, likely.size)
    return t("ask.set_or_no" if likely.not_in_graph else "ask.set", level=level, names=named)


def _topic(topic: TopicMatch) -> Words:
    return t("ask.topic", topic=topic.label, match=t(f"ask.match.{topic.match}"))


def _signature(answer: Answer) -> Words:
    seconds = f"{answer.seconds:.2f}"
    signed = t("ask.seconds", student=answer.student, seconds=seconds)
    if not answer.graph_changes:
        return signed
    return Words(f"{signed} {t('ask.graph_changed', n=answer.graph_changes)}")


def which(
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
    if not answers:
        return
    with st.expander(t("ask.other_answers"), icon=":material/format_list_bulleted:"):
        column = t("ask.column.probability")
        rows = [
            {
                t("ask.column.answer"): one.label,
                t("ask.column.id"): one.id,
                column: one.probability,
            }
            for one in answers
        ]
        bar = st.column_config.ProgressColumn(column, format="percent", min_value=0, max_value=1)
        table(rows, column_config={column: bar})
