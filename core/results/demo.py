"""What came of the demo: all that was made, its scores, and some questions answered."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.answer import Answer, JudgedHop
from core.results.evaluation import Evaluation
from core.results.named import Named
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class MadeNames(Record):
    """Names of what was made."""

    graph: str
    questions: str
    teacher: str
    labels: str
    student: str


@dataclass(frozen=True, kw_only=True)
class DemoExample(Record):
    """A question, its answers, and the hops of the best path; both empty without an answer.

    Attributes:
        answer: All that was said; None in a report from before it was kept.
    """

    question: str
    language: str
    answers: tuple[Named, ...]
    path: tuple[JudgedHop, ...]
    supported: bool
    answer: Answer | None = None


@dataclass(frozen=True, kw_only=True)
class DemoReport(Record):
    """The whole loop on the sample graph; `student_free` is the student without the graph."""

    names: MadeNames
    teacher: Evaluation
    student: Evaluation
    student_free: Evaluation
    examples: tuple[DemoExample, ...]
    seconds: float
