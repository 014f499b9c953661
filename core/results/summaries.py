"""What the workspace holds, as its summaries say: the JSON file that a recipe left beside its work.

A summary has more in it than is read here, for those who open what it is about: that is passed
over. A graph's summary is its `ImportReport`, an evaluation's the `Evaluation` itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ConfigDict

from core.results.certainty import Certainty
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
        certainty: How far its probabilities can be believed; None if it was never measured.
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
    certainty: Certainty | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read a card, in which the result and the certainty say the version of their form."""
        return super().from_record(_bare(_bare(record, "certainty"), "result"))


@dataclass(frozen=True, kw_only=True)
class StudentSummary(Summary):
    """A student.

    Attributes:
        settings: Of its distillation, as they were then.
        certainty: How far its probabilities can be believed; None if it was never measured.
        certainty_heard: The same where it listens.
    """

    name: str
    teacher: str
    graph: str
    questions: str
    parameters: int
    settings: dict[str, Any]
    certainty: Certainty | None = None
    certainty_heard: Certainty | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read a card, in which each certainty says the version of its form as well."""
        return super().from_record(_bare(_bare(record, "certainty"), "certainty_heard"))


def _bare(card: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A card with the version of one of its parts as its own."""
    part = card.get(name)
    if not isinstance(part, Mapping) or "version" not in part:
        return card
    bare = {key: value for key, value in part.items() if key != "version"}
    return {**card, name: bare, "version": part["version"]}
