"""What teachers and students predict for a list of questions, in the one form that is scored."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

from core.answers.ear import Ear
from core.answers.student_scorer import StudentPosterior, StudentScorer
from core.answers.voting import SAID, Meeting, PredictedPath, meet, vote, worth_saying
from core.evaluation.paths import first_is_gold
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import PathTree, walk_path
from core.records import TOPIC_MARK, Prediction, Question, RelationPath, ScoredPath, looked_for
from core.report import Report, Silent
from core.student.decoding import DecodedPath, decode_paths
from core.student.language_model import Student
from core.student.posterior import likely_paths
from core.teacher.reasoning import ScoredQuestion, missing_paths, score_questions
from core.teacher.teachers import Teacher

BATCH = 32
"""Questions that a student answers at a time."""

Search = Literal["exact", "beam", "diverse", "sample"]

Counted = TypeVar("Counted", PredictedPath, Meeting)

SHOWN = 20
"""Most probable paths of a teacher that count as emitted."""


def teacher_predictions(
    teacher: Teacher, questions: Sequence[Question], report: Report
) -> list[Prediction]:
    """What a teacher predicts; nothing for a question whose topics are unknown or lead nowhere."""
    grower = teacher.grower()
    trees = [tree for grown in grower.grow_each(questions) for tree in grown]
    made: dict[str, Prediction] = {}
    for done, asked in enumerate(score_questions(teacher.scorer, trees)):
        if done % 50 == 0:
            report.check_stop()
            report.progress(done, len(questions), "questions")
        made[asked.trees[0].question.id] = teacher_prediction(teacher.graph, asked)
    return [made.get(q.id, Prediction(q.id, (), ())) for q in questions]


def teacher_prediction(graph: KnowledgeGraph, asked: ScoredQuestion) -> Prediction:
    """One question's prediction from its scored trees: exact answers, the best paths, what lacks.

    With several topics, a path of each follows another, as probable as their meeting.
    """
    entities, probabilities = asked.answers()
    answers = tuple(
        (graph.entity_id(e), float(p))
        for e, p in zip(entities, probabilities, strict=True)
        if p > 1e-6
    )
    if len(asked.scored) == 1:
        chance = asked.scored[0].path
        nodes: Ints = np.arange(len(chance))[:, None]
    else:
        nodes, chance = asked.meetings[0].nodes, asked.meetings[1] * (1 - asked.missing)
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
    lacking = [
        path
        for scored in asked.scored
        for path in missing_paths(graph, scored.tree, scored.missing).items()
    ]
    in_vain, _ = max(lacking, key=lambda path: path[1], default=((), 0.0))
    return Prediction(asked.trees[0].question.id, answers, paths, asked.missing, in_vain)


def student_predictions(
    student: Student,
    questions: Sequence[Question],
    decoding: str,
    beams: int,
    report: Report,
    linker: Linker | None = None,
    search: Search = "exact",
    ear: Ear | None = None,
) -> list[Prediction]:
    """What a student predicts; see `scored_predictions`."""
    scorer = StudentScorer(student, linker or Linker(student.graph), ear)
    return scored_predictions(scorer, questions, decoding, beams, report, search)


def scored_predictions(
    scorer: StudentScorer,
    questions: Sequence[Question],
    decoding: str,
    beams: int,
    report: Report,
    search: Search = "exact",
) -> list[Prediction]:
    """What a student predicts; nothing for questions whose topics have no edges or are none.

    Args:
        scorer: The student.
        questions: What it is asked.
        decoding: `constrained` or `free`.
        beams: See `decode_paths`.
        report: Can stop it.
        search: See `predict_paths`.
    """
    graph = scorer.student.graph
    found: dict[str, Prediction] = {}
    for begin in range(0, len(questions), BATCH):
        report.check_stop()
        report.progress(begin, len(questions), "questions")
        scorer.make_room()
        able = _able(scorer, questions[begin : begin + BATCH])
        requests = [
            (linked.masked(topic, TOPIC_MARK), topic)
            for question, known in able
            for linked in [scorer.linker.read(question.text)]
            for topic in known
        ]
        predicted = iter(predict_paths(scorer, requests, decoding, beams, search))
        for question, known in able:
            paths = [(topic, next(predicted)) for topic in known]
            made = student_prediction(graph, paths)
            found[question.id] = made.as_prediction(graph, question.id)
    report.progress(len(questions), max(len(questions), 1), "questions")
    return [found.get(q.id, Prediction(q.id, (), ())) for q in questions]


def predict_paths(
    scorer: StudentScorer,
    requests: Sequence[tuple[str, int]],
    decoding: str,
    beams: int,
    search: Search,
) -> list[list[DecodedPath]]:
    """The paths that a student says to each of some masked texts about a topic.

    Args:
        scorer: The student.
        requests: Masked texts, each with its topic.
        decoding: `constrained` or `free`.
        beams: See `decode_paths`.
        search: `exact` takes the posterior over all paths where the topic's tree can be grown
            whole; where it cannot, and in free decoding, the best paths are searched for.
    """
    student = scorer.student
    bound = decoding == "constrained"
    found: dict[int, list[DecodedPath]] = {}
    if bound and search == "exact":
        for number, (text, topic) in enumerate(requests):
            spelled = scorer.spelled(topic)
            if spelled is not None:
                posterior = scorer.posterior(text, spelled)
                found[number] = weighed_paths(student.graph, spelled.tree, posterior)
    left = [number for number in range(len(requests)) if number not in found]
    if left:
        texts = [requests[number][0] for number in left]
        tries = [scorer.trie(requests[number][1]) for number in left] if bound else None
        way = "beam" if search == "exact" else search
        spoken = decode_paths(student.model, student.speller, texts, beams, tries, way)
        found |= dict(zip(left, spoken, strict=True))
    return [found[number] for number in range(len(requests))]


def weighed_paths(
    graph: KnowledgeGraph, tree: PathTree, posterior: StudentPosterior
) -> list[DecodedPath]:
    """The likely paths of a whole posterior, and those that end in what the graph lacks."""
    likely = likely_paths(graph, tree, posterior.path, SAID)
    likely += missing_paths(graph, tree, posterior.missing).items()
    return [DecodedPath(*one) for one in likely]


def _able(scorer: StudentScorer, questions: Sequence[Question]) -> list[tuple[Question, list[int]]]:
    """Questions whose topics all lead somewhere, with them."""
    able = []
    for question in questions:
        found = [scorer.student.graph.find_entity(topic) for topic in question.topics]
        known = [topic for topic in found if topic is not None]
        if known and len(known) == len(found) and all(map(scorer.leads_on, known)):
            able.append((question, known))
    return able


@dataclass(frozen=True, eq=False)
class StudentPrediction:
    """What a student says to one question, in entity numbers; see `Prediction`.

    Attributes:
        looked_for: As far as the graph follows it; None if nothing is looked for in vain.
    """

    answers: tuple[tuple[int, float], ...]
    paths: tuple[PredictedPath, ...]
    missing: float
    looked_for: PredictedPath | None

    def as_prediction(self, graph: KnowledgeGraph, question: str) -> Prediction:
        """The same by the ids of the graph."""
        answers = tuple((graph.entity_id(entity), chance) for entity, chance in self.answers)
        paths = tuple(
            ScoredPath(p.walk.relations, p.probability, tuple(map(graph.entity_id, p.answers)))
            for p in self.paths
        )
        lacking = self.looked_for.walk.relations if self.looked_for else ()
        return Prediction(question, answers, paths, self.missing, lacking)


def student_prediction(
    graph: KnowledgeGraph, said: Sequence[tuple[int, Sequence[DecodedPath]]]
) -> StudentPrediction:
    """Walk each path once, and let them vote for the entities that they reach.

    With several topics, their meetings vote; a path of each topic follows another, as probable as
    their meeting. The graph says what is asked only if it does about each of them.

    Args:
        graph: Where the paths lead.
        said: Each topic of the question with the paths said about it.
    """
    lacking = [(topic, p) for topic, paths in said for p in paths if _lacks(p)]
    best = max(lacking, key=lambda one: one[1].probability, default=None)
    in_vain = None if best is None else _walked(graph, *best)
    there = math.prod(1 - min(sum(p.probability for p in paths if _lacks(p)), 1.0)
                      for _, paths in said)  # fmt: skip
    walked = [[_walked(graph, topic, p) for p in paths if not _lacks(p)] for topic, paths in said]
    if len(said) == 1:
        alone = tuple(_counted(walked[0]))
        return StudentPrediction(vote(alone, graph.entity_id), alone, 1 - there, in_vain)
    meetings = _counted([replace(m, probability=there * m.probability) for m in meet(walked)])
    together = tuple(replace(path, probability=m.probability) for m in meetings for path in m.paths)
    return StudentPrediction(vote(meetings, graph.entity_id), together, 1 - there, in_vain)


def _lacks(path: DecodedPath) -> bool:
    """Whether a path ends in what the graph lacks."""
    return looked_for(path.relations) is not None


def _walked(graph: KnowledgeGraph, topic: int, path: DecodedPath) -> PredictedPath:
    return PredictedPath(walk_path(graph, topic, path.relations), path.probability)


def _counted(said: Sequence[Counted]) -> list[Counted]:
    counts = worth_saying([one.probability for one in said])
    return [one for one, counted in zip(said, counts, strict=True) if counted]


def execute(graph: KnowledgeGraph, topic: int, path: RelationPath) -> tuple[str, ...]:
    """Entities that a relation path reaches; none where it leaves the graph."""
    return tuple(map(graph.entity_id, walk_path(graph, topic, path).ends))


def dev_judge(
    student: Student, dev: Sequence[Question], linker: Linker, report: Report
) -> Callable[[], Mapping[str, float]]:
    """A function that scores the student as it is now: greedy constrained path accuracy on dev."""

    def judge() -> Mapping[str, float]:
        if not dev:
            return {}
        student.model.eval()
        predicted = student_predictions(
            student, dev, "constrained", 1, _Quiet(report), linker, "beam"
        )
        student.model.train()
        right = [first_is_gold(q, p) for q, p in zip(dev, predicted, strict=True)]
        return {"distil/dev_path_exact_match": float(np.mean(right))}

    return judge


class _Quiet(Silent):
    """A report that only passes on the wish to stop."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def check_stop(self) -> None:
        """Stop where that one is asked to."""
        self._report.check_stop()
