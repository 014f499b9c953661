"""What came of making a teacher."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.evaluation import ReliabilityBin
from core.results.record import Record


@dataclass(frozen=True)
class Calibrated(Record):
    """How far a teacher's confidence can be believed, on the dev questions.

    Attributes:
        temperature: What its choices are divided by.
        ece_before, ece: Expected calibration error without and with it.
        reliability: The bars of the reliability plot, with it.
        precision: What was asked of the answers that are called confident.
        threshold: The confidence from which on answers are that precise; None if none is.
        coverage: Share of the questions that are answered so confidently.
        questions: How many dev questions there were.
    """

    temperature: float
    ece_before: float
    ece: float
    reliability: tuple[ReliabilityBin, ...]
    precision: float
    threshold: float | None
    coverage: float
    questions: int


@dataclass(frozen=True, kw_only=True)
class TreeCounts(Record):
    """What became of the questions; see `core.teacher.question_trees`."""

    used: int
    several_topics: int = 0
    unknown_topic: int
    nothing_around: int
    unreachable: int
    gold: int = 0
    gold_missing: int
    unanswerable: int = 0
    cut_words: int
    cut_trees: int = 0


@dataclass(frozen=True, kw_only=True)
class LearnedCounts(TreeCounts):
    """The same of a training, and how many relations have a label in no language."""

    relations_without_label: int = 0


@dataclass(frozen=True, kw_only=True)
class TeacherReport(Record):
    """What every teacher is; trees are `hops` deep and go `forward` or `both` ways."""

    name: str
    graph: str
    questions: str
    hops: int
    directions: str


@dataclass(frozen=True, kw_only=True)
class TrainedTeacher(TeacherReport):
    """A teacher that was trained.

    Attributes:
        steps: Optimizer steps taken.
        epochs: Passes over the training questions that these make.
        best_step: The step that was kept.
        dev_hits_at_1: Its score on the dev questions.
        seconds: Wall-clock time of the training alone.
        calibration: How far its confidence can be believed.
        retrieval_ceiling: Share of the questions of which some path reaches an answer.
        counts: What became of the questions.
    """

    steps: int
    epochs: float
    best_step: int
    dev_hits_at_1: float
    seconds: float
    calibration: Calibrated
    retrieval_ceiling: float
    counts: LearnedCounts


@dataclass(frozen=True, kw_only=True)
class UntrainedTeacher(TeacherReport):
    """A teacher that was made without training; see `TrainedTeacher`.

    Attributes:
        kind: `lexical`, `language-model` or `mixture`.
        dev_hits_at_1: None where there was no question to calibrate on.
    """

    kind: str
    dev_hits_at_1: float | None
    calibration: Calibrated
    retrieval_ceiling: float
    counts: TreeCounts


@dataclass(frozen=True, kw_only=True)
class TransferredTeacher(TeacherReport):
    """A teacher that was taken to another graph, and what it proved there.

    Attributes:
        teacher: The one that it was.
        dev_hits_at_1: Its score on held-out or generated questions of that graph; None, as the
            others, of teachers that were taken before this was asked.
        alone_hits_at_1: That of the trained teacher by itself.
        lexical_hits_at_1: That of the plain lexical teacher.
        lexical_share: What the lexical teacher has to say in it: 0..1.
        calibration: How far its confidence can be believed there.
    """

    teacher: str
    dev_hits_at_1: float | None = None
    alone_hits_at_1: float | None = None
    lexical_hits_at_1: float | None = None
    lexical_share: float = 0.0
    calibration: Calibrated | None = None
