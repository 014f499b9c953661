"""What teachers and students predict for a list of questions, in the one form that is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import PathTree, follow_path, grow_tree, relation_codes
from core.records import Prediction, Question, RelationPath, ScoredPath
from core.report import Report
from core.student.decoding import SpokenPath, speak
from core.student.language_model import Student
from core.student.path_trie import graph_trie
from core.student.prompts import MASK
from core.teacher.labelling import score_trees
from core.teacher.reasoning import ScoredTree
from core.teacher.teachers import Teacher

BATCH = 32
"""Questions that a student answers at a time."""

SAID = 0.01
"""A spoken path counts if it is at least this probable beside the best one."""

SHOWN = 20
"""Most probable paths of a teacher that count as emitted."""


def teacher_predictions(
    teacher: Teacher, questions: Sequence[Question], report: Report
) -> list[Prediction]:
    """What a teacher predicts; nothing for a question with several topics or no edges."""
    grower = teacher.grower()
    trees = {q.id: tree for q in questions if (tree := grower.grow(q)) is not None}
    scored = dict(zip(trees, score_trees(teacher.policy, list(trees.values())), strict=True))
    predictions = []
    for done, question in enumerate(questions):
        if done % 50 == 0:
            report.check_stop()
            report.progress(done, len(questions), "questions")
        tree = scored.get(question.id)
        predictions.append(
            Prediction(question.id, (), ())
            if tree is None
            else teacher_prediction(teacher.graph, question.id, tree)
        )
    return predictions


def teacher_prediction(graph: KnowledgeGraph, question: str, scored: ScoredTree) -> Prediction:
    """One question's prediction from its scored tree: exact answers, the best paths."""
    entities, probabilities = scored.answers()
    answers = tuple(
        (graph.entity_id(e), float(p))
        for e, p in zip(entities, probabilities, strict=True)
        if p > 1e-6
    )
    best = [
        int(node)
        for node in np.argsort(-scored.path, kind="stable")[:SHOWN]
        if scored.path[node] > 1e-6
    ]
    paths = tuple(
        ScoredPath(
            tuple(graph.relation_id(code) for code in scored.tree.prefix(node)),
            float(scored.path[node]),
            tuple(graph.entity_id(e) for e in scored.tree.frontier(node)),
        )
        for node in best
    )
    return Prediction(question, answers, paths)


def student_predictions(
    student: Student,
    questions: Sequence[Question],
    decoding: str,
    beams: int,
    report: Report,
    linker: Linker | None = None,
) -> list[Prediction]:
    """What a student predicts; nothing for questions whose topic has no edges or is not one."""
    linker = linker or Linker(student.graph)
    trees: dict[int, PathTree] = {}
    able = []
    for question in questions:
        topic = student.graph.find_entity(question.topics[0]) if len(question.topics) == 1 else None
        if topic is not None:
            if topic not in trees:
                trees[topic] = grow_tree(student.graph, topic, student.shape)
            if len(trees[topic]) > 1:
                able.append((question, topic))
    found: dict[str, Prediction] = {}
    for begin in range(0, len(able), BATCH):
        report.check_stop()
        report.progress(begin, len(able), "questions")
        chosen = able[begin : begin + BATCH]
        tries = None
        if decoding == "constrained":
            tries = [
                graph_trie(student.graph, trees[topic], student.speller) for _, topic in chosen
            ]
        texts = [mask(linker, question.text, topic, MASK) for question, topic in chosen]
        spoken = speak(student.model, student.speller, texts, beams, tries)
        for (question, topic), paths in zip(chosen, spoken, strict=True):
            found[question.id] = student_prediction(student.graph, question.id, topic, paths)
    report.progress(len(able), max(len(able), 1), "questions")
    return [found.get(q.id, Prediction(q.id, (), ())) for q in questions]


def student_prediction(
    graph: KnowledgeGraph, question: str, topic: int, spoken: Sequence[SpokenPath]
) -> Prediction:
    """Execute spoken paths on the graph and sum their probabilities over the entities they reach.

    Beams far less probable than the best are what search had to keep, not what the student says.
    """
    floor = SAID * max((each.probability for each in spoken), default=0.0)
    paths = tuple(
        ScoredPath(each.relations, each.probability, execute(graph, topic, each.relations))
        for each in spoken
        if each.probability >= floor
    )
    total: dict[str, float] = {}
    for path in paths:
        for entity in path.answers:
            total[entity] = total.get(entity, 0.0) + path.probability
    answers = tuple(sorted(total.items(), key=lambda item: (-item[1], item[0])))
    return Prediction(question, answers, paths)


def execute(graph: KnowledgeGraph, topic: int, path: RelationPath) -> tuple[str, ...]:
    """Entities that a relation path reaches; none where it leaves the graph."""
    codes = relation_codes(graph, path)
    if not codes:
        return ()
    frontiers = follow_path(graph, topic, codes)
    if len(frontiers) <= len(codes):
        return ()
    return tuple(graph.entity_id(entity) for entity in frontiers[-1])


def dev_judge(
    student: Student, dev: Sequence[Question], linker: Linker, report: Report
) -> Callable[[], Mapping[str, float]]:
    """A function that scores the student as it is now: greedy constrained path accuracy on dev."""

    def judge() -> Mapping[str, float]:
        if not dev:
            return {}
        student.model.eval()
        predicted = student_predictions(student, dev, "constrained", 1, _Quiet(report), linker)
        student.model.train()
        right = [
            bool(p.paths) and p.paths[0].relations in q.paths
            for q, p in zip(dev, predicted, strict=True)
        ]
        return {"distil/dev_path_exact_match": float(np.mean(right))}

    return judge


class _Quiet:
    """A report that only passes on the wish to stop."""

    def __init__(self, report: Report) -> None:
        self.check_stop = report.check_stop

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Not the progress that anybody is waiting for."""
