"""A result of a recipe, and its one JSON form: what is stored, printed and handed to a page.

    record = answer.as_record()            {"version": 1, "question": ..., "paths": [...], ...}
    answer = Answer.from_record(record)    the same again

Reading is strict: a record with a field too many, a field too few or a value of another kind is
refused. Records from before there were versions have none and are read alike; a field that came
later has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_json

from core.errors import FormatError
from core.findings import first_finding
from core.results import shown

VERSION = 1
"""Of the stored form: it rises when a field changes its meaning or goes."""


class Record:
    """Base of all results and their parts, which are frozen dataclasses."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    def as_record(self) -> dict[str, Any]:
        """The same as plain values for JSON, and the version of the form.

        Raises:
            PydanticSerializationError: If a field holds another kind of value than it says.
        """
        plain = self._adapter().dump_python(self, mode="json", by_alias=True, warnings="error")
        return {"version": VERSION, **plain}

    def in_a_line(self) -> str:
        """The same as a part of another result, for a reader."""
        return shown.in_a_line(self)

    def __str__(self) -> str:
        return shown.as_text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What a notebook shows."""
        printer.text(str(self))

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read a record back.

        Raises:
            FormatError: If it is no such record, or was written by a newer version.
        """
        fields = dict(record)
        version = fields.pop("version", 0)
        if version not in range(VERSION + 1):
            raise FormatError(
                "A result of form {version!r} was written by a newer version of PathDistill: use "
                "that one.",
                version=version,
            )
        try:
            # As JSON, whose lists are read as tuples and whose numbers are not read as texts.
            result: Self = cls._adapter().validate_json(to_json(fields))
            return result
        except ValidationError as error:
            field, finding = first_finding(error)
            raise FormatError(
                "A stored result cannot be read ({kind}, {field!r}: {finding}); run it again.",
                kind=cls.__name__,
                field=field,
                finding=finding,
            ) from error

    @classmethod
    @cache
    def _adapter(cls) -> TypeAdapter[Any]:
        return TypeAdapter(cls)
