"""What the rows of an archived run may hold, field by field.

An archive may have been written by anybody. A field that is unknown, as an older or newer version
of PathDistill may have it, is passed over; one that is known holds what pages and workers count on,
within bounds: times that a calendar knows, numbers that are some, texts that a page can show.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from core.errors import FormatError
from core.findings import first_finding
from core.runs.run import RunState
from core.runs.supervisor.diagnosis import Cause

Time = Annotated[float, Field(ge=0, le=32_503_680_000)]  # to the year 3000
Amount = Annotated[float, Field(ge=0, le=1e18)]
Number = Annotated[float, Field(ge=-1e300, le=1e300)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=10_000)]


class Row(BaseModel):
    """Base of all rows: the unknown is passed over, no number is infinite, no text is a number."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, strict=True)


class JobRow(Row):
    """A run; its process, its place in a queue and what started it mean nothing elsewhere."""

    id: Name
    recipe: Name
    title: Words
    settings: dict[Name, JsonValue]
    state: Annotated[RunState, Field(strict=False)]
    stage: Name = ""
    done: Amount = 0.0
    total: Amount = 0.0
    note: Words = ""
    created: Time
    started: Time | None = None
    ended: Time | None = None
    result: dict[Name, JsonValue] | None = None
    error: Words | None = None
    error_kind: Name | None = None
    heartbeat: Time | None = None
    stage_started: Time | None = None
    progressed: Time | None = None
    who: Name = ""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    attempt: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    parent: Name | None = None
    cause: Annotated[Cause, Field(strict=False)] | None = None
    stopping: Time | None = None


class EventRow(Row):
    """Something that happened; the payload of a kind that is read field by field is a row too."""

    at: Time
    kind: Name
    payload: dict[Name, JsonValue]

    @field_validator("payload")
    @classmethod
    def _is_read_as(cls, payload: dict[str, Any], info: Any) -> dict[str, Any]:
        if known := _PAYLOADS.get(info.data.get("kind")):
            known.model_validate(payload)
        return payload


class MetricRow(Row):
    """A point of a curve; None stands for NaN."""

    at: Time
    step: Count
    name: Name
    value: Number | None


class ControlRow(Row):
    """A change that a person asked for."""

    at: Time
    key: Name
    value: Number
    taken: Time | None = None
    who: Name = ""
    old: Number | None = None
    step: Count | None = None
    applied: Time | None = None


class _Stage(Row):
    name: Name


class _Change(Row):
    key: Name
    old: Number
    new: Number
    step: Count


class _Warning(Row):
    message: Words = ""


class _Attempt(Row):
    attempt: Count


class _Lost(Row):
    attempt: Count
    cause: Name


class _AtStep(Row):
    step: Count


_PAYLOADS: dict[str, type[Row]] = {
    "stage": _Stage,
    "control": _Change,
    "warning": _Warning,
    "attempt": _Attempt,
    "lost": _Lost,
    "resumed": _AtStep,
    "branched": _AtStep,
}


class Result(Row):
    """What pages read of the result of any recipe."""

    name: Name = ""
    names: dict[Name, Name] = {}


class _Graph(Row):
    name: Name
    entities: Count
    triples: Count


class _Questions(Row):
    name: Name
    questions: Count


class _Student(Row):
    name: Name
    parameters: Annotated[int, Field(ge=0, le=10**15)]
    steps: Count
    seconds: Amount


class _Example(Row):
    prompt: Words
    path: list[Name]


class _Export(Row):
    folder: Words
    files: dict[Name, Annotated[int, Field(ge=0, le=10**18)]]
    example: _Example


class _Names(Row):
    graph: Name
    questions: Name
    teacher: Name
    student: Name


class _Scores(Row):
    questions: Count = 0
    hits_at_1: Number | None = None
    f1: Number | None = None
    path_exact_match: Number | None = None
    path_validity: Number | None = None
    faithfulness: Number | None = None


class _Demo(Row):
    names: _Names
    teacher: _Scores
    student: _Scores
    student_free: _Scores


RESULTS: dict[str, type[Row]] = {
    "import_graph": _Graph,
    "import_questions": _Questions,
    "generate_questions": _Questions,
    "distill_student": _Student,
    "export_student": _Export,
    "run_demo": _Demo,
}
"""What pages read of the result of some recipes."""

Kind = TypeVar("Kind", bound=Row)


def read_as(kind: type[Kind], value: Any, where: str) -> Kind:
    """A row of an archive.

    Args:
        kind: What it must be.
        value: As JSON has it.
        where: Which file, and where in it, for the message.

    Raises:
        FormatError: If a field is missing or holds what it may not.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        field, finding = first_finding(error)
        raise FormatError(
            "{where}: {field!r}: {finding}.", where=where, field=field, finding=finding
        ) from error
