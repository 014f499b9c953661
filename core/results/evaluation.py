"""How well a teacher, a student or a baseline does on a part of a question set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.results.record import Record

Level = Literal["iid", "compositional", "zero-shot"]

LEVELS: tuple[Level, ...] = ("iid", "compositional", "zero-shot")
"""How far questions are from what was learned from, nearest first; see `core.questions.levels`."""


@dataclass(frozen=True)
class LevelScore(Record):
    """Questions of one level; those that the graph cannot answer are not counted.

    Attributes:
        level: `iid`, `compositional` or `zero-shot`.
        questions: How many there are; at least one.
        hits_at_1: Share of them whose top answer is right.
    """

    level: Level
    questions: int
    hits_at_1: float


@dataclass(frozen=True)
class PartScore(Record):
    """Questions that have something in common; those that the graph cannot answer are not counted.

    Attributes:
        part: A language, or the hops of the shortest gold path.
        questions: How many there are; at least one.
        hits_at_1: Share of them whose top answer is right.
    """

    part: str
    questions: int
    hits_at_1: float


@dataclass(frozen=True)
class ReliabilityBin(Record):
    """Questions of like confidence: one bar of a reliability plot.

    Attributes:
        low: Confidences above this (the first bin holds 0 as well) ...
        high: ... up to and including this.
        count: Questions in the bin; at least one.
        confidence: Their mean confidence.
        accuracy: Their mean correctness.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class LikelySets(Record):
    """The sets of likely answers at one level; see `core.evaluation.conformal`.

    Attributes:
        level: Share of the questions whose set should hold a right answer.
        coverage: Share of those whose set does. That the graph does not say is the right answer
            where there is none.
        size: Mean size of a set over the number of right answers (1 where there is none), so that
            1 is as small as can be.
    """

    level: float
    coverage: float
    size: float


@dataclass(frozen=True, kw_only=True)
class Honesty(Record):
    """Whether what the graph does not say is known; see `core.evaluation.honesty`.

    Attributes:
        unanswerable: How many of the questions have no answer in the graph.
        unanswerable_answered: Share of them that are answered; None where there are none.
        answerable_refused: Share of the others that are not; None where there are none.
        wrong_and_sure: Share of all questions whose best answer is wrong and more than half sure.
        auroc: How well the best answer's probability tells those that are answered rightly from
            those without an answer; None where there are none of either.
    """

    unanswerable: int
    unanswerable_answered: float | None
    answerable_refused: float | None
    wrong_and_sure: float
    auroc: float | None


@dataclass(frozen=True, kw_only=True)
class WrongHop(Record):
    """Questions whose first path leaves every gold path at one hop.

    Attributes:
        hop: From 1 on.
        questions: How many.
        examples: The ids of the first of them.
    """

    hop: int
    questions: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Decisions(Record):
    """What is said to the questions; see `core.answers.decision`.

    Attributes:
        answered: Share of them that are answered.
        unsure: Share to which neither an answer nor a no is said for certain.
        refused: Share of which it is said that the graph does not say.
        precision: Share of the answered whose best answer is right; None where none is answered.
    """

    answered: float
    unsure: float
    refused: float
    precision: float | None


@dataclass(frozen=True, kw_only=True)
class Scores(Record):
    """Shares in [0, 1], averaged over questions unless said otherwise.

    Hits, F1 and their like are of the questions that have an answer.

    Attributes:
        hits_at_1: The top answer is right; ties count in expectation.
        hit: Any predicted answer is right.
        f1: Macro-F1 of the predicted answers.
        path_exact_match: The first path is a gold path, over questions that have gold paths; None
            where none has.
        path_validity: Emitted paths that run in the graph, over all emitted paths.
        faithfulness: Right answers that an emitted, existing path ends in, over all right answers.
        ece: Expected calibration error of the top answer's probability.
        questions: How many questions were scored.
    """

    hits_at_1: float
    hit: float
    f1: float
    path_exact_match: float | None
    path_validity: float
    faithfulness: float
    ece: float
    questions: int


SHOWN = ("hits_at_1", "f1", "path_exact_match", "path_validity", "faithfulness")
"""The scores that stand in tables, in their order."""


@dataclass(frozen=True, kw_only=True)
class Evaluation(Scores):
    """The scores of one model, kept in `evaluations/<name>/evaluation.json`.

    Attributes:
        kind: `student`, `teacher` or `baseline`.
        decoding: `constrained` or `free`; `exact` of a teacher and a baseline.
        search: How a student's paths were found; see `EvaluateSettings.search`.
        heard: Whether a student listened with its teacher's text encoder.
        question_set: Name of the questions.
        split: The part of them: `train`, `dev` or `test`.
        split_kind: How they were split: `grouped`, `random`, `levels` or `given`.
        reliability: How far the top answer's probability can be believed.
        honesty: Whether it knows what the graph does not say; None in records of before.
        likely_sets: Whether its sets of likely answers hold what they promise, by level; none where
            the model was never measured on held-out questions.
        seconds: That all of it took, with opening the model.
        answering: Seconds that the answers took alone; None in records of before.
        levels: Hits@1 by level, over the answerable questions whose gold path is told.
        hops: The same by the hops of the shortest gold path; none in records of before.
        languages: Hits@1 of the answerable questions by language; none in records of before.
        decisions: What was said to the questions; None in records of before.
        wrong_hops: Where the first paths go wrong, over the questions about one topic whose gold
            paths are told; None in records of before.
    """

    model: str
    kind: str
    decoding: str
    search: str = "exact"
    heard: bool = False
    question_set: str
    split: str
    split_kind: str
    reliability: tuple[ReliabilityBin, ...]
    honesty: Honesty | None = None
    likely_sets: tuple[LikelySets, ...] = ()
    seconds: float
    answering: float | None = None
    levels: tuple[LevelScore, ...] = ()
    hops: tuple[PartScore, ...] = ()
    languages: tuple[PartScore, ...] = ()
    decisions: Decisions | None = None
    wrong_hops: tuple[WrongHop, ...] | None = None
