"""Which entity a typed question is about, and which others it may be about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.answers import model_cache
from core.answers.naming import Naming
from core.errors import NotFound, SettingsError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import CERTAIN, LinkedText, Mention
from core.graph.search import find_topics
from core.plain_text import words
from core.pretrained.embedders import DEFAULT_EMBEDDER
from core.records import TOPIC_MARK, Question
from core.results.named import TopicMatch
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.workspace import Workspace

JOINING = frozenset({"and", "or", "the", "和", "与", "及", "或", "跟"})
"""Words that may stand between names and ask nothing."""

MOST_TOPICS = 5
"""Entities that a question may be about, unless more share a name."""


@dataclass(frozen=True)
class Topic:
    """The entity that a question is about.

    Attributes:
        entity: Its number.
        question: As the linker reads it. A mention that is spelled otherwise than in the graph is
            masked, as no linker would find it; one spelled alike is left for the models to mask.
        match: The topic for a reader.
        candidates: Other entities that the question may be about, in the same form, best first.
    """

    entity: int
    question: LinkedText
    match: TopicMatch
    candidates: tuple[TopicMatch, ...]


def find_topic(
    workspace: Workspace,
    naming: Naming,
    question: LinkedText,
    given: str | None,
    embedder: str = DEFAULT_EMBEDDER,
) -> Topic:
    """The topic of a question: the given one, else its best mention.

    Vectors of the graph's names are made, or opened, only where no name is mentioned as it stands.

    Raises:
        NotFound: If the graph lacks the given entity.
        NoTopic: If no entity is recognised in the text.
    """
    graph = naming.graph
    if given is not None:
        entity = graph.find_entity(given)
        if entity is None:
            raise NotFound(
                "The graph {name!r} has no entity {given!r}; search the graph for its id, "
                "or leave the topic empty to have it found in the question.",
                name=graph.name,
                given=given,
            )
        return Topic(entity, question, _matched(naming, entity, "given", 1.0), ())
    mentions = _mentions(workspace, graph, question, embedder)
    best = mentions[0]
    others: dict[int, Mention] = {}
    for mention in mentions[1:]:
        if mention.entity != best.entity:
            others.setdefault(mention.entity, mention)
    if best.match in ("spelling", "vector"):
        text = question.text[: best.start] + TOPIC_MARK + question.text[best.end :]
        question = model_cache.linker(graph).read(text)
    candidates = tuple(_mentioned(naming, mention) for mention in others.values())
    return Topic(best.entity, question, _mentioned(naming, best), candidates)


def find_all_topics(
    workspace: Workspace,
    naming: Naming,
    text: str,
    given: str | None,
    also: Sequence[str],
    embedder: str = DEFAULT_EMBEDDER,
) -> list[Topic]:
    """The topics of a question, which is linked once: the first by `find_topic`, others as given.

    Raises:
        NotFound, NoTopic: As `find_topic`.
    """
    question = model_cache.linker(naming.graph).read(text)
    first = find_topic(workspace, naming, question, given, embedder)
    return [first, *(find_topic(workspace, naming, first.question, name) for name in also)]


def each_once(topics: Sequence[Topic]) -> tuple[str, ...]:
    """The ids of a question's topics.

    Raises:
        SettingsError: If a topic is named twice.
    """
    names = tuple(topic.match.id for topic in topics)
    if len({*names}) < len(names):
        raise SettingsError(
            "A question has each of its topics once; found {names}.", names=", ".join(names)
        )
    return names


def topic_tree(grower: TreeGrower, topic: Topic) -> QuestionTree:
    """The tree of a question about one topic; see `topic_trees`."""
    return topic_trees(grower, [topic])[0]


def topic_trees(grower: TreeGrower, topics: Sequence[Topic]) -> tuple[QuestionTree, ...]:
    """A question's trees, one for each topic; its text is the first topic's.

    Raises:
        SettingsError: If a topic is named twice.
        NotFound: If nothing leads on from a topic.
    """
    names = each_once(topics)
    trees = grower.grow(Question("asked", topics[0].question.text, "", names, ()))
    if not trees:
        alone = [t.match.label for t in topics if not grower.graph.degree(np.array([t.entity]))[0]]
        named = " and ".join(map(repr, alone or [topic.match.label for topic in topics]))
        raise NotFound(
            "No relation leads on from {named} in graph {name!r}; choose another topic.",
            named=named,
            name=grower.graph.name,
        )
    return trees


def _mentions(
    workspace: Workspace, graph: KnowledgeGraph, question: LinkedText, embedder: str
) -> tuple[Mention, ...]:
    named = any(mention.score >= CERTAIN for mention in question.first(MOST_TOPICS))
    index = None if named else model_cache.index(workspace, graph, embedder)
    return find_topics(graph, model_cache.linker(graph), index, question, MOST_TOPICS)


def names_only(topic: Topic) -> bool:
    """Whether a question names entities and says nothing else, hence asks nothing.

    Args:
        topic: The question's first.
    """
    said = topic.question
    for mention in said.mentions:
        if mention.score >= CERTAIN or mention.entity == topic.entity:
            blank = " " * (mention.end - mention.start)
            text = said.text[: mention.start] + blank + said.text[mention.end :]
            said = LinkedText(text, said.mentions)
    return JOINING.issuperset(word.plain for word in words(said.text))


def _mentioned(naming: Naming, mention: Mention) -> TopicMatch:
    certain = mention.match in ("spelling", "vector") or mention.score >= CERTAIN
    match = mention.match if certain else "common_word"
    return _matched(naming, mention.entity, match, mention.score)


def _matched(naming: Naming, entity: int, match: str, score: float) -> TopicMatch:
    named = naming.entity(entity)
    return TopicMatch(id=named.id, label=named.label, match=match, score=min(float(score), 1.0))
