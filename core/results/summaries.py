"""What the workspace holds, as its summaries say: the JSON file that a recipe left beside its work.

A summary has more in it than is read here, for those who open what it is about: that is passed
over. A graph's summary is its `ImportReport`, an evaluation's the `Evaluation` itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from core.results.graph import Finding
from core.results.record import Record
from core.results.teacher import TrainedTeacher, TransferredTeacher, UntrainedTeacher


class Summary(Record):
    """Base of them: strict like every record, but for fields that it does not know."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="ignore", strict=True)


@dataclass(frozen=True, kw_only=True)
class SkippedRows(Summary):
    """What an import of questions left out: how many rows, and the first of them."""

    skipped: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QuestionsSummary(Summary):
    """A question set; `counts` are the questions of each part."""

    graph: str
    counts: dict[str, int]
    report: SkippedRows


@dataclass(frozen=True, kw_only=True)
class TeacherSummary(Summary):
    """A teacher.

    Attributes:
        kind: `policy` where it was trained, or as in `UntrainedTeacher`.
        graph_hash: Content hash of its graph as it was then.
        shape: The trees that it knows, as `core.graph.path_tree.TreeShape` has them.
        settings: Of its recipe, as they were then.
        result: What its recipe returned.
    """

    name: str
    kind: str = "policy"
    graph: str
    graph_hash: str
    questions: str
    hops: int
    shape: dict[str, int | str] | None = None
    settings: dict[str, Any]
    result: TrainedTeacher | UntrainedTeacher | TransferredTeacher

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read a card, in which the result alone says the version of its form."""
        result = record.get("result")
        if isinstance(result, Mapping) and "version" in result:
            bare = {name: value for name, value in result.items() if name != "version"}
            record = {**record, "result": bare, "version": result["version"]}
        return super().from_record(record)


@dataclass(frozen=True, kw_only=True)
class StudentSummary(Summary):
    """A student; `settings` are those of its distillation, as they were then."""

    name: str
    teacher: str
    graph: str
    questions: str
    parameters: int
    settings: dict[str, Any]
