"""What came of distilling a student, and of exporting one."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class StudentReport(Record):
    """A student that was distilled.

    Attributes:
        labels: Name of the labels that it learned from.
        examples: How many it learned from.
        with_gold: Those with a gold path.
        with_label: Those with a soft label.
        with_reward: Those of which some path is rewarded, by the answers.
        steps: Optimizer steps taken.
        kept_early: Whether a person ended it early and kept it.
    """

    name: str
    teacher: str
    labels: str
    parameters: int
    examples: int
    with_gold: int
    with_label: int
    with_reward: int = 0
    steps: int
    kept_early: bool = False
    seconds: float


@dataclass(frozen=True, kw_only=True)
class PromptExample(Record):
    """A question as the student reads it, its topic by id, and the path that it says freely."""

    prompt: str
    topic: str
    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExportReport(Record):
    """An export of a student.

    Attributes:
        format: See `ExportSettings.format`.
        files: Bytes of each file.
        bytes: Of all of them.
        folder: Where they are.
        export: Name of the export in the workspace; None where a folder was named.
    """

    name: str
    format: str
    files: dict[str, int]
    bytes: int
    example: PromptExample
    export: str | None = None
    folder: str
