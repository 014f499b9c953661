"""How things look in a terminal: messages, tables, values, and the one JSON document.

Labels come from graphs, which anyone may have written: they are shown as text, never as markup, and
without the control characters that could steer a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from core.foreign_text import STEERING, printable
from core.results import answer_lines
from core.results.answer_lines import Line
from core.results.named import Fact

FILE_WIDTH = 200


def messages() -> Console:
    """Standard error, for people."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One line on standard error."""
    messages().print(as_text(text))


def show(what: RenderableType) -> None:
    """Something on standard output; wide where no screen sets a limit."""
    width = None if sys.stdout.isatty() else FILE_WIDTH
    shown = as_lines(what) if isinstance(what, str) else what
    Console(highlight=False, width=width).print(shown)


def print_json(value: Any) -> None:
    """The one JSON document of a command on standard output, spelled as its terminal can.

    What would steer the terminal is spelled as an escape of JSON, which reads the same.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    text = STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def as_text(value: object, style: str = "") -> Text:
    """A value as plain text in one line, whatever it holds: no markup, nothing that steers."""
    if isinstance(value, Text):
        return value
    if isinstance(value, float):
        return Text(f"{value:.4g}", style)
    if isinstance(value, list | tuple):
        return as_text(", ".join(map(str, value)), style)
    text = "" if value is None else str(value)
    return as_lines(" ".join(text.splitlines()), style)


def as_lines(text: str, style: str = "") -> Text:
    """The same of a text that may have lines of its own, such as a log."""
    return Text(printable(text), style)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table; numbers stand to the right, and the first column is never broken."""
    held = [list(row) for row in rows]
    made = Table(header_style="bold", box=None, pad_edge=False)
    for place, name in enumerate(columns):
        numbers = all(isinstance(row[place], int | float) for row in held) and bool(held)
        side: Literal["left", "right"] = "right" if numbers else "left"
        made.add_column(as_text(name), justify=side, overflow="fold", no_wrap=place == 0)
    for row in held:
        made.add_row(*map(as_text, row))
    return made


def facts(values: Mapping[str, Any]) -> Table:
    """Names and values, one pair per line; a nested mapping of plain values becomes one line."""
    made = Table.grid(padding=(0, 3))
    for name, value in values.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{k} {v}" for k, v in value.items() if not _is_nested(v))
        if not (isinstance(value, list | tuple) and any(map(_is_nested, value))):
            made.add_row(as_text(name.replace("_", " "), "dim"), as_text(value))
    return made


def styled(line: Line) -> Text:
    """A line of an answer in its styles."""
    return Text.assemble(*(as_text(span.text, span.style) for span in line))


def chain(hops: Sequence[Fact]) -> Text:
    """Hops as one line; see `core.results.answer_lines.chain`."""
    return styled(answer_lines.chain(hops))


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)
