"""How well a teacher or a student does on a part of its questions."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.record import Record


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
class Scores(Record):
    """Shares in [0, 1], averaged over questions unless said otherwise.

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
        kind: `student` or `teacher`.
        decoding: `constrained` or `free`; `exact` of a teacher.
        search: How a student's paths were found; see `EvaluateSettings.search`.
        question_set: Name of the questions.
        split: The part of them: `train`, `dev` or `test`.
        split_kind: How they were split: `grouped`, `random` or `given`.
        reliability: How far the top answer's probability can be believed.
    """

    model: str
    kind: str
    decoding: str
    search: str = "exact"
    question_set: str
    split: str
    split_kind: str
    reliability: tuple[ReliabilityBin, ...]
    seconds: float
