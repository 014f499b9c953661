"""What all settings are: closed, immutable, bounded, and sorted into groups.

A field's bounds are its only check and its description is its only help text: the page shows it
beside the field, the command line in `--help`. Unknown fields are refused.

A class that names a `group` holds the fields of that group, once for all kinds of settings that
take them in by inheriting it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from core.errors import SettingsError
from core.findings import finding_of
from core.messages import Message

Device = Literal["auto", "cpu", "cuda"]
Language = Literal["en", "zh"]
SplitKind = Literal["grouped", "random", "levels", "given"]

Made = TypeVar("Made", bound="Settings")

LONGEST_TEXT = 4096
"""Characters of any text in settings; as long as a path may be."""
MOST_TEXTS = 1000
"""Of a setting that is several texts, e.g. the files of an import."""
LARGEST_SEED = 2**32 - 1
"""All that NumPy takes."""
SHOWN = 100
"""Characters of a wrong value that a message quotes."""

GROUPS = (
    "main",
    "model",
    "trees",
    "data",
    "objective",
    "schedule",
    "training",
    "search",
    "confidence",
    "compute",
    "result",
)
"""Groups of settings in the order in which forms and command lines show them."""


@dataclass(frozen=True, slots=True)
class NamesPath:
    """Marks a setting that names files or folders of this machine, which the terminal alone may.

    Attributes:
        or_model: Whether it may as well be the name of a model: a preset, or an id of the hub.
    """

    or_model: bool = False


@dataclass(frozen=True, slots=True)
class MattersIf:
    """Marks a setting that counts only under certain values of others.

    Attributes:
        holds: Says so of all values by name.
    """

    holds: Callable[[Mapping[str, Any]], bool]


def only_with(name: str, *values: str) -> MattersIf:
    """Marks a setting that counts only where another has one of some values."""
    return MattersIf(lambda given: given[name] in values)


PATH, MODEL = NamesPath(), NamesPath(or_model=True)


class Settings(BaseModel):
    """Base of all settings: closed and immutable, with finite numbers and texts that can be stored.

    No text is longer than `LONGEST_TEXT`, or holds NUL, which neither a path nor PostgreSQL takes.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, str_max_length=LONGEST_TEXT
    )

    group: ClassVar[str] = "main"
    """Of the fields that a class itself declares; one of `GROUPS`."""

    @field_validator("*")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        texts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(text, str) and "\0" in text for text in texts):
            raise PydanticCustomError("nul", "A text cannot hold NUL, the character 0")
        return value


def path_fields(kind: type[Settings]) -> dict[str, NamesPath]:
    """The settings of a kind that name files or folders, or may, with their marks."""
    marks = {
        name: next((one for one in field.metadata if isinstance(one, NamesPath)), None)
        for name, field in kind.model_fields.items()
    }
    return {name: mark for name, mark in marks.items() if mark is not None}


def groups(kind: type[Settings]) -> dict[str, tuple[str, ...]]:
    """The fields of a kind by group, in the order in which a person reads them."""
    found: dict[str, list[str]] = {group: [] for group in GROUPS}
    for name in kind.model_fields:
        declared = next(part for part in kind.__mro__ if name in inspect.get_annotations(part))
        found[vars(declared).get("group", "main")].append(name)
    return {group: tuple(names) for group, names in found.items() if names}


def field_names(kind: type[Settings]) -> list[str]:
    """All fields of a kind, group by group."""
    return [name for names in groups(kind).values() for name in names]


def matters(kind: type[Settings], name: str, values: Mapping[str, Any]) -> bool:
    """Whether a setting counts under the values of others; what is not given is at its default."""
    known = {one: field.default for one, field in kind.model_fields.items()} | dict(values)
    marks = kind.model_fields[name].metadata
    return all(mark.holds(known) for mark in marks if isinstance(mark, MattersIf))


def checked(kind: type[Made], values: Mapping[str, Any]) -> Made:
    """Make settings from plain values.

    Raises:
        SettingsError: One sentence that names the first offending field, what was given, and what
            is allowed.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        given: str = ""
        if first["type"] != "missing":
            given = Message(" (given: {value})", value=_quoted(first["input"]))
        if first["type"] == "extra_forbidden":
            raise SettingsError(
                "Setting {field!r} is unknown to this version of PathDistill{given}: leave it "
                "out, or use the version that knows it.",
                field=field,
                given=given,
            ) from error
        if not first["loc"]:  # it is about several settings, and says which
            raise SettingsError(first["ctx"]["error"].args[0]) from error
        raise SettingsError(
            "Setting {field!r}: {finding}{given}.",
            field=field,
            finding=finding_of(first),
            given=given,
        ) from error


def _quoted(value: Any) -> Message:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python writes no number of thousands of digits
        return Message("what is too long to show")
    return Message(text if len(text) <= SHOWN else text[:SHOWN] + "…")
