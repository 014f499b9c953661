"""What would be said if a fact more were there, or a fact, an entity, a word of the question not?

The reader changes things on the stage, where the answer comes anew over what it was, and takes the
changes back. All that is supposed is in the address: a relation of the tree by its path, facts and
entities by id, words by their place in the question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import streamlit as st

from core.graph.addition import facts_written
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import walk_path
from core.records import MISSING, RelationPath
from core.results.answer import Answer, JudgedHop
from core.results.named import Fact, Named
from core.results.trace import Trace
from core.settings.base import MOST_TEXTS
from pages.parts.answers.answer_view import share, statements
from pages.parts.forms.entity_search import entity_search
from pages.parts.pictures.path_strip import relation_arrow, relation_words
from pages.parts.stage.record import Change, Supposing, place_id
from pages.parts.text import Words, clipped, language, t

KINDS: Final = ("step", "fact", "entity", "word", "more")
"""What can be changed: a relation of the tree with all facts that it walks, one fact, an entity, a
word, and a fact more."""
PARAMETERS: Final = {kind: f"without_{kind}" for kind in KINDS} | {"more": "with_fact"}
"""Of the address."""
LEAST_MOVED: Final = 0.0005
"""A path whose probability changes less does not show it."""


@dataclass(frozen=True, kw_only=True)
class WalkedFact(Fact):
    """A fact that is walked, as the graph has it; `share` is its largest probability."""

    share: float


@dataclass(frozen=True)
class Asked:
    """A question that was put to somebody, and what of it can be supposed to be otherwise.

    Attributes:
        who: A teacher or a student by name.
        topic: What the question is about.
        steps: The relations of the tree by their paths, each with what it is called.
        facts: What is walked, by `head|relation|tail`.
        entities: What is met, by id; without the topic there would be no question.
        words: Of the question; what names the topic by its label.
    """

    who: str
    question: str
    topic: Named
    steps: Mapping[RelationPath, str]
    facts: Mapping[str, WalkedFact]
    entities: Mapping[str, str]
    words: tuple[str, ...]

    @classmethod
    def of_trace(cls, trace: Trace) -> Asked:
        """What a teacher has reasoned, about one topic."""
        steps = {
            node.path: _step(node.relation, node.frontier, node.frontier_size)
            for hop in trace.hops
            for node in hop.nodes
        }
        walked = [
            (Fact(head=one.source, relation=one.relation, tail=one.target), one.probability)
            for one in trace.edges
        ]
        ends = [end for edge in trace.edges for end in (edge.source, edge.target)]
        return cls(
            trace.teacher,
            trace.question,
            trace.topics[0],
            steps,
            facts(walked),
            {end.id: end.label for end in ends if end.id != trace.topics[0].id},
            trace.words,
        )

    @classmethod
    def of_answer(cls, answer: Answer) -> Asked:
        """What a student has answered, about one topic."""
        steps: dict[RelationPath, str] = {}
        walked: list[tuple[JudgedHop, float]] = []
        for path in answer.paths:
            there = [hop for hop in path.hops if hop.verdict == "in_graph"]
            for nth, hop in enumerate(there, start=1):
                steps.setdefault(path.relations[:nth], _step(hop.relation, [hop.tail], 1))
                walked.append((hop, path.probability))
        ends = [end for hop, _ in walked for end in (hop.head, hop.tail)]
        topic = answer.topics[0]
        return cls(
            answer.student,
            answer.question,
            topic,
            steps,
            facts(walked),
            {end.id: end.label for end in ends if end.id != topic.id},
            answer.words,
        )

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """What can be taken away, by kind: the name of each by its id."""
        return {
            "step": {step_id(path): name for path, name in self.steps.items()},
            "fact": {id: fact_name(one) for id, one in self.facts.items()},
            "entity": self.entities,
            "word": self.silenced(),
        }

    def silenced(self) -> dict[str, str]:
        """The words, each once, by their first place; not what names the topic."""
        places: dict[str, str] = {}
        for place, word in enumerate(self.words):
            if word.isprintable() and word != self.topic.label:
                places.setdefault(word, str(place))
        return {place: word for word, place in places.items()}


@dataclass(frozen=True)
class WhatIf:
    """What the reader supposes of a question at the moment.

    Attributes:
        asked: The question.
        graph: The graph that it was asked of.
        key: Prefix of the widgets' keys.
    """

    asked: Asked
    graph: KnowledgeGraph
    key: str

    def begin(self, *, from_address: bool = True) -> None:
        """Take up what was supposed before; with another question, or another asked, nothing.

        Args:
            from_address: Whether the address tells of this question, where none was asked before.
        """
        about = self.asked.who, self.asked.question
        before = st.session_state.get(f"{self.key}.about")
        st.session_state[f"{self.key}.about"] = about
        for kind in KINDS:
            place = f"{self.key}.{kind}"
            wanted: Sequence[str] = []
            if before == about:
                wanted = st.session_state.get(place, [])
            elif before is None and from_address:
                wanted = st.query_params.get_all(PARAMETERS[kind])
            st.session_state[place] = [what for what in wanted if self._is_known(kind, what)]
            _keep(PARAMETERS[kind], st.session_state[place])

    def changes(self, kind: str) -> list[str]:
        """The ids of what is changed of a kind."""
        return list(st.session_state[f"{self.key}.{kind}"])

    @property
    def is_otherwise(self) -> bool:
        """Whether anything is supposed."""
        return any(self.changes(kind) for kind in KINDS)

    def settings(self) -> dict[str, tuple[str, ...]] | None:
        """What is supposed, as fields of settings; None, with a sentence, where it is too much."""
        gone = [*self.changes("fact")]
        for step in self.changes("step"):
            gone += step_facts(self.graph, self.asked.topic.id, self._step_path(step))
        gone = list(dict.fromkeys(gone))
        if len(gone) > MOST_TEXTS:
            st.warning(t("suppose.too_many", n=len(gone), most=MOST_TEXTS), icon=":material/block:")
            return None
        return {
            "without_edges": tuple(gone),
            "without_entities": tuple(self.changes("entity")),
            "without_words": tuple(
                self.asked.names["word"][place] for place in self.changes("word")
            ),
            "with_edges": tuple(self.changes("more")),
        }

    def drawn(self) -> Supposing:
        """What the stage lets the reader change, and what is changed."""
        firsts = {word: place for place, word in self.asked.names["word"].items()}
        return Supposing(
            changes=tuple(
                Change(
                    kind=kind,
                    id=place_id(self._step_path(what)) if kind == "step" else what,
                    name=clipped(self._told(kind, what), 80),
                )
                for kind in KINDS
                for what in self.changes(kind)
            ),
            words=tuple(firsts.get(word, "") for word in self.asked.words),
        )

    def change(self, kind: str, what: str) -> None:
        """Change what the reader points at, or take the change back; `("all", "")` all of them."""
        if kind == "all":
            for one in KINDS:
                st.session_state[f"{self.key}.{one}"] = []
            return
        if kind == "step":
            what = step_id(what.split("\n")[1:])
        if kind in KINDS and self._is_known(kind, what):
            now = self.changes(kind)
            left = [one for one in now if one != what]
            st.session_state[f"{self.key}.{kind}"] = left if what in now else [*now, what]

    def outcome(self, was: Answer, now: Answer) -> None:
        """What becomes of the answer, in a box."""
        with st.container(border=True, key=f"{self.key}.outcome", gap="small"):
            st.markdown(f"#### {verdict(was, now)}")
            statements(now)
            st.caption(t("suppose.judged"))

    def single(self) -> None:
        """Lists to take away a single fact from, or an entity with all of its facts."""
        with st.expander(t("suppose.single"), icon=":material/remove_circle:"):
            for kind, column in zip(("fact", "entity"), st.columns(2, gap="medium"), strict=True):
                self._takes(kind, column)

    def more(self) -> None:
        """A form for a fact that is not there: where it begins, its relation, and where it ends."""
        with st.expander(t("suppose.more"), icon=":material/add_circle:"):
            left, middle, right = st.columns(3, gap="medium")
            met = {self.asked.topic.id: self.asked.topic.label, **self.asked.entities}
            head = left.selectbox(
                t("suppose.head"),
                list(met),
                format_func=lambda one: clipped(met[one]),
                key=f"{self.key}.head",
            )
            relation = middle.selectbox(
                t("suppose.relation"),
                range(self.graph.relation_count),
                index=None,
                format_func=lambda code: clipped(self.graph.relation_label(code, language())),
                key=f"{self.key}.relation",
                placeholder=t("suppose.choose"),
            )
            with right:
                if relation is None:
                    st.caption(t("suppose.more_first"))
                    return
                start = f"{head}|{self.graph.relation_id(relation)}"
                entity_search(self.graph, f"{self.key}.tail.{start}", self._adding(start))

    def _adding(self, start: str) -> Callable[[str], None]:
        """Supposes a fact that begins so, and clears the search for where it ends."""

        def add(tail: str) -> None:
            self.change("more", f"{start}|{tail}")
            st.session_state[f"{self.key}.tail.{start}.text"] = ""

        return add

    def _is_known(self, kind: str, what: str) -> bool:
        if kind == "more":
            return next(facts_written(self.graph, what), None) is not None
        return what in self.asked.names[kind]

    def _told(self, kind: str, what: str) -> str:
        """A change as the list of changes says it."""
        if kind != "more":
            return f"− {self.asked.names[kind][what]}"
        head, code, tail = next(facts_written(self.graph, what))
        named = (self.graph.label(one, language()) for one in (head, tail))
        return f"+ {f' · {self.graph.relation_label(code, language())} → · '.join(named)}"

    def _step_path(self, step: str) -> RelationPath:
        return next(path for path in self.asked.steps if step_id(path) == step)

    def _takes(self, kind: str, column: st.delta_generator.DeltaGenerator) -> None:
        """A list of what can be taken away of a kind."""
        names, key = self.asked.names[kind], f"{self.key}.{kind}.one"

        def take() -> None:
            if chosen := st.session_state[key]:
                self.change(kind, chosen)
            st.session_state[key] = None

        column.selectbox(
            t(f"suppose.{kind}"),
            [what for what in names if what not in self.changes(kind)],
            index=None,
            format_func=lambda what: clipped(names[what]),
            key=key,
            placeholder=t("suppose.choose"),
            on_change=take,
        )


def facts(walked: Sequence[tuple[Fact, float]]) -> dict[str, WalkedFact]:
    """Facts that are walked, as the graph has them, by `head|relation|tail`.

    One that is walked both ways, or at two hops, is one fact with its largest probability.
    """
    found: dict[str, WalkedFact] = {}
    for one, probability in walked:
        head, relation, tail = one.head, one.relation, one.tail
        if relation.id.startswith("~"):
            relation = Named(id=relation.id[1:], label=relation.label[1:])
            head, tail = tail, head
        id = "|".join((head.id, relation.id, tail.id))
        most = max(probability, found[id].share) if id in found else probability
        found[id] = WalkedFact(head=head, relation=relation, tail=tail, share=most)
    return found


def fact_name(fact: Fact) -> str:
    """A fact in a line, in plain text."""
    return f"{fact.head.label} · {relation_arrow(fact.relation.label)} · {fact.tail.label}"


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


def verdict(was: Answer, now: Answer) -> Words:
    """What became of the answer, in a sentence."""
    if not _moved(was, now):
        return t("suppose.still")
    if now.doubts_graph:
        if was.doubts_graph:
            return t("suppose.no_still", before=share(was.missing), after=share(now.missing))
        relation = now.looked_for.relation if now.looked_for else None
        looked_for = relation_words(relation.label if relation else MISSING)
        return t("suppose.no_now", looked_for=looked_for, after=share(now.missing), **_best(was))
    if not now.answers:
        return t("suppose.silent")
    best, after = now.answers[0], share(now.answers[0].probability)
    if was.doubts_graph:
        before = share(was.missing)
        return t("suppose.yes_now", answer=best.label, after=after, before=before)
    if was.answers and was.answers[0].id == best.id:
        return t("suppose.stays", answer=best.label, after=after, before=_best(was)["before"])
    return t("suppose.changes", now=best.label, after=after, **_best(was))


def _best(was: Answer) -> dict[str, str]:
    """The best answer that there was, and how probable it was."""
    if not was.answers:
        return {"was": "–", "before": share(0.0)}
    return {"was": was.answers[0].label, "before": share(was.answers[0].probability)}


def _moved(was: Answer, now: Answer) -> bool:
    """Whether the probability of any path, or of what is missing, shows a change."""
    before, after = map(_probabilities, (was, now))
    return any(
        abs(before.get(path, 0.0) - after.get(path, 0.0)) >= LEAST_MOVED
        for path in before.keys() | after.keys()
    )


def _probabilities(answer: Answer) -> dict[RelationPath, float]:
    found = {path.relations: path.probability for path in answer.paths}
    return found | {(): answer.missing}


def _step(relation: Named, frontier: Sequence[Named], size: int) -> str:
    first = frontier[0].label if frontier else ""
    more = f" +{size - 1}" if size > 1 else ""
    return f"{relation_arrow(relation.label)} {first}{more}"


def _keep(parameter: str, values: Sequence[str]) -> None:
    """Write ids into the address."""
    if not values:
        st.query_params.pop(parameter, None)
    elif st.query_params.get_all(parameter) != [*values]:
        st.query_params[parameter] = [*values]
