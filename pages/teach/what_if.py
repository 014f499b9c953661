"""What would a teacher say if a fact, an entity or a word of the question were not there?

The reader takes things away on the stage, where the answer comes anew over what it was, and puts
them back. What is away is in the address: a relation of the tree by its path, facts and entities by
id, words by their place in the question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import walk_path
from core.records import RelationPath
from core.results.named import Fact, Named
from core.results.trace import Trace, TreeNode
from core.settings import ExplainSettings
from core.settings.base import MOST_TEXTS
from pages.parts.answers.answer_view import share, statements
from pages.parts.answers.teacher_answer import teacher_answer
from pages.parts.answers.trace_view import reasoning_at
from pages.parts.asking import ask_resident
from pages.parts.pictures.path_strip import relation_arrow, sought_words
from pages.parts.stage.record import Change, Supposing
from pages.parts.stage.stage import stage
from pages.parts.stage.thinking import place_id, thinking
from pages.parts.state import open_graph
from pages.parts.text import Words, clipped, t

KINDS: Final = ("step", "fact", "entity", "word")
LEAST_MOVED: Final = 0.0005
"""A path whose probability changes less does not show it."""

Names = Mapping[str, Mapping[str, str]]
"""What can be taken away, by kind: the name of each by its id."""
Away = Mapping[str, Sequence[str]]
"""What is away, by kind, by id."""


@dataclass(frozen=True, kw_only=True)
class WalkedFact(Fact):
    """A fact that the teacher walks, as the graph has it; `share` is its largest probability."""

    share: float


def what_if(trace: Trace, graph_name: str, key: str, passes_messages: bool) -> None:
    """Show a reasoning, let the reader take things away, and show what becomes of it.

    Args:
        trace: What `explain_question` says of the question as it is, about one topic.
        graph_name: The teacher's graph.
        key: Prefix of the widgets' keys.
        passes_messages: Whether the teacher passes messages.
    """
    names = takeable(trace)
    _restore(trace, names, key)
    away = {kind: st.session_state[f"{key}.{kind}"] for kind in KINDS}
    for kind in KINDS:
        _keep(f"without_{kind}", away[kind])
    changed = any(away.values())
    supposed = _ask(trace, open_graph(graph_name), names, away) if changed else None
    now = supposed or (nothing_left(trace) if changed else trace)
    drawn = thinking(now, trace if changed else None, _supposing(trace, names, away))
    hop = stage(drawn, f"{key}.stage", _changing(names, key), in_address=True)
    if supposed:
        with st.container(border=True, key=f"{key}.outcome", gap="small"):
            st.markdown(f"#### {verdict(trace, supposed)}")
            statements(teacher_answer(supposed))
    _single(names, away, key)
    reasoning_at(now, hop, passes_messages)


def takeable(trace: Trace) -> Names:
    """What the reader may take away."""
    nodes = [node for hop in trace.hops for node in hop.nodes]
    found = {
        fact: f"{one.head.label} · {relation_arrow(one.relation.label)} · {one.tail.label}"
        for fact, one in facts(trace).items()
    }
    return {
        "step": {step_id(node.path): _step_name(node) for node in nodes},
        "fact": found,
        "entity": entities(trace),
        "word": question_words(trace),
    }


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


def step_id(path: Sequence[str]) -> str:
    """A relation of the tree as the address has it: the ids of the path to where it leads."""
    return "|".join(path)


def step_facts(graph: KnowledgeGraph, topic: str, path: RelationPath) -> list[str]:
    """The facts that the last relation of a path walks, each as `head|relation|tail` by id."""
    walk = walk_path(graph, graph.entity(topic), path)
    if not walk.codes or len(walk.frontiers) <= len(path):
        return []
    code, before = walk.codes[-1], walk.frontiers[-2]
    places, tails = graph.edges_along(before, code)
    ends = zip(before[places].tolist(), tails.tolist(), strict=True)
    return [
        "|".join((graph.entity_id(head), graph.relation_id(code), graph.entity_id(tail)))
        for head, tail in ends
    ]


def verdict(was: Trace, now: Trace) -> Words:
    """What became of the answer, in a sentence."""
    before = {answer.id: answer.probability for answer in was.answers}
    after = {answer.id: answer.probability for answer in now.answers}
    best_was = was.answers[0] if was.answers else None
    best_now = now.answers[0] if now.answers else None
    told = best_was.label if best_was else "–"
    was_sure = share(best_was.probability if best_was else 0.0)
    if now.missing and now.unsaid > max(was.unsaid, *after.values(), 0.0):
        return t(
            "suppose.unsaid",
            looked_for=sought_words(now.missing[0].labels[-1]),
            after=share(now.unsaid),
            was=told,
            before=was_sure,
        )
    if best_now is None:
        return t("suppose.silent")
    if not _moved(was, now):
        return t("suppose.still")
    if best_was is None or best_was.id == best_now.id:
        shares = {"before": share(before.get(best_now.id, 0.0)), "after": share(after[best_now.id])}
        return t("suppose.stays", answer=best_now.label, **shares)
    return t(
        "suppose.changes",
        now=best_now.label,
        after=share(best_now.probability),
        was=told,
        before=was_sure,
    )


def nothing_left(trace: Trace) -> Trace:
    """A reasoning about a question from whose topic nothing leads on."""
    return replace(
        trace, hops=(), edges=(), paths=(), answers=(), missing=(), unsaid=0.0, rest=0.0,
        parting=None, message_passing=None,
    )  # fmt: skip


def _moved(was: Trace, now: Trace) -> bool:
    """Whether the probability of any path shows a change."""
    before, after = map(_probabilities, (was, now))
    return any(
        abs(before.get(path, 0.0) - after.get(path, 0.0)) >= LEAST_MOVED
        for path in before.keys() | after.keys()
    )


def _probabilities(trace: Trace) -> dict[RelationPath, float]:
    found = {path.relations: path.probability for path in trace.paths}
    return found | {one.relations: one.probability for one in trace.missing}


def _paths(trace: Trace) -> dict[str, RelationPath]:
    """The path to where each relation of the tree leads, by the relation's id in the address."""
    return {step_id(node.path): node.path for hop in trace.hops for node in hop.nodes}


def _step_name(node: TreeNode) -> str:
    first = node.frontier[0].label if node.frontier else ""
    more = f" +{node.frontier_size - 1}" if node.frontier_size > 1 else ""
    return f"{relation_arrow(node.relation.label)} {first}{more}"


def _restore(trace: Trace, names: Names, key: str) -> None:
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


def _ask(trace: Trace, graph: KnowledgeGraph, names: Names, away: Away) -> Trace | None:
    """The reasoning without what is away; None, with a sentence, where there is none."""
    steps = _paths(trace)
    walked = [step_facts(graph, trace.topics[0].id, steps[step]) for step in away["step"]]
    gone = list(dict.fromkeys([*away["fact"], *(fact for some in walked for fact in some)]))
    if len(gone) > MOST_TEXTS:
        st.warning(t("suppose.too_many", n=len(gone), most=MOST_TEXTS), icon=":material/block:")
        return None
    return ask_resident(
        ExplainSettings(
            teacher=trace.teacher,
            question=trace.question,
            without_edges=tuple(gone),
            without_entities=tuple(away["entity"]),
            without_words=tuple(names["word"][place] for place in away["word"]),
        )
    )


def _supposing(trace: Trace, names: Names, away: Away) -> Supposing:
    """What the stage lets the reader take away, and what is away."""
    firsts, steps = {word: place for place, word in names["word"].items()}, _paths(trace)
    return Supposing(
        changes=tuple(
            Change(
                kind=kind,
                id=place_id(steps[what]) if kind == "step" else what,
                name=clipped(names[kind][what], 80),
            )
            for kind in KINDS
            for what in away[kind]
        ),
        words=tuple(firsts.get(word, "") for word in trace.words),
    )


def _changing(names: Names, key: str) -> Callable[[str, str], None]:
    """Takes away what the reader points at, or puts it back."""

    def change(kind: str, what: str) -> None:
        if kind == "all":
            for one in KINDS:
                st.session_state[f"{key}.{one}"] = []
            return
        if kind == "step":
            what = step_id(what.split("\n")[1:])
        if kind in KINDS and what in names[kind]:
            now = st.session_state[f"{key}.{kind}"]
            left = [one for one in now if one != what]
            st.session_state[f"{key}.{kind}"] = left if what in now else [*now, what]

    return change


def _single(names: Names, away: Away, key: str) -> None:
    """Lists to take away a single fact from, or an entity with all of its facts."""
    change = _changing(names, key)

    def taker(kind: str) -> Callable[[], None]:
        def take() -> None:
            if chosen := st.session_state[f"{key}.{kind}.one"]:
                change(kind, chosen)
            st.session_state[f"{key}.{kind}.one"] = None

        return take

    def naming(kind: str) -> Callable[[str], str]:
        return lambda what: clipped(names[kind][what])

    with st.expander(t("suppose.single"), icon=":material/remove_circle:"):
        for kind, column in zip(("fact", "entity"), st.columns(2, gap="medium"), strict=True):
            column.selectbox(
                t(f"suppose.{kind}"),
                [what for what in names[kind] if what not in away[kind]],
                index=None,
                format_func=naming(kind),
                key=f"{key}.{kind}.one",
                placeholder=t("suppose.choose"),
                on_change=taker(kind),
            )
