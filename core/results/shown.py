"""A result as plain text, for a notebook or `print`: a line for a value, a table for a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from core.foreign_text import printable

ROWS = 10
"""Of a list; how many more there are is said."""
WIDEST = 60
"""Characters of a cell."""


def as_text(record: Any) -> str:
    """All fields of a dataclass but empty ones: values first, then lists of parts as tables."""
    values = _values(record)
    lists = {name: value for name, value in values.items() if _has_parts(value)}
    plain = [(name, cell(value)) for name, value in values.items() if name not in lists]
    lines = list(_aligned(plain))
    for name, parts in lists.items():
        lines += [name, *(f"  {line}" for line in _table(parts))]
    return "\n".join(lines)


def in_a_line(record: Any) -> str:
    """The values of a dataclass that are not empty, each behind its name."""
    return ", ".join(f"{name} {cell(value)}" for name, value in _values(record).items())


def cell(value: Any) -> str:
    """A value in one line."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple):
        return ("; " if _has_parts(value) else ", ").join(map(cell, value))
    text = value.in_a_line() if hasattr(value, "in_a_line") else str(value)
    return " ".join(printable(text).split())


def _values(record: Any) -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: value for name, value in values.items() if value not in (None, "", ())}


def _has_parts(value: Any) -> bool:
    return isinstance(value, tuple) and any(is_dataclass(one) for one in value)


def _table(parts: Sequence[Any]) -> Iterator[str]:
    names = [field.name for field in fields(parts[0])]
    rows = [[cell(getattr(part, name)) for name in names] for part in parts[:ROWS]]
    yield from _aligned([names, *rows])
    if len(parts) > ROWS:
        yield f"... {len(parts) - ROWS} more"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    cut = [[_shortened(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cut, strict=True)]
    for row in cut:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def _shortened(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."
