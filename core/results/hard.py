"""Where a student differs from its teacher: by relation path, and by hops."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class HardPath(Record):
    """Generated questions that ask for one relation path.

    Attributes:
        relations: The path, by id.
        labels: The same as a reader sees it.
        questions: How many ask for it.
        divergence: Mean KL(teacher || student) of whole paths, in nats.
        teacher_right: Share of them whose path the teacher finds the most probable.
        student_right: The same of the student.
        chosen: How many of them are in the set that was made.
        example: One of those in the set, by its id there; None where none is.
    """

    relations: tuple[str, ...]
    labels: tuple[str, ...]
    questions: int
    divergence: float
    teacher_right: float
    student_right: float
    chosen: int
    example: str | None = None


@dataclass(frozen=True, kw_only=True)
class HardHops(Record):
    """Generated questions whose path has so many hops; the fields are those of `HardPath`."""

    hops: int
    questions: int
    divergence: float
    teacher_right: float
    student_right: float


@dataclass(frozen=True, kw_only=True)
class HardReport(Record):
    """What was found, and the question set that was made of it.

    Attributes:
        name: Of the set.
        teacher: That the student was held against.
        pick: How its questions were chosen; see `HardSettings.pick`.
        asked: Questions that were generated and scored.
        chosen: Those of them that are in the set.
        taken_over: Questions beside them in the set, that the student learned from as its `more`.
        by_hops: From one hop on.
        by_path: The largest divergence first.
    """

    name: str
    student: str
    teacher: str
    pick: str
    asked: int
    chosen: int
    taken_over: int
    by_hops: tuple[HardHops, ...]
    by_path: tuple[HardPath, ...]
    seconds: float
