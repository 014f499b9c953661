"""A teacher's reasoning, hop by hop: the graph it walks, the words it reads, the paths it prefers.

Works on what the recipe `explain_question` returns and does no reasoning of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from core.results.answer import WORTH_SAYING
from core.results.named import LikelyEntity, Named
from core.results.trace import (
    FirstDifference,
    LookedFor,
    TopicTrace,
    Trace,
    TracedPath,
    TreeNode,
)
from pages.parts.pictures.path_strip import path_words, sought_words
from pages.parts.stage.stage import stage
from pages.parts.stage.thinking import thinking
from pages.parts.table import table
from pages.parts.text import Words, literal, t


def trace_view(trace: Trace, key: str, passes_messages: bool = True) -> None:
    """Show the whole reasoning: the stage, and in words what it shows at the hop that is seen.

    Of several topics one is followed at a time; at its end stands where the paths of all meet.

    Args:
        trace: What the teacher thinks.
        key: Prefix of the widgets' keys.
        passes_messages: Whether the teacher passes messages, to say why nothing is told of them.
    """
    followed = _followed(trace, key)
    hop = stage(thinking(followed), f"{key}.stage")
    reasoning_at(followed, hop, passes_messages)
    if hop == len(followed.hops) and trace.beside:
        _meetings(trace)


def reasoning_at(trace: Trace, hop: int, passes_messages: bool = True) -> None:
    """What the teacher thinks at a hop, in tables; after the last one where that leads.

    Args:
        trace: About one topic.
        hop: 0 for the start.
        passes_messages: As for `trace_view`.
    """
    if not hop:
        st.markdown(t("trace.start", topics=_labels(trace.topics)))
    elif hop <= len(trace.hops):
        _choices(trace, hop)
        _messages(trace, hop, passes_messages)
    if 0 < len(trace.hops) <= hop:
        left, right = st.columns([5, 3], gap="large")
        with left:
            st.markdown(f"**{t('trace.paths')}**", help=t("trace.paths_help"))
            path_table(trace.paths, trace.missing, rest=trace.rest)
            _parting(trace.parting)
            unsaid(trace)
        with right:
            st.markdown(f"**{t('trace.answers')}**")
            answer_table(trace.answers)


def unsaid(trace: TopicTrace) -> None:
    """That the graph may not say what is asked, in a sentence; nothing where it surely does."""
    if trace.unsaid < WORTH_SAYING or not trace.missing:
        return
    wanted = sought_words(trace.missing[0].labels[-1])
    words = t("trace.unsaid", looked_for=wanted, share=f"{trace.unsaid:.2f}")
    st.markdown(f":material/search_off: {words}", help=t("trace.unsaid_help"))


def path_table(
    paths: Sequence[TracedPath],
    missing: Sequence[LookedFor] = (),
    rest: float | None = None,
) -> None:
    """Paths as words with their probability as a bar, and what is not listed as its own row.

    What is looked for in vain stands among them.
    """
    rows: list[dict[str, Any]] = [
        {
            "path": path_words(path.labels),
            "p": path.probability,
            "answers": _some([a.label for a in path.answers[:4]], path.reached),
        }
        for path in paths
    ]
    rows += [
        {
            "path": path_words(path.labels),
            "p": path.probability,
            "answers": t("trace.unsaid_table"),
        }
        for path in missing
        if path.probability >= WORTH_SAYING
    ]
    rows.sort(key=lambda row: -row["p"])
    if rest is not None:
        rows.append({"path": t("trace.rest"), "p": rest, "answers": ""})
    columns = {
        "path": st.column_config.TextColumn(t("trace.path"), width=280),
        "p": probability_column(t("trace.probability"), width=130),
        "answers": st.column_config.TextColumn(t("trace.leads_to")),
    }
    table(rows, column_config=columns)


def answer_table(answers: Sequence[LikelyEntity]) -> None:
    """Answers with the probability that each is right as a bar."""
    rows = [{"label": a.label, "p": a.probability} for a in answers]
    columns = {
        "label": st.column_config.TextColumn(t("trace.answer"), width=160),
        "p": probability_column(t("trace.probability"), width=130),
    }
    table(rows, column_config=columns)


def probability_column(title: Words, width: int | None = None) -> Any:
    """A column of bars from 0 to 1; `width` in pixels."""
    return st.column_config.ProgressColumn(
        title, min_value=0, max_value=1, format="%.3f", width=width
    )


def _followed(trace: Trace, key: str) -> Trace:
    """The reasoning about one topic, which the reader chooses where there are several."""
    thoughts: list[TopicTrace] = [trace, *trace.beside]
    if len(thoughts) == 1:
        return trace
    nth = st.segmented_control(
        t("trace.follow"),
        range(len(thoughts)),
        format_func=lambda nth: literal(trace.topics[nth].label),
        key=f"{key}.topic",
        default=0,
        required=True,
        help=t("trace.follow_help"),
    )
    nth = nth or 0
    about_it = {field.name: getattr(thoughts[nth], field.name) for field in fields(TopicTrace)}
    return replace(trace, topics=(trace.topics[nth],), **about_it)


def _meetings(trace: Trace) -> None:
    """Where the paths of all topics meet."""
    st.markdown(f"**{t('trace.meetings')}**", help=t("trace.meetings_help"))
    if not trace.meetings:
        st.info(t("trace.no_meeting"), icon=":material/call_split:")
        return
    topics = [f"{nth}. {one.label}" for nth, one in enumerate(trace.topics, start=1)]
    rows = [
        {
            **dict(zip(topics, map(path_words, meeting.paths), strict=True)),
            "p": meeting.probability,
            "answers": _some([a.label for a in meeting.answers[:4]], meeting.reached),
        }
        for meeting in trace.meetings
    ]
    columns = {
        "p": probability_column(t("trace.probability"), width=130),
        "answers": st.column_config.TextColumn(t("trace.leads_to")),
    }
    table(rows, column_config=columns)


def _choices(trace: Trace, hop: int) -> None:
    """What the teacher makes of each relation at a hop."""
    st.markdown(f"**{t('trace.choices')}**", help=t("trace.choices_help"))
    rows: list[dict[str, Any]] = [
        {
            "path": path_words(_way(trace, node)),
            "mass": node.mass,
            "p": node.probability,
            "stop": node.stop,
            "frontier": _frontier(node),
        }
        for node in trace.hops[hop - 1].nodes
    ]
    rows += [
        {
            "path": path_words(lacking.labels),
            "mass": lacking.probability,
            "p": None,
            "stop": None,
            "frontier": t("trace.unsaid_table"),
        }
        for lacking in trace.missing
        if len(lacking.relations) == hop
    ]
    rows.sort(key=lambda row: -row["mass"])
    columns = {
        "path": st.column_config.TextColumn(t("trace.path"), width=280),
        "mass": probability_column(t("trace.mass")),
        "p": st.column_config.NumberColumn(t("trace.choice"), format="%.3f"),
        "stop": st.column_config.NumberColumn(t("trace.stop"), format="%.3f"),
        "frontier": t("trace.frontier"),
    }
    table(rows, column_config=columns)


def _way(trace: Trace, node: TreeNode) -> list[str]:
    """The labels of the relations that lead to a node."""
    by_id = {other.id: other for hop in trace.hops for other in hop.nodes}
    above = _way(trace, by_id[node.parent]) if node.parent in by_id else []
    return [*above, node.relation.label]


def _messages(trace: Trace, hop: int, passes_messages: bool) -> None:
    """What message passing has changed at a hop: masses without it and with it."""
    st.markdown(f"**{t('trace.messages')}**", help=t("trace.messages_help"))
    if trace.message_passing is None:
        st.caption(t("trace.messages_large" if passes_messages else "trace.messages_none"))
        return
    rows = [
        {
            "path": path_words(moved.labels),
            "without": moved.without,
            "with": moved.with_,
            "change": moved.with_ - moved.without,
        }
        for moved in trace.message_passing
        if len(moved.labels) == hop
    ]
    if not rows:
        st.caption(t("trace.messages_still"))
        return
    columns = {
        "path": st.column_config.TextColumn(t("trace.path"), width=280),
        "without": probability_column(t("trace.without")),
        "with": probability_column(t("trace.with")),
        "change": st.column_config.NumberColumn(t("trace.change"), format="%+.3f"),
    }
    table(rows, column_config=columns)


def _parting(parting: FirstDifference | None) -> None:
    """Where the two best paths part, in a sentence; nothing where there is only one."""
    if parting is None:
        return

    def goes_on(side: int) -> Words:
        label, share = parting.next[side], parting.probabilities[side]
        step = t("trace.parting_stop") if label is None else literal(path_words([label]))
        return Words(f"**{step}** ({share:.2f})")

    shared = literal(path_words(parting.shared))
    if shared:
        st.markdown(t("trace.parting_after", shared=shared, first=goes_on(0), second=goes_on(1)))
    else:
        st.markdown(t("trace.parting_start", first=goes_on(0), second=goes_on(1)))


def _frontier(node: TreeNode) -> str:
    return _some([entity.label for entity in node.frontier[:6]], node.frontier_size)


def _some(labels: Sequence[str], count: int) -> str:
    """Some of `count` labels, and how many more there are."""
    more = count - len(labels)
    return ", ".join(labels) + (f" +{more}" if more > 0 else "")


def _labels(entities: Sequence[Named]) -> str:
    return ", ".join(entity.label for entity in entities)
