"""Graphs in JSON: facts one a line, in a list, or as the links of a document of nodes and links.

    ["ada", "wrote", "notes"]
    {"head": "ada", "relation": "wrote", "tail": "notes"}       keys as the headers of tables
    {"id": "ada", "label": "Ada L."}                            a name
    {"nodes": [names ...], "links": [facts ...]}                also `edges`; networkx, d3

What is no fact and no name is skipped and reported with its line, or its place in the list.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import FormatError
from core.foreign_files import LARGEST_JSON, LONGEST_LINE, lines_of, parse_json
from core.graph.readers.headers import (
    NAMES_OF_LABELS,
    is_label_column,
    is_subject,
    triple_columns,
)
from core.graph.readers.packed import open_unpacked, unpacked_name
from core.graph.readers.source import Ids, Kind, LabelRow, Tally, Triple, wrong_with
from core.plain_text import language_of
from core.results.graph import FileReport

_ENDS_OF_NAMES = (".json", ".jsonl", ".ndjson")
_LINKS = ("links", "edges", "relationships")

_NOT_TEXT = "what stands in it is neither text nor a number"


def may_be_json(path: Path, beginning: bytes) -> bool:
    """Whether a file is called JSON, and begins so."""
    name = unpacked_name(path)
    start = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    return name.endswith(_ENDS_OF_NAMES) and start[:1] in (b"[", b"{")


class JsonGraph:
    """A file of JSON; a `Source` of triples and of labels."""

    def __init__(self, path: Path) -> None:
        """Look at a file.

        Raises:
            FormatError: If it is one document, and too large, no JSON or no graph.
        """
        self.tally = Tally(path)
        self._path = path
        self._names: list[tuple[int, dict[str, Any]]] = []
        self._document = None if self._is_lines() else self._parts()

    def triples(self) -> Iterator[Triple]:
        """See `Source.triples`."""
        self._names = []
        for number, value in self._values():
            self.tally.read += 1
            if isinstance(value, _Bad):
                self.tally.skip(number, [value.text], value.why)
            elif isinstance(value, dict) and _is_name(value):
                self._names.append((number, value))
            elif isinstance(triple := _triple(value), str):
                self.tally.skip(number, [_shown(value)], triple)
            else:
                yield number, *triple
        if not self.tally.read:
            raise FormatError("{path} holds no fact.", path=self._path)
        self.tally.check("triples")

    def labels(self, ids: Ids) -> Iterator[LabelRow]:
        """See `Source.labels`; its names are known once its triples are read."""
        for number, value in self._names:
            one = next(_text(value[key]) for key in value if is_subject(key))
            kind: Kind = (
                "relation" if one in ids["relation"] and one not in ids["entity"] else "entity"
            )
            if one and (labels := _labels(value)):
                yield LabelRow(number, [_shown(value)], kind, one, labels)

    def report(self) -> FileReport:
        """See `Source.report`."""
        names, tally = len(self._names), self.tally
        kind = "entities" if names and names == tally.read else "triples"
        return FileReport(self._path.name, kind, "", tally.read, tally.skipped, names=names)

    def _is_lines(self) -> bool:
        """Whether each line is a value: so they are called, or the first is one of several."""
        with open_unpacked(self._path) as file:
            first, more = file.readline(LONGEST_LINE), file.readline(LONGEST_LINE)
        if first.strip() in (b"[", b"{"):
            return False
        if ".json" not in map(str.casefold, self._path.suffixes):
            return True
        try:
            parse_json(first, halves=True)
        except ValueError:
            return False
        return bool(more.strip())

    def _parts(self) -> list[Any]:
        """The facts and names of a document."""
        with open_unpacked(self._path, LARGEST_JSON) as file:
            content = file.read()
        try:
            value = parse_json(content, halves=True)
        except ValueError as error:
            raise FormatError(
                "{name} is not JSON in UTF-8 text: {error}.", name=self._path.name, error=error
            ) from error
        if isinstance(value, dict):
            nodes = value.get("nodes")
            links = next((value[name] for name in _LINKS if name in value), None)
            value = (
                [*nodes, *links] if isinstance(nodes, list) and isinstance(links, list) else None
            )
        if not isinstance(value, list):
            raise FormatError(
                "{name} is JSON and no graph: give a list of facts, each [head, relation, tail] or "
                "an object with such keys, or an object with nodes and links.",
                name=self._path.name,
            )
        return value

    def _values(self) -> Iterator[tuple[int, Any]]:
        if self._document is not None:
            for number, value in enumerate(self._document, 1):
                yield number, _checked(value)
            return
        with open_unpacked(self._path) as file:
            for number, line in enumerate(lines_of(file, self._path), 1):
                if line.strip():
                    yield number, _parsed(line)


class _Bad:
    """What is no value; its text, and why."""

    def __init__(self, text: str, why: str) -> None:
        self.text, self.why = text, why


def _parsed(line: bytes) -> Any:
    try:
        return parse_json(line.strip().removesuffix(b","))
    except ValueError as error:
        return _Bad(line.decode("utf-8", "replace").strip(), f"it is not JSON ({error})")


def _checked(value: Any) -> Any:
    try:
        _shown(value).encode()
    except UnicodeEncodeError:
        return _Bad(json.dumps(value), "it holds half a character")
    return value


def _shown(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "[…]"


def _is_name(value: dict[str, Any]) -> bool:
    """Whether an object says what something is called, and is no fact."""
    return triple_columns(list(value)) is None and any(map(is_subject, value))


def _triple(value: Any) -> tuple[str, str, str] | str:
    """Head, relation and tail; or why there are none."""
    if isinstance(value, dict):
        places = triple_columns(list(value))
        if places is None:
            return "its keys name no head, relation and tail"
        value = [list(value.values())[at] for at in places]
    if not isinstance(value, list) or len(value) != 3:
        return "it is no list of head, relation and tail"
    if any(isinstance(one, list | dict | bool) for one in value):
        return _NOT_TEXT
    head, relation, tail = map(_text, value)
    return wrong_with(head, relation, tail) or (head, relation, tail)


def _text(value: Any) -> str:
    """A text or a number as an id; 1.0 is the same number as 1."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return "" if value is None or isinstance(value, list | dict | bool) else str(value).strip()


def _labels(value: dict[str, Any]) -> dict[str, str | list[str]]:
    """What an object calls something, by column of the graph."""
    found: dict[str, str | list[str]] = {}
    for key in filter(is_label_column, value):
        name, text = key.casefold().replace("label@", "label:"), _text(value[key])
        if name in ("alias", "aliases"):
            aliases = value[key] if isinstance(value[key], list) else text.split("|")
            found["aliases"] = [alias for alias in map(_text, aliases) if alias]
        elif text and name in NAMES_OF_LABELS:
            found.setdefault(f"label:{language_of(text)}", text)
        elif text:
            found[name] = text
    return found
