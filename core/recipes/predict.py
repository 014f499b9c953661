"""What teachers and students predict for a list of questions, in the one form that is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import follow_path, relation_codes
from core.records import Prediction, Question, RelationPath, ScoredPath
from core.report import Report
from core.student.decoding import Search, SpokenPath, speak
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student
from core.student.prompts import MASK
from core.student.voting import Meeting, meet, vote, worth_saying
from core.teacher.reasoning import ScoredQuestion, score_questions
from core.teacher.teachers import Teacher

BATCH = 32
"""Questions that a student answers at a time."""

Said = TypeVar("Said", ScoredPath, Meeting)

TOPICS = 100
"""Topics around which the graph is kept as a trie, for further questions about them."""

SHOWN = 20
"""Most probable paths of a teacher that count as emitted."""


def teacher_predictions(
    teacher: Teacher, questions: Sequence[Question], report: Report
) -> list[Prediction]:
    """What a teacher predicts; nothing for a question whose topics are unknown or lead nowhere."""
    grower = teacher.grower()
    trees = [tree for question in questions for tree in grower.grow(question)]
    made: dict[str, Prediction] = {}
    for done, asked in enumerate(score_questions(teacher.scorer, trees)):
        if done % 50 == 0:
            report.check_stop()
            report.progress(done, len(questions), "questions")
        made[asked.trees[0].question.id] = teacher_prediction(teacher.graph, asked)
    return [made.get(q.id, Prediction(q.id, (), ())) for q in questions]


def teacher_prediction(graph: KnowledgeGraph, asked: ScoredQuestion) -> Prediction:
    """One question's prediction from its scored trees: exact answers, the best paths.

    With several topics, a path of each follows another, as probable as their meeting.
    """
    entities, probabilities = asked.answers()
    answers = tuple(
        (graph.entity_id(e), float(p))
        for e, p in zip(entities, probabilities, strict=True)
        if p > 1e-6
    )
    if len(asked.scored) == 1:
        nodes, chance = np.arange(len(asked.scored[0].path))[:, None], asked.scored[0].path
    else:
        nodes, chance = asked.meetings[0].nodes, asked.meetings[1]
    paths = tuple(
        ScoredPath(
            tuple(graph.relation_id(code) for code in scored.tree.prefix(node)),
            float(chance[row]),
            tuple(graph.entity_id(e) for e in scored.tree.frontier(node)),
        )
        for row in np.argsort(-chance, kind="stable")[:SHOWN]
        if chance[row] > 1e-6
        for scored, node in zip(asked.scored, nodes[row].tolist(), strict=True)
    )
    return Prediction(asked.trees[0].question.id, answers, paths)


def student_predictions(
    student: Student,
    questions: Sequence[Question],
    decoding: str,
    beams: int,
    report: Report,
    linker: Linker | None = None,
    search: Search = "beam",
) -> list[Prediction]:
    """What a student predicts; nothing for questions whose topic has no edges or is not one."""
    linker = linker or Linker(student.graph)
    found: dict[str, Prediction] = {}
    tries: dict[int, GraphTrie] = {}
    for begin in range(0, len(questions), BATCH):
        report.check_stop()
        report.progress(begin, len(questions), "questions")
        able = _able(student, questions[begin : begin + BATCH], tries)
        if not able:
            continue
        asked = [(question, topic) for question, topics in able for topic in topics]
        texts = [mask(linker, question.text, topic, MASK) for question, topic in asked]
        allowed = [tries[topic] for _, topic in asked] if decoding == "constrained" else None
        spoken = iter(speak(student.model, student.speller, texts, beams, allowed, search))
        for question, topics in able:
            said = [(topic, next(spoken)) for topic in topics]
            found[question.id] = student_prediction(student.graph, question.id, said)
    report.progress(len(questions), max(len(questions), 1), "questions")
    return [found.get(q.id, Prediction(q.id, (), ())) for q in questions]


def _able(
    student: Student, questions: Sequence[Question], tries: dict[int, GraphTrie]
) -> list[tuple[Question, list[int]]]:
    """Questions whose topics all lead somewhere, with them.

    Args:
        student: Who will speak.
        questions: Those of a batch.
        tries: What may be said about each topic; those of the questions are added, others go where
            they are too many.
    """
    able = []
    while len(tries) > TOPICS:
        del tries[next(iter(tries))]  # the one that was grown first
    for question in questions:
        topics = [student.graph.find_entity(topic) for topic in question.topics]
        known = [topic for topic in topics if topic is not None]
        for topic in known:
            if topic not in tries:
                tries[topic] = GraphTrie(student.graph, topic, student.shape, student.speller)
        if known and len(known) == len(topics) and all(tries[t].following(0) for t in known):
            able.append((question, known))
    return able


def student_prediction(
    graph: KnowledgeGraph, question: str, said: Sequence[tuple[int, Sequence[SpokenPath]]]
) -> Prediction:
    """Execute spoken paths on the graph and let them vote for the entities that they reach.

    With several topics, their meetings vote; a path of each topic follows another, as probable as
    their meeting.

    Args:
        graph: Where the paths lead.
        question: Its id.
        said: Each topic of the question with the paths spoken about it.
    """
    executed = [
        [ScoredPath(p.relations, p.probability, execute(graph, t, p.relations)) for p in spoken]
        for t, spoken in said
    ]
    if len(said) == 1:
        paths = tuple(_worthy(executed[0]))
        return Prediction(question, vote(paths), paths)
    meetings = _worthy(meet(executed))
    paths = tuple(
        replace(path, probability=one.probability) for one in meetings for path in one.paths
    )
    return Prediction(question, vote(meetings), paths)


def _worthy(said: Sequence[Said]) -> list[Said]:
    counts = worth_saying([one.probability for one in said])
    return [one for one, counted in zip(said, counts, strict=True) if counted]


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
