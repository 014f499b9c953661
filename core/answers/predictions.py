"""What teachers and students predict for a list of questions, in the one form that is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeVar

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import follow_path, relation_codes
from core.records import TOPIC_MARK, Prediction, Question, RelationPath, ScoredPath
from core.report import Report
from core.student.decoding import DecodedPath, decode_paths
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student
from core.student.posterior import SpelledTree, likely_paths, path_posterior, spelled_tree
from core.student.voting import SAID, Meeting, meet, vote, worth_saying
from core.teacher.reasoning import ScoredQuestion, score_questions
from core.teacher.teachers import Teacher

BATCH = 32
"""Questions that a student answers at a time."""

Search = Literal["exact", "beam", "diverse", "sample"]

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
    search: Search = "exact",
) -> list[Prediction]:
    """What a student predicts; nothing for questions whose topic has no edges or is not one."""
    linker = linker or Linker(student.graph)
    found: dict[str, Prediction] = {}
    topics = Topics(student)
    for begin in range(0, len(questions), BATCH):
        report.check_stop()
        report.progress(begin, len(questions), "questions")
        topics.make_room()
        able = _able(topics, questions[begin : begin + BATCH])
        asked = [
            (mask(linker, question.text, topic, TOPIC_MARK), topic)
            for question, known in able
            for topic in known
        ]
        spoken = iter(said(topics, asked, decoding, beams, search))
        for question, known in able:
            paths = [(topic, next(spoken)) for topic in known]
            found[question.id] = student_prediction(student.graph, question.id, paths)
    report.progress(len(questions), max(len(questions), 1), "questions")
    return [found.get(q.id, Prediction(q.id, (), ())) for q in questions]


class Topics:
    """What a student may say about topics, kept for further questions about them."""

    def __init__(self, student: Student) -> None:
        self.student = student
        self._tries: dict[int, GraphTrie] = {}
        self._trees: dict[int, SpelledTree | None] = {}

    def make_room(self) -> None:
        """Forget those that came first where there are too many."""
        for kept in (self._tries, self._trees):
            while len(kept) > TOPICS:
                del kept[next(iter(kept))]

    def lead_on(self, topic: int) -> bool:
        """Whether any relation leaves a topic."""
        return bool(self.trie(topic).following(0))

    def trie(self, topic: int) -> GraphTrie:
        """The paths around a topic as a trie that grows as it is walked."""
        if topic not in self._tries:
            one = self.student
            self._tries[topic] = GraphTrie(one.graph, topic, one.shape, one.speller)
        return self._tries[topic]

    def tree(self, topic: int) -> SpelledTree | None:
        """All paths around a topic; None where they are too many."""
        if topic not in self._trees:
            one = self.student
            self._trees[topic] = spelled_tree(one.graph, topic, one.shape, one.speller)
        return self._trees[topic]


def said(
    topics: Topics,
    asked: Sequence[tuple[str, int]],
    decoding: str,
    beams: int,
    search: Search,
) -> list[list[DecodedPath]]:
    """The paths that a student says to each of some masked texts about a topic.

    Args:
        topics: What it may say.
        asked: Texts, each with its topic.
        decoding: `constrained` or `free`.
        beams: See `speak`.
        search: `exact` takes the posterior over all paths where the topic's tree can be grown
            whole; where it cannot, and in free decoding, the best paths are searched for.
    """
    student = topics.student
    bound = decoding == "constrained"
    found: dict[int, list[DecodedPath]] = {}
    if bound and search == "exact":
        for number, (text, topic) in enumerate(asked):
            spelled = topics.tree(topic)
            if spelled is not None:
                posterior = path_posterior(student.model, student.speller.prompt(text), spelled)
                likely = likely_paths(student.graph, spelled.tree, posterior, SAID)
                found[number] = [DecodedPath(*one) for one in likely]
    left = [number for number in range(len(asked)) if number not in found]
    if left:
        texts = [asked[number][0] for number in left]
        tries = [topics.trie(asked[number][1]) for number in left] if bound else None
        way = "beam" if search == "exact" else search
        spoken = decode_paths(student.model, student.speller, texts, beams, tries, way)
        found |= dict(zip(left, spoken, strict=True))
    return [found[number] for number in range(len(asked))]


def _able(topics: Topics, questions: Sequence[Question]) -> list[tuple[Question, list[int]]]:
    """Questions whose topics all lead somewhere, with them."""
    able = []
    for question in questions:
        found = [topics.student.graph.find_entity(topic) for topic in question.topics]
        known = [topic for topic in found if topic is not None]
        if known and len(known) == len(found) and all(map(topics.lead_on, known)):
            able.append((question, known))
    return able


def student_prediction(
    graph: KnowledgeGraph, question: str, spoken: Sequence[tuple[int, Sequence[DecodedPath]]]
) -> Prediction:
    """Execute spoken paths on the graph and let them vote for the entities that they reach.

    With several topics, their meetings vote; a path of each topic follows another, as probable as
    their meeting.

    Args:
        graph: Where the paths lead.
        question: Its id.
        spoken: Each topic of the question with the paths spoken about it.
    """
    executed = [
        [ScoredPath(p.relations, p.probability, execute(graph, t, p.relations)) for p in paths]
        for t, paths in spoken
    ]
    if len(spoken) == 1:
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
        predicted = student_predictions(
            student, dev, "constrained", 1, _Quiet(report), linker, "beam"
        )
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
