"""What would a teacher say if a fact, an entity or a word of the question were not there?

The reader takes things away, in the drawing or from lists, and puts them back; what the recipe
`suppose_otherwise` says then stands beside what was said. What is away is in the address: facts and
entities by id, words by their place in the question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from core.records import looked_for
from core.results.named import Fact, Named
from core.results.trace import Trace
from core.results.what_if import PathChange, WhatIf
from core.settings import WhatIfSettings
from pages.parts.asking import ask_resident
from pages.parts.pictures.graph_view import graph_view
from pages.parts.pictures.paired_bars import BLUE, GREY, Row, paired_bars
from pages.parts.pictures.path_strip import path_words, relation_arrow, sought_words
from pages.parts.table import table
from pages.parts.text import Words, clipped, literal, t

KINDS: Final = ("fact", "entity", "word")
MOST_DRAWN: Final = 40
"""Facts drawn, the most probable first, and none that hardly matters; the list has all of them."""
LEAST_DRAWN: Final = 0.005
MOST_BARS: Final = 8
QUIET: Final = 0.02
"""A fact with less mass than this is drawn without its words, which the list has."""
GONE: Final = "✕"
LEAST_BAR: Final = 0.005
"""What is less probable than this on both sides has no bar; the table has it."""
LEAST_MOVED: Final = 0.0005
"""A smaller share of moved mass does not show."""

Choice = Mapping[str, Sequence[str]]
"""What is away, by kind."""


@dataclass(frozen=True, kw_only=True)
class WalkedFact(Fact):
    """A fact that the teacher walks, as the graph has it; `share` is its largest probability."""

    share: float


def what_if(trace: Trace, key: str) -> None:
    """Let the reader take things away, and show what becomes of the answer.

    Args:
        trace: What `explain_question` says of the question as it is.
        key: Prefix of the widgets' keys.
    """
    names = {"fact": _fact_names(trace), "entity": entities(trace), "word": question_words(trace)}
    _restore(trace, names, key)
    away = _choose(trace, names, key)
    for kind in KINDS:
        _keep(f"without_{kind}", away[kind])
    if not any(away.values()):
        st.info(t("suppose.first"), icon=":material/lightbulb:")
        return
    settings = WhatIfSettings(
        teacher=trace.teacher,
        question=trace.question,
        without_edges=tuple(away["fact"]),
        without_entities=tuple(away["entity"]),
        without_words=tuple(names["word"][place] for place in away["word"]),
    )
    supposed = ask_resident(settings)
    if supposed is not None:
        outcome(supposed, key)


def facts(trace: Trace) -> dict[str, WalkedFact]:
    """The facts that the teacher walks, as the graph has them, by `head|relation|tail`.

    One that is walked both ways, or at two hops, is one fact with its largest probability.
    """
    found: dict[str, WalkedFact] = {}
    for edge in trace.edges:
        head, relation, tail, share = edge.source, edge.relation, edge.target, edge.probability
        if relation.id.startswith("~"):
            relation = Named(id=relation.id[1:], label=relation.label[1:])
            head, tail = tail, head
        fact = "|".join((head.id, relation.id, tail.id))
        known = found.get(fact)
        share = max(share, known.share) if known else share
        found[fact] = WalkedFact(head=head, relation=relation, tail=tail, share=share)
    return found


def entities(trace: Trace) -> dict[str, str]:
    """The entities that the teacher meets, by id; without the topic there would be no question."""
    topics = {topic.id for topic in trace.topics}
    ends = [end for edge in trace.edges for end in (edge.source, edge.target)]
    return {end.id: end.label for end in ends if end.id not in topics}


def question_words(trace: Trace) -> dict[str, str]:
    """The words of the question, each once, by their first place in it; not what names a topic."""
    topics = {topic.label for topic in trace.topics}
    places: dict[str, str] = {}
    for place, word in enumerate(trace.words):
        if word.isprintable() and word not in topics:
            places.setdefault(word, str(place))
    return {place: word for word, place in places.items()}


def drawn(trace: Trace, away: Choice) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes and edges for `graph_view`: the most probable facts, and what is away among them."""
    found = facts(trace)
    likely = [fact for fact, one in found.items() if one.share >= LEAST_DRAWN]
    likely = sorted(likely, key=lambda fact: -found[fact].share)[:MOST_DRAWN]
    shown = {fact: found[fact] for fact in dict.fromkeys([*likely, *away["fact"]])}
    levels = _levels(trace)
    roles = {topic.id: "topic" for topic in trace.topics}
    roles |= {answer.id: "answer" for answer in trace.answers[:1]}
    roles |= dict.fromkeys(away["entity"], "removed")
    ends = {end.id: end for one in shown.values() for end in (one.head, one.tail)}
    nodes = [
        {
            "id": name,
            "label": end.label,
            "level": levels[name],
            "role": roles.get(name, "other"),
        }
        for name, end in ends.items()
    ]
    edges = []
    for fact, one in shown.items():
        head, tail, share = one.head.id, one.tail.id, one.share
        gone = fact in away["fact"] or {head, tail} & {*away["entity"]}
        look = {"role": "path" if share >= 0.1 else "other", "width": 1 + 7 * share}
        edges.append(
            {
                "id": fact,
                "source": head,
                "target": tail,
                "label": one.relation.label,
                "title": f"{share:.2f}",
                "quiet": share < QUIET and not gone,
                **({"role": "removed"} if gone else look),
            }
        )
    return nodes, edges


def outcome(supposed: WhatIf, key: str) -> None:
    """What is said without what is away, beside what was said with it."""
    st.markdown(f"#### {_verdict(supposed)}")
    words = t("suppose.moved", share=f"{supposed.moved:.1%}")
    st.markdown(words, help=t("suppose.moved_help"), width="content")
    sides: dict[str, str] = {t("suppose.before"): GREY, t("suppose.after"): BLUE}
    paths = [(_path_name(path), path.before, path.after) for path in supposed.paths]
    answers = [(one.label, one.before, one.after) for one in supposed.answers]
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"**{t('trace.paths')}**")
        alt = t("suppose.paths_alt")
        paired_bars(_tallest(paths), sides, f"{key}.paths", alt, name_width=340)
        if any(path.gone for path in supposed.paths):
            st.caption(f"{GONE} {t('suppose.gone')}")
    with right:
        st.markdown(f"**{t('trace.answers')}**")
        alt = t("suppose.answers_alt")
        paired_bars(_tallest(answers), sides, f"{key}.answers", alt, name_width=160)
    with st.expander(t("suppose.table"), icon=":material/table_rows:"):
        _table("trace.path", paths)
        _table("trace.answer", answers)


def _fact_names(trace: Trace) -> dict[str, str]:
    return {
        fact: f"{one.head.label} · {relation_arrow(one.relation.label)} · {one.tail.label}"
        for fact, one in facts(trace).items()
    }


def _restore(trace: Trace, names: Mapping[str, Mapping[str, str]], key: str) -> None:
    """Begin with what the address takes away; another teacher or question begins with nothing."""
    about = trace.teacher, trace.question
    before = st.session_state.get(f"{key}.about")
    st.session_state[f"{key}.about"] = about
    for kind in KINDS:
        place = f"{key}.{kind}"
        if before is None:
            wanted = st.query_params.get_all(f"without_{kind}")
        else:
            wanted = st.session_state.get(place, []) if before == about else []
        st.session_state[place] = [what for what in wanted if what in names[kind]]


def _keep(parameter: str, values: Sequence[str]) -> None:
    """Write ids into the address."""
    if not values:
        st.query_params.pop(parameter, None)
    elif st.query_params.get_all(parameter) != [*values]:
        st.query_params[parameter] = [*values]


def _clipped(names: Mapping[str, str]) -> Callable[[str], str]:
    """Shows things by their names, as long as a list has room for."""
    return lambda one: clipped(names[one])


def _choose(trace: Trace, names: Mapping[str, Mapping[str, str]], key: str) -> Choice:
    """Lists to take away from, and the drawing, where a press takes away or puts back."""

    def toggle(kind: str) -> Callable[[str], None]:
        def change(what: str) -> None:
            now = st.session_state[f"{key}.{kind}"]
            left = [one for one in now if one != what]
            if what in names[kind]:  # the topic stays
                st.session_state[f"{key}.{kind}"] = left if what in now else [*now, what]

        return change

    def put_back() -> None:
        for kind in KINDS:
            st.session_state[f"{key}.{kind}"] = []

    away: dict[str, Sequence[str]] = {}
    away["word"] = st.pills(
        t("suppose.word"),
        list(names["word"]),
        selection_mode="multi",
        format_func=lambda place: literal(names["word"][place]),
        key=f"{key}.word",
        help=t("suppose.word_help"),
    )
    drawing = st.container()
    lists = st.columns([3, 3, 1.4], gap="medium", vertical_alignment="bottom")
    for kind, column in zip(("fact", "entity"), lists, strict=False):
        away[kind] = column.multiselect(
            t(f"suppose.{kind}"),
            list(names[kind]),
            format_func=_clipped(names[kind]),
            key=f"{key}.{kind}",
            placeholder=t("suppose.nothing_away"),
            select_all=False,
        )
    lists[-1].button(
        t("suppose.put_back"),
        icon=":material/undo:",
        on_click=put_back,
        disabled=not any(away.values()),
        width="stretch",
    )
    with drawing:
        st.caption(t("suppose.press"))
        nodes, edges = drawn(trace, away)
        graph_view(
            nodes,
            edges,
            key=f"{key}.graph",
            height=380,
            layered=True,
            on_select=toggle("entity"),
            on_edge=toggle("fact"),
        )
    return away


def _levels(trace: Trace) -> dict[str, int]:
    """Hops from the topic at which each entity is met first."""
    levels = {topic.id: 0 for topic in trace.topics}
    for edge in sorted(trace.edges, key=lambda edge: edge.hop):
        levels.setdefault(edge.source.id, edge.hop - 1)
        levels.setdefault(edge.target.id, edge.hop)
    return levels


def _verdict(supposed: WhatIf) -> Words:
    """What became of the answer, in a sentence."""
    was = max(supposed.answers, key=lambda one: one.before, default=None)
    now = max(supposed.answers, key=lambda one: one.after, default=None)
    lacking = [path for path in supposed.paths if looked_for(path.relations) is not None]
    unsaid = max(lacking, key=lambda path: path.after, default=None)
    if unsaid and was and unsaid.after > max(unsaid.before, now.after if now else 0.0):
        return t(
            "suppose.unsaid",
            looked_for=sought_words(unsaid.labels[-1]),
            after=f"{unsaid.after:.0%}",
            was=was.label,
            before=f"{was.before:.0%}",
        )
    if now is None or was is None or not now.after:
        return t("suppose.silent")
    if supposed.moved < LEAST_MOVED:
        return t("suppose.still")
    if was.id == now.id:
        shares = {"before": f"{was.before:.0%}", "after": f"{was.after:.0%}"}
        return t("suppose.stays", answer=was.label, **shares)
    return t(
        "suppose.changes",
        now=now.label,
        after=f"{now.after:.0%}",
        was=was.label,
        before=f"{was.before:.0%}",
    )


def _path_name(path: PathChange) -> str:
    name = path_words(path.labels)
    return f"{GONE} {name}" if path.gone else name


def _tallest(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows worth a bar; the first in any case."""
    return [row for row in rows if max(row[1:]) >= LEAST_BAR][:MOST_BARS] or rows[:1]


def _table(title: str, rows: Sequence[Row]) -> None:
    columns = [t(title), t("suppose.before"), t("suppose.after")]
    table(
        [dict(zip(columns, (name, round(b, 4), round(a, 4)), strict=True)) for name, b, a in rows],
    )
