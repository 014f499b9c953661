"""A teacher over its graph without some facts and entities, and a question in fewer words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from core.answers.topics import Topic
from core.errors import NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.removal import Edge, Reduced
from core.plain_text import plain
from core.records import TOPIC_MARK
from core.settings.answers import TakenAway
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.question_encoder import OTHER, split_words
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.teachers import Teacher


def without(teacher: Teacher, topics: Sequence[Topic], taken: TakenAway) -> Teacher:
    """The same teacher over less: what it learned stays, what it sees is less.

    Raises:
        NotFound: If its graph has no such fact or entity, or a topic is to be removed.
    """
    edges = edges_named(teacher.graph, taken.without_edges)
    entities = [teacher.graph.entity(entity) for entity in taken.without_entities]
    if any(topic.entity in entities for topic in topics):
        raise NotFound("Without the topic itself there is nothing to ask about; remove another.")
    if not edges and not entities:
        return teacher
    less, scorer = Reduced(teacher.graph, edges, entities), teacher.scorer
    if isinstance(scorer, PolicyScorer):
        scorer = PolicyScorer(scorer.policy, less, teacher.shape)
    return replace(teacher, graph=less, scorer=scorer)


def edges_named(graph: KnowledgeGraph, facts: Sequence[str]) -> tuple[Edge, ...]:
    """Edges written `head|relation|tail`; an id may itself hold a `|`.

    Raises:
        NotFound: If the graph has no such edge.
    """
    return tuple(_edge(graph, fact) for fact in facts)


def in_fewer_words(
    grower: TreeGrower, question: QuestionTree, words: Sequence[str]
) -> QuestionTree:
    """A question on its tree without some of its words; see `fewer_words`."""
    return grower.reworded(question, fewer_words(question, words)) if words else question


def fewer_words(question: QuestionTree, words: Sequence[str]) -> str:
    """A question's text without some of its words, wherever they stand.

    Raises:
        NotFound: If the question has no such word.
    """
    unwanted = {plain(word) for word in words}
    for word in words:
        if plain(word) not in question.words:
            known = " ".join(one for one in question.words if one not in (TOPIC_MARK, OTHER))
            raise NotFound(
                "The question has no word {word!r}; its words are: {known}.", word=word, known=known
            )
    if not words:
        return question.masked
    return " ".join(one for one in split_words(question.masked) if one not in unwanted)


def _edge(graph: KnowledgeGraph, fact: str) -> Edge:
    parts = fact.split("|")
    for first, second in combinations(range(1, len(parts)), 2):
        head = graph.find_entity("|".join(parts[:first]))
        code = graph.find_relation("|".join(parts[first:second]))
        tail = graph.find_entity("|".join(parts[second:]))
        if head is None or code is None or tail is None:
            continue
        if graph.has(head, code, tail):
            return head, code, tail
    raise NotFound(
        "The graph {name!r} has no fact {fact!r}; write it as head|relation|tail, by id.",
        name=graph.name,
        fact=fact,
    )
