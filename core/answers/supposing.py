"""A model over its graph with facts more or less, and a question in fewer words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.answers.ear import Ear
from core.answers.topics import Topic
from core.errors import NotFound
from core.graph.addition import facts_written, with_edges
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.removal import Edge, Reduced
from core.plain_text import plain, words
from core.settings.answers import Supposed
from core.student.language_model import Student
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.teachers import Teacher


def supposed_graph(
    graph: KnowledgeGraph, topics: Sequence[Topic], supposed: Supposed
) -> KnowledgeGraph:
    """A graph as it is supposed to be: first what is added, then without what is taken away.

    Raises:
        NotFound: If it has no such fact or entity to take away, lacks what a fact to add names, or
            a topic is to be removed.
    """
    more = edges_to_add(graph, supposed.with_edges)
    less = edges_named(graph, supposed.without_edges)
    entities = [graph.entity(entity) for entity in supposed.without_entities]
    if any(topic.entity in entities for topic in topics):
        raise NotFound("Without the topic itself there is nothing to ask about; remove another.")
    graph = with_edges(graph, more)
    return Reduced(graph, less, entities) if less or entities else graph


def teacher_over(teacher: Teacher, graph: KnowledgeGraph) -> Teacher:
    """The same teacher over another graph of the same names: what it learned stays."""
    if graph is teacher.graph:
        return teacher
    scorer = teacher.scorer
    if isinstance(scorer, PolicyScorer):
        scorer = PolicyScorer(scorer.policy, graph, teacher.shape)
    return replace(teacher, graph=graph, scorer=scorer)


def student_over(
    student: Student, ear: Ear | None, graph: KnowledgeGraph
) -> tuple[Student, Ear | None]:
    """The same student over another graph of the same names, and what it listens with."""
    return replace(student, graph=graph), ear and replace(ear, graph=graph)


def edges_named(graph: KnowledgeGraph, facts: Sequence[str]) -> tuple[Edge, ...]:
    """Edges of a graph, written `head|relation|tail`.

    Raises:
        NotFound: If the graph has no such edge.
    """
    return tuple(_edge(graph, fact) for fact in facts)


def edges_to_add(graph: KnowledgeGraph, facts: Sequence[str]) -> tuple[Edge, ...]:
    """Edges that a graph may have or not, written `head|relation|tail`.

    Raises:
        NotFound: If the graph lacks one of the entities or the relation.
    """
    return tuple(_new_edge(graph, fact) for fact in facts)


def in_fewer_words(
    grower: TreeGrower, question: QuestionTree, unwanted: Sequence[str]
) -> QuestionTree:
    """A question on its tree without some of its words; see `fewer_words`."""
    if not unwanted:
        return question
    return grower.reworded(question, fewer_words(question.masked, unwanted))


def fewer_words(text: str, unwanted: Sequence[str]) -> str:
    """A question's text without some of its words, wherever they stand.

    Raises:
        NotFound: If the question has no such word.
    """
    said = words(text)
    there = dict.fromkeys(word.plain for word in said)
    for one in unwanted:
        if plain(one) not in there:
            raise NotFound(
                "The question has no word {word!r}; its words are: {known}.",
                word=one,
                known=" ".join(there),
            )
    gone = {plain(one) for one in unwanted}
    for word in reversed(said):
        if word.plain in gone:
            text = f"{text[: word.start]} {text[word.end :]}"
    return text


def _edge(graph: KnowledgeGraph, fact: str) -> Edge:
    for edge in facts_written(graph, fact):
        if graph.has(*edge):
            return edge
    raise NotFound(
        "The graph {name!r} has no fact {fact!r}; write it as head|relation|tail, by id.",
        name=graph.name,
        fact=fact,
    )


def _new_edge(graph: KnowledgeGraph, fact: str) -> Edge:
    for edge in facts_written(graph, fact):
        return edge
    raise NotFound(
        "The graph {name!r} has not all that {fact!r} names; write a fact to add as "
        "head|relation|tail, by the ids of two entities and a relation.",
        name=graph.name,
        fact=fact,
    )
