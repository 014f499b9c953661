"""Ask a student one question: it says paths, the graph walks them and judges every hop."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from core.answers import model_cache
from core.answers.asked_again import AskedStudent
from core.answers.certifying import certify
from core.answers.decision import believed, card_certainty, decide
from core.answers.judging import judged_hops
from core.answers.naming import TOP_ENTITIES, Naming
from core.answers.predictions import StudentPrediction, predict_paths, student_prediction
from core.answers.student_scorer import StudentScorer
from core.answers.supposing import fewer_words, student_over, supposed_graph
from core.answers.topics import Topic, each_once, find_all_topics, names_only
from core.answers.voting import PredictedPath
from core.errors import NoTopic, SettingsError
from core.evaluation.conformal import likely_answers
from core.graph.history import facts_by_source, sum_of
from core.graph.knowledge_graph import KnowledgeGraph
from core.plain_text import language_of
from core.questions.answer_kinds import AnswerKind
from core.questions.suggestions import suggestions
from core.records import TOPIC_MARK, looked_for
from core.report import Report
from core.results.answer import Answer, AnsweredPath, Decision, LikelySet, LookedFor
from core.results.certainty import Level
from core.settings import AskSettings
from core.student.decoding import DecodedPath
from core.teacher.question_encoder import split_words
from core.verify.checking import check_walk, is_absent
from core.workspace import Workspace

MOST_PATHS = 8
MOST_ANSWERS = 10


def run(settings: AskSettings, report: Report, workspace: Workspace) -> Answer:
    """Answer a question with the paths that lead to the answers.

    The path behind the first answer stands first, the others follow by their probability. The whole
    is `supported` if the graph holds every hop of that path and the path ends at the answer. Of
    several topics there is one path each, one behind the other, as probable as their meeting. That
    a path exists does not make it an answer: `decide` says how sure that is. A question that names
    nothing of the graph, or asks nothing, is not put to the student. Where something is supposed,
    the student says paths of the graph that is supposed, and that graph judges them.

    Raises:
        NotFound: If there is no such student, graph or topic, or what is supposed names what is not
            there.
        SettingsError: If a topic is named twice, or the answer cannot be certified.
        Stale: If the student's graph is another one since it was distilled.
    """
    report.stage("ask")
    if settings.certify and (settings.decoding, settings.search) != ("constrained", "exact"):
        raise SettingsError(
            "Only an answer by the exact search among paths that exist can be certified: leave "
            "out certify, or take decoding constrained and search exact."
        )
    began = time.monotonic()
    student = model_cache.student(workspace, settings.student, settings.graph)
    graph, language = student.graph, language_of(settings.question)
    naming, kinds = Naming(graph, language), model_cache.kinds(graph)
    try:
        topics = find_all_topics(
            workspace, naming, settings.question, settings.topic, settings.also, settings.embedder
        )
    except NoTopic:
        return offer(not_asked(settings, (), began), graph, kinds)
    each_once(topics)
    if names_only(topics[0]):
        return offer(not_asked(settings, topics, began), graph, kinds)
    ear = model_cache.ear(workspace, student) if settings.listen else None
    supposed = supposed_graph(graph, topics, settings)
    if supposed is graph:
        scorer = model_cache.scorer(student, ear)
    else:
        student, ear = student_over(student, ear, supposed)
        naming = Naming(supposed, language)
        scorer = StudentScorer(student, model_cache.linker(graph), ear)
    said = [(topic.entity, paths_about(scorer, topic, settings)) for topic in topics]
    predicted = student_prediction(supposed, said)
    paths = tuple(
        answered_path(naming, path, predicted)
        for together in best_first(predicted, len(topics))
        for path in together
    )
    heard = ear is not None and settings.decoding == "constrained" and settings.search == "exact"
    certainty = None
    if settings.graph is None:
        certainty = card_certainty(student.card, heard=heard)
    best = predicted.answers[0][1] if predicted.answers else 0.0
    decision = decide(best, predicted.missing, certainty, settings.precision)
    given = predicted.answers if decision is not Decision.NOT_IN_GRAPH else ()
    level = certainty.at(settings.precision) if certainty else None
    seconds = time.monotonic() - began
    certificate = None
    if settings.certify:
        place = workspace.folder("graphs", graph.name)
        requests = [(masked_about(topic, settings), topic.entity) for topic in topics]
        certificate = certify(
            AskedStudent(scorer, requests), naming, report, facts_by_source(place, supposed)
        )
    answer = Answer(
        question=settings.question,
        language=language,
        student=settings.student,
        decoding=settings.decoding,
        heard=heard,
        seconds=seconds,
        topics=tuple(topic.match for topic in topics),
        words=question_words(topics[0]),
        candidates=topics[0].candidates,
        answers=tuple(
            naming.likely(entity, probability) for entity, probability in given[:MOST_ANSWERS]
        ),
        paths=paths,
        supported=bool(given) and all(path.supported for path in paths[: len(topics)]),
        decision=decision,
        confidence=believed(max(best, predicted.missing), certainty),
        missing=min(predicted.missing, 1.0),
        looked_for=searched_in_vain(naming, predicted.looked_for) if predicted.looked_for else None,
        likely_set=likely_set(naming, predicted, level) if level else None,
        graph_changes=sum_of(student.since) if settings.graph is None else 0,
        certificate=certificate,
    )
    return offer(answer, graph, kinds)


def not_asked(settings: AskSettings, topics: Sequence[Topic], began: float) -> Answer:
    """What is said to a question that the student need not see, for nobody could answer it.

    Args:
        settings: The question.
        topics: What it names and says nothing about; none where it names nothing.
        began: When it came, by `time.monotonic`.
    """
    return Answer(
        question=settings.question,
        language=language_of(settings.question),
        student=settings.student,
        decoding=settings.decoding,
        seconds=time.monotonic() - began,
        topics=tuple(topic.match for topic in topics),
        candidates=topics[0].candidates if topics else (),
        answers=(),
        paths=(),
        supported=False,
        decision=Decision.UNSURE if topics else Decision.NOT_IN_GRAPH,
        asks_nothing=bool(topics),
    )


def offer(answer: Answer, graph: KnowledgeGraph, kinds: Sequence[AnswerKind]) -> Answer:
    """An answer with what can be asked instead."""
    return replace(answer, suggestions=suggestions(answer, graph, kinds))


def masked_about(topic: Topic, settings: AskSettings) -> str:
    """A question in the words that are left, with `TOPIC_MARK` for the mention of a topic."""
    masked = topic.question.masked(topic.entity, TOPIC_MARK)
    return fewer_words(masked, settings.without_words)


def paths_about(scorer: StudentScorer, topic: Topic, settings: AskSettings) -> list[DecodedPath]:
    """The paths that a student says about a topic; none where the graph offers none."""
    if not scorer.leads_on(topic.entity):
        return []
    requests = [(masked_about(topic, settings), topic.entity)]
    (paths,) = predict_paths(scorer, requests, settings.decoding, settings.beams, settings.search)
    return [path for path in paths if path.relations]


def question_words(topic: Topic) -> tuple[str, ...]:
    """The words of a question in their normal form; what names the topic by its label."""
    masked = topic.question.masked(topic.entity, TOPIC_MARK)
    return tuple(topic.match.label if one == TOPIC_MARK else one for one in split_words(masked))


def best_first(predicted: StudentPrediction, topics: int = 1) -> list[tuple[PredictedPath, ...]]:
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
    naming: Naming, path: PredictedPath, predicted: StudentPrediction
) -> AnsweredPath:
    """A path for a reader: what it reaches, and its hops, each with its verdict.

    `reached` counts all that the path reaches, of which `answers` names the most probable.
    """
    there = set(path.answers)
    answers = [entity for entity, _ in predicted.answers if entity in there]
    verdict = check_walk(naming.graph, path.walk)
    return AnsweredPath(
        relations=path.walk.relations,
        probability=min(path.probability, 1.0),
        answers=tuple(naming.entity(answer) for answer in answers[:TOP_ENTITIES]),
        reached=len(answers),
        supported=verdict.supported,
        hops=judged_hops(naming, path.walk, verdict, answers[:1]),
    )


def searched_in_vain(naming: Naming, path: PredictedPath) -> LookedFor:
    """A path that ends in what the graph lacks, for a reader."""
    walk, relation = path.walk, looked_for(path.walk.relations)
    *hops, last = judged_hops(naming, walk, check_walk(naming.graph, walk), [])
    return LookedFor(
        topic=naming.entity(int(walk.frontiers[0][0])),
        hops=tuple(hops),
        at=last.head,
        relation=naming.claimed(relation) if relation else None,
        probability=min(path.probability, 1.0),
        verified=is_absent(naming.graph, walk),
    )


def likely_set(naming: Naming, predicted: StudentPrediction, level: Level) -> LikelySet:
    """The answers that hold a right one as often as a level says."""
    likely = likely_answers(predicted.answers, level.floor)
    return LikelySet(
        level=level.level,
        answers=tuple(naming.likely(*one) for one in likely[:MOST_ANSWERS]),
        size=len(likely),
        not_in_graph=predicted.missing > 0 and predicted.missing >= level.floor,
    )
