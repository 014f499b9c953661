"""Held-out questions that the graph does not answer, made of those that it does.

Most question sets hold none, and then nothing held out tells how far a no can be believed. So some
are asked of the topic of another question, where their path does not run:

    Who is the spouse of Joe Biden?   ->   Who is the spouse of Inception?   (it has none)
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from core.graph.linking import Linker
from core.graph.path_tree import walk_path
from core.records import MISSING, Question

SHARE = 0.25
"""So many are made, of the questions that there are: a fifth of all."""

TRIES = 10
"""Other topics that are tried for each."""


def with_unanswerable(linker: Linker, questions: Sequence[Question]) -> list[Question]:
    """The questions, and some that have no answer; as they are where some have none already.

    Args:
        linker: Of the graph that they are about.
        questions: Those with one topic and a gold path are asked of others; always of the same.
    """
    known = [q for q in questions if q.answers and len(q.topics) == 1 and q.paths]
    if len(known) < 2 or not all(question.answers for question in questions):
        return list(questions)
    draw = random.Random(0)
    chosen = draw.sample(known, round(SHARE * len(known)))
    made = (_elsewhere(linker, question, draw.sample(known, min(TRIES, len(known))))
            for question in chosen)  # fmt: skip
    return [*questions, *(question for question in made if question is not None)]


def _elsewhere(linker: Linker, question: Question, others: Sequence[Question]) -> Question | None:
    """A question asked of the first topic where its path does not run; None if there is none."""
    graph, (path, *_) = linker.graph, question.paths
    here = graph.find_entity(question.topics[0])
    for other in others:
        topic = graph.find_entity(other.topics[0])
        if here is None or topic is None or topic == here:
            continue
        walk = walk_path(graph, topic, path)
        if len(walk.ends):
            continue
        there = len(walk.frontiers) - 1
        return replace(
            question,
            id=f"{question.id} of {other.topics[0]}",
            text=linker.read(question.text).masked(here, graph.label(topic, question.language)),
            topics=other.topics,
            answers=(),
            paths=((*path[:there], MISSING + path[there]),),
        )
    return None
