"""Graphs in GraphML, as networkx, yEd, Gephi and Neo4j write them.

    <key id="d0" for="edge" attr.name="relation"/>
    <node id="ada"><data key="d1">Ada L.</data></node>
    <edge source="ada" target="notes"><data key="d0">wrote</data></edge>

Attributes and data of a node or an edge are read as the keys of an object in JSON would be: an edge
without a relation is skipped, and data that are neither relation nor name are left.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from core.foreign_files import LONGEST_LINE
from core.graph.readers.json_graphs import JsonGraph
from core.graph.readers.packed import open_unpacked
from core.graph.readers.rdf import check_xml
from core.graph.readers.source import Tally


def may_be_graphml(path: Path, beginning: bytes) -> bool:
    """Whether a file begins as XML and soon opens a `graphml`."""
    start = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    return start.startswith(b"<") and b"<graphml" in start


class GraphMl(JsonGraph):
    """A file of GraphML; a `Source` whose nodes and edges are objects of attributes."""

    def __init__(self, path: Path) -> None:
        """Look at a file.

        Raises:
            FormatError: If it is no XML, or would grow, read other files or nest without end.
        """
        self.tally = Tally(path)
        self._path = path
        self._names = []
        check_xml(path)

    def _values(self) -> Iterator[tuple[int, Any]]:
        elements = _Elements()
        with open_unpacked(self._path) as file:
            for piece in iter(lambda: file.read(LONGEST_LINE), b""):
                elements.parser.Parse(piece)
                yield from elements.done
                elements.done.clear()


class _Elements:
    """Nodes and edges as a parser meets their ends.

    Attributes:
        parser: What XML is given to.
        done: Lines and objects that were not taken yet.
    """

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8")
        self.done: list[tuple[int, dict[str, Any]]] = []
        self._names: dict[str, str] = {}  # of data, by key
        self._open: list[dict[str, Any]] = []  # nodes and edges around
        self._key, self._text = "", ""
        self.parser.StartElementHandler = self._begin
        self.parser.CharacterDataHandler = self._read
        self.parser.EndElementHandler = self._end

    def _begin(self, element: str, attributes: dict[str, str]) -> None:
        name = element.rpartition(":")[2]
        if name == "key":
            key = attributes.get("id", "")
            self._names[key] = attributes.get("attr.name", key)
        elif name in ("node", "edge"):
            ends = attributes if name == "edge" else {"id": attributes.get("id", "")}
            self._open.append({key: ends[key] for key in ends if name == "node" or key != "id"})
        elif name == "data":
            self._key, self._text = attributes.get("key", ""), ""

    def _read(self, text: str) -> None:
        if self._key:
            self._text += text

    def _end(self, element: str) -> None:
        name = element.rpartition(":")[2]
        if name == "data" and self._key:
            if self._open:
                self._open[-1].setdefault(self._names.get(self._key, self._key), self._text)
            self._key = ""
        elif name in ("node", "edge") and self._open:
            self.done.append((self.parser.CurrentLineNumber, self._open.pop()))
