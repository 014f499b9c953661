"""Ask a student one question: it speaks paths, the graph executes them and judges every hop."""

from __future__ import annotations

import time

import numpy as np

from core.answers import model_cache
from core.answers.naming import TOP_ENTITIES, Naming
from core.answers.predictions import Topics, said, student_prediction
from core.answers.topics import Topic, each_once, find_topic
from core.graph.linking import mask
from core.graph.path_tree import follow_path, relation_codes
from core.plain_text import language_of
from core.records import TOPIC_MARK, Prediction, RelationPath, ScoredPath
from core.report import Report
from core.results.answer import Answer, AnsweredPath, JudgedHop
from core.results.named import NOBODY
from core.settings import AskSettings
from core.student.decoding import DecodedPath
from core.student.language_model import Student
from core.verify.checking import HopStatus, HopVerdict, Verdict, check_path, ground_path
from core.workspace import Workspace

MOST_PATHS = 8
MOST_ANSWERS = 10


def run(settings: AskSettings, report: Report, workspace: Workspace) -> Answer:
    """Answer a question with the paths that lead to the answers.

    The path behind the first answer stands first, the others follow by their probability. The whole
    is `supported` if the graph holds every hop of that path and the path ends at the answer. Of
    several topics there is one path each, one behind the other, as probable as their meeting.

    Raises:
        NotFound: If there is no such student, graph or topic, or no topic is recognised.
        SettingsError: If a topic is named twice.
        Stale: If the student's graph has changed since it was distilled.
    """
    report.stage("ask")
    began = time.monotonic()
    student = model_cache.student(workspace, settings.student, settings.graph)
    graph, language = student.graph, language_of(settings.question)
    naming = Naming(graph, language)
    first = find_topic(workspace, naming, settings.question, settings.topic, settings.embedder)
    others = [find_topic(workspace, naming, first.text, name) for name in settings.also]
    topics = [first, *others]
    each_once(topics)
    spoken = [(topic.entity, think(student, topic, settings)) for topic in topics]
    predicted = student_prediction(graph, "asked", spoken)
    paths = tuple(
        answered_path(naming, topic.entity, path, predicted)
        for together in best_first(predicted, len(topics))
        for topic, path in zip(topics, together, strict=True)
    )
    return Answer(
        question=settings.question,
        language=language,
        student=settings.student,
        decoding=settings.decoding,
        seconds=time.monotonic() - began,
        topics=tuple(topic.match for topic in topics),
        candidates=first.candidates,
        answers=tuple(
            naming.likely(graph.entity(name), probability)
            for name, probability in predicted.answers[:MOST_ANSWERS]
        ),
        paths=paths,
        supported=bool(predicted.answers) and all(path.supported for path in paths[: len(topics)]),
    )


def think(student: Student, topic: Topic, settings: AskSettings) -> list[DecodedPath]:
    """The paths that a student speaks; none where the graph offers none."""
    around = Topics(student)
    if not around.lead_on(topic.entity):
        return []
    text = mask(model_cache.linker(student.graph), topic.text, topic.entity, TOPIC_MARK)
    asked = [(text, topic.entity)]
    paths = said(around, asked, settings.decoding, settings.beams, settings.search)[0]
    return [path for path in paths if path.relations]


def best_first(predicted: Prediction, topics: int = 1) -> list[tuple[ScoredPath, ...]]:
    """The best paths, the most probable one that reaches the first answer before all others.

    Args:
        predicted: Whose paths.
        topics: How many paths go together, one for each topic.
    """
    paths = predicted.paths
    together = [paths[begin : begin + topics] for begin in range(0, len(paths), topics)]
    for first, _ in predicted.answers[:1]:
        behind = next(one for one in together if all(first in path.answers for path in one))
        together.remove(behind)
        together.insert(0, behind)
    return together[: MOST_PATHS // topics]


def answered_path(
    naming: Naming, topic: int, path: ScoredPath, predicted: Prediction
) -> AnsweredPath:
    """A path for a reader: what it reaches, and its hops, each with its verdict.

    `reached` counts all that the path reaches, of which `answers` names the most probable.
    """
    graph = naming.graph
    there = set(path.answers)
    answers = [graph.entity(name) for name, _ in predicted.answers if name in there]
    verdict = check_path(graph, topic, path.relations)
    return AnsweredPath(
        relations=path.relations,
        probability=min(path.probability, 1.0),
        answers=tuple(naming.entity(answer) for answer in answers[:TOP_ENTITIES]),
        reached=len(answers),
        supported=verdict.supported,
        hops=judged_hops(naming, topic, path.relations, verdict, answers[:1]),
    )


def judged_hops(
    naming: Naming, topic: int, path: RelationPath, verdict: Verdict, answers: list[int]
) -> tuple[JudgedHop, ...]:
    """The hops of a claim from entity to entity, as far as the graph follows it.

    The chain ends at the first of the answers, or else where the nearest edge begins.
    """
    graph = naming.graph
    good = sum(hop.status is HopStatus.IN_GRAPH for hop in verdict.hops)
    codes = relation_codes(graph, path[:good]) or ()
    end = answers[0] if answers else _left_at(naming, topic, codes, verdict.hops[good])
    chain = ground_path(graph, topic, codes, end, limit=1)[0] if codes else ()
    known = [
        JudgedHop(**vars(fact), verdict=str(HopStatus.IN_GRAPH), nearest=None)
        for fact in naming.chain(chain)
    ]
    heads = [naming.entity(end), *[NOBODY] * len(path)]
    failed = [
        JudgedHop(
            head=head,
            relation=naming.claimed(hop.relation),
            tail=NOBODY,
            verdict=str(hop.status),
            nearest=naming.fact(hop.nearest) if hop.nearest else None,
        )
        for head, hop in zip(heads, verdict.hops[good:], strict=False)
    ]
    return (*known, *failed)


def _left_at(naming: Naming, topic: int, codes: tuple[int, ...], failed: HopVerdict) -> int:
    """Where a claim leaves the graph: where the nearest edge begins, else the best-known entity."""
    graph = naming.graph
    if failed.nearest:
        return graph.entity(failed.nearest[0])
    frontier = follow_path(graph, topic, codes)[-1]
    return int(frontier[np.argmax(graph.degree(frontier))])
