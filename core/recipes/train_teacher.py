"""Train a teacher: grow the questions' trees, fit the policy, publish it with its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from core.answers.predictions import teacher_prediction
from core.errors import FormatError
from core.evaluation.certainty import AT_MOST, measure_certainty
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape
from core.messages import Message
from core.pretrained.embedders import UNIVERSAL, is_here, load_embedder
from core.questions.question_sets import QuestionSet, load_questions
from core.recipes.tree_shape import choose_shape
from core.recipes.watched_questions import watch_teacher
from core.records import Question
from core.report import Report
from core.results.teacher import LearnedCounts, TrainedTeacher
from core.settings import TeacherSettings
from core.teacher.calibration import calibrate
from core.teacher.contrastive import fine_tune
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.question_trees import (
    QuestionCounts,
    QuestionTree,
    TreeGrower,
    first_questions,
)
from core.teacher.reasoning import Scorer, score_questions
from core.teacher.spoken_paths import SpokenPaths
from core.teacher.teachers import save_teacher
from core.teacher.text_vectors import open_text_vectors
from core.teacher.training import fit, pick_device
from core.teacher.tuned_encoder import heard_questions, save_tuned, tuned_vectors
from core.teacher.variations import with_unanswerable
from core.workspace import Workspace

LEARNED_WORDINGS = 7
"""Wordings of a training question from which it is learned how paths are asked for."""


def run(settings: TeacherSettings, report: Report, workspace: Workspace) -> TrainedTeacher:
    """Train a teacher into `teachers/<name>/`.

    Raises:
        NotFound: If the graph or the questions do not exist.
        FormatError: If the questions belong to another graph, or none can teach.
    """
    report.stage("teacher")
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    questions = load_questions(workspace, settings.questions)
    check_same_graph(graph, questions)
    torch.manual_seed(settings.seed)
    encoder = encoder_of(settings, workspace)
    policy = PathPolicy(
        graph, settings.width, settings.message_passing, absence=True, spoken=bool(encoder)
    ).to(pick_device(settings.device))
    with workspace.publish("teachers", settings.name, replace=settings.replace) as folder:
        train, dev = questions.part("train"), questions.part("dev")
        shape = choose_shape(graph, told(train, settings), settings)
        grower = TreeGrower(graph, Linker(graph), shape, policy.relation_words, absence=True)
        if encoder:
            spoken = listening(encoder, grower, train, settings, report, workspace, folder)
            grower = grower.hearing(spoken)
        report.progress(0, settings.epochs, "growing trees")
        gold = settings.supervision != "answers"
        judges = with_unanswerable(grow_all(grower, dev, report), grower, gold=gold)
        # Only trees that are judged are asked for answers.
        trees = grow_all(grower, train, report, frontiers=not judges)
        counts = asdict(grower.counts)
        if counts["unknown_topic"] or counts["nothing_around"]:
            report.event("warning", message=f"Some questions cannot be used: {counts}.")
        say_lost_gold(grower.counts, shape, settings, report)
        watch = watch_teacher(report.folder, questions, settings.seed, grower)
        fitted = fit(policy, trees, judges, settings, report, grower, watch)
        if grower.spoken is not None:
            grower.spoken.save()
        held_out = judges or with_unanswerable(trees, grower, gold=gold)
        calibrated = calibrate(policy, held_out, settings.precision)
        watch(fitted.steps, policy)  # what was kept, as it will answer
        result = TrainedTeacher(
            name=settings.name,
            graph=graph.name,
            questions=questions.name,
            hops=shape.hops,
            directions=shape.directions,
            **asdict(fitted),
            calibration=calibrated,
            retrieval_ceiling=1 - counts["unreachable"] / max(counts["used"], 1),
            counts=LearnedCounts(**counts, relations_without_label=unlabelled(graph)),
        )
        card = {
            "name": settings.name,
            "kind": "policy",
            "graph": graph.name,
            "graph_hash": graph.hash,
            "questions": questions.name,
            "hops": shape.hops,
            "directions": shape.directions,
            "absence": True,
            "encoder": encoder,
            "certainty": certainty_of(graph, PolicyScorer(policy, graph, shape), held_out),
            "settings": settings.model_dump(),
            "result": result.as_record(),
        }
        save_teacher(folder, shape, card, policy)
    return result


def told(train: Sequence[Question], settings: TeacherSettings) -> list[Question]:
    """The training questions with what a teacher may know of them: gold paths or answers alone."""
    if settings.supervision != "answers":
        return list(train)
    return [replace(one, paths=()) if one.answerable else one for one in train]


def say_lost_gold(
    counts: QuestionCounts, shape: TreeShape, settings: TeacherSettings, report: Report
) -> None:
    """Warn of gold paths that the trees do not hold.

    Raises:
        FormatError: If there is nothing but gold paths to learn from and all are lost.
    """
    if not counts.gold_missing:
        return
    lost = Message(
        "Of {gold} gold paths {lost} do not exist in trees of {hops} hops ({directions}).",
        gold=counts.gold,
        lost=counts.gold_missing,
        hops=shape.hops,
        directions=shape.directions,
    )
    if settings.supervision == "paths" and counts.gold_missing == counts.gold:
        raise FormatError(
            "No gold path can teach. {lost} Allow longer paths or both directions, or learn from "
            "the answers too.",
            lost=lost,
        )
    report.event("warning", message=str(lost))


def certainty_of(
    graph: KnowledgeGraph, scorer: Scorer, held_out: Sequence[QuestionTree]
) -> dict[str, Any] | None:
    """How far a teacher's probabilities can be believed, as its card keeps it."""
    asked = list(score_questions(scorer, first_questions(list(held_out), AT_MOST)))
    predicted = [teacher_prediction(graph, one) for one in asked]
    measured = measure_certainty([one.trees[0].question for one in asked], predicted)
    return None if measured is None else measured.as_record()


def listening(
    encoder: str,
    grower: TreeGrower,
    train: Sequence[Question],
    settings: TeacherSettings,
    report: Report,
    workspace: Workspace,
    folder: Path,
) -> SpokenPaths:
    """The graph's paths in words, and an encoder that has learned from the training questions.

    What it has learned, and how the questions ask for paths, is written into the teacher's folder.
    """
    embedder = load_embedder(encoder, workspace.root / "models")
    unheard = SpokenPaths(grower.graph, open_text_vectors(workspace, encoder))
    heard = heard_questions(grow_all(grower, train, report))

    def watch(done: int) -> None:
        report.check_stop()
        report.progress(done, max(settings.encoder_epochs, 1), "the encoder learns")

    watch(0)
    if heard and settings.encoder_epochs:
        fine_tune(
            embedder,
            unheard,
            heard,
            epochs=settings.encoder_epochs,
            seed=settings.seed,
            watch=watch,
        )
    save_tuned(folder, embedder)
    spoken = SpokenPaths(grower.graph, tuned_vectors(workspace, encoder, folder, embedder))
    spoken.learn([replace(one, texts=one.texts[:LEARNED_WORDINGS]) for one in heard], settings.seed)
    if spoken.prototypes is not None and spoken.log_linear is not None:
        spoken.prototypes.save(folder)
        spoken.log_linear.save(folder)
    return spoken


def encoder_of(settings: TeacherSettings, workspace: Workspace) -> str:
    """The text encoder that a teacher listens with; empty for none."""
    if settings.encoder != "auto":
        return settings.encoder
    return UNIVERSAL if is_here(UNIVERSAL, workspace.root / "models") else ""


def unlabelled(graph: KnowledgeGraph) -> int:
    """Relations with a label in no language: their ids are read instead."""
    columns = [graph.column("relations", f"label:{language}") for language in graph.languages]
    rows = zip(*(column.to_pylist() for column in columns if column is not None), strict=True)
    return sum(not any(row) for row in rows) if columns else graph.relation_count


def check_same_graph(graph: KnowledgeGraph, questions: QuestionSet) -> None:
    """Refuse questions that were tied to another graph.

    Raises:
        FormatError: If they were.
    """
    if questions.graph_hash != graph.hash:
        raise FormatError(
            "The questions {questions!r} were tied to graph {before!r} as it was, "
            "not to {graph!r} as it is now; import them again for this graph.",
            questions=questions.name,
            before=questions.graph,
            graph=graph.name,
        )


def grow_all(
    grower: TreeGrower, questions: Sequence[Question], report: Report, *, frontiers: bool = True
) -> list[QuestionTree]:
    """Trees of all questions that have any, in order; the grower's counts counts the others.

    Args:
        grower: What grows them.
        questions: Those about one topic are grown one after the other, so its tree is grown once.
        report: Can stop it.
        frontiers: Whether the trees keep their frontiers, which take most of the memory.
    """
    grown: list[tuple[QuestionTree, ...]] = [()] * len(questions)
    order = sorted(range(len(questions)), key=lambda nth: questions[nth].topics)
    made = grower.grow_each([questions[nth] for nth in order])
    for nth, trees in zip(order, made, strict=True):
        report.check_stop()
        grown[nth] = trees if frontiers else tuple(tree.without_frontiers() for tree in trees)
    return [tree for trees in grown for tree in trees]
