"""RDF: N-Triples, N-Quads, Turtle, TriG, RDF/XML and JSON-LD, as pyoxigraph parses them.

    <http://example.org/Ada> <http://example.org/birthPlace> <http://example.org/London> .    a fact
    <http://example.org/Ada> <http://example.org/height> "1.65"^^xsd:decimal .       a fact as well
    <http://example.org/London> rdfs:label "Лондон"@ru .                       what London is called

What a statement names becomes a label, or an alias where there is a label in that language. Any
other text, number or date is an entity whose id is its text. A blank node is `_:<file>/<n>`.

A line of N-Triples or N-Quads that cannot be read costs only itself. In the other formats nothing
can be read behind a mistake, so the file is refused, Turtle and TriG with its line. Nothing is ever
fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.parsers import expat

import pyoxigraph as ox

from core.errors import FormatError
from core.foreign_files import LARGEST_JSON, LONGEST_LINE, lines_of, parse_json
from core.graph.readers.packed import open_unpacked, unpacked_name
from core.graph.readers.source import Ids, LabelRow, Tally, Triple, wrong_with
from core.graph.readers.tables import MOST_COLUMNS
from core.graph.readers.utf8 import check_text
from core.messages import Message
from core.plain_text import language_of
from core.results.graph import FileReport

_SCHEMA = ("http://schema.org/", "https://schema.org/")
_SKOS = "http://www.w3.org/2004/02/skos/core#"
LABELS = {
    "http://www.w3.org/2000/01/rdf-schema#label",
    f"{_SKOS}prefLabel",
    "http://xmlns.com/foaf/0.1/name",
    *(f"{schema}name" for schema in _SCHEMA),
}
ALIASES = {f"{_SKOS}altLabel", *(f"{schema}alternateName" for schema in _SCHEMA)}
_NAMING = LABELS | ALIASES

DEEPEST = 100
"""Elements or values inside each other, of XML and of JSON."""

LONGEST_TAG = 16 << 20
"""Bytes of XML in which nothing begins or ends."""

LONGEST_ENTITY = 200
"""Characters of an entity that XML declares, such as the beginning of its addresses."""

_BATCH = 1 << 16  # bytes of lines that are parsed together

_BY_ENDING = {
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
_STATEMENT = rb"(?:<[^<>\s]*>|_:\S+)\s*<[^<>\s]*>\s*(?:<[^<>\s]*>|_:\S+|\".*\"\S*)\s*(?:\S+\s*)?\."
_BY_BEGINNING = (
    (re.compile(rb"(?:\s|#.*\n)*" + _STATEMENT + rb"\s*(?:#.*)?(?:\n|$)"), ox.RdfFormat.N_QUADS),
    (re.compile(rb"(?:\s|#.*\n)*(?:@prefix|@base|prefix|base)\s.*<", re.I), ox.RdfFormat.TRIG),
    (re.compile(rb"\s*<(?:\?xml|!--|!DOCTYPE\s+rdf|rdf:RDF\b)", re.I), ox.RdfFormat.RDF_XML),
    (re.compile(rb"\s*[\[{].*\"@(?:context|graph|id)\"\s*:", re.S), ox.RdfFormat.JSON_LD),
)

_Statement = tuple[int, ox.Quad]
"""Its line, 0 where the format has no lines; and what it says."""


def format_of(path: Path, beginning: bytes) -> ox.RdfFormat | None:
    """The format of a file by the end of its name, else by its first bytes; None if it is no RDF.

    A file that is called `.rdf`, `.owl` or `.xml` may hold Turtle as well.
    """
    beginning = beginning.removeprefix(b"\xef\xbb\xbf")
    ending = Path(unpacked_name(path)).suffix
    seen = next((form for pattern, form in _BY_BEGINNING if pattern.match(beginning)), None)
    named = _BY_ENDING.get(ending)
    return seen if named is None or named is ox.RdfFormat.RDF_XML and seen else named


def may_be_rdf(path: Path, beginning: bytes) -> bool:
    """Whether a file is RDF, by its name or its first bytes."""
    return format_of(path, beginning) is not None


class Rdf:
    """A file of RDF; a `Source` of triples and of labels.

    What it calls things is known once its triples are read.
    """

    def __init__(self, path: Path) -> None:
        """Look at a file.

        Raises:
            FormatError: If it is empty, no UTF-8 text, or not what its name promises.
        """
        self.tally = Tally(path)
        self._path = path
        with open_unpacked(path) as file:
            form = format_of(path, file.read(4096))
        assert form is not None
        self._form = form
        self._names: dict[str, tuple[int, dict[str, str | list[str]]]] = {}
        self._languages: set[str] = set()
        self._kind = "triples"
        self._named = self._literals = 0
        self._blank: dict[str, str] = {}

    def triples(self) -> Iterator[Triple]:
        """See `Source.triples`."""
        for line, quad in self._statements():
            self.tally.read += 1
            subject, relation, value = quad.subject, quad.predicate.value, quad.object
            if isinstance(subject, ox.Triple) or isinstance(value, ox.Triple):
                self.tally.skip(line, [str(quad)], "it states something about a fact")
                continue
            head = self._id(subject)
            if isinstance(value, ox.Literal) and relation in _NAMING:
                self._name(line, head, value, is_alias=relation in ALIASES)
                continue
            tail = value.value.strip() if isinstance(value, ox.Literal) else self._id(value)
            if why := wrong_with(head, relation, tail):
                self.tally.skip(line, [str(quad)], why)
            else:
                self._literals += isinstance(value, ox.Literal)
                yield line, head, relation, tail
        if not self.tally.read:
            raise FormatError("{path} holds no statement.", path=self._path)
        if self._named == self.tally.read:
            self._kind = "entities"
        self.tally.check("triples")

    def labels(self, ids: Ids) -> Iterator[LabelRow]:
        """See `Source.labels`."""
        for one, (line, values) in self._names.items():
            cells = [one, *(text for text in values.values() if isinstance(text, str))]
            if one in ids["relation"]:
                names = {name: value for name, value in values.items() if name != "aliases"}
                yield LabelRow(line, cells, "relation", one, names)
            if one in ids["entity"] or one not in ids["relation"]:
                yield LabelRow(line, cells, "entity", one, values)

    def report(self) -> FileReport:
        """See `Source.report`."""
        return FileReport(
            self._path.name,
            self._kind,
            "",
            self.tally.read,
            self.tally.skipped,
            names=self._named,
            literals=self._literals,
        )

    def _id(self, node: Any) -> str:
        if isinstance(node, ox.BlankNode):
            number = len(self._blank) + 1
            return self._blank.setdefault(node.value, f"_:{self._path.name}/{number}")
        return str(node.value)

    def _name(self, line: int, one: str, literal: ox.Literal, *, is_alias: bool) -> None:
        """Take a name over: the first of a language is the label, whatever follows an alias."""
        text = literal.value.strip()
        language = (literal.language or language_of(text)).partition("-")[0]
        column = f"label:{language}"
        if not text:
            self.tally.skip(line, [one, str(literal)], "its name is empty")
            return
        self._languages.add(language)
        if len(self._languages) > MOST_COLUMNS:
            raise FormatError(
                "{path} names things in more than {most:,} languages: its tags are no languages.",
                path=self._path,
                most=MOST_COLUMNS,
            )
        self._named += 1
        values = self._names.setdefault(one, (line, {}))[1]
        if not is_alias and column not in values:
            values[column] = text
        elif values.get(column) != text:
            aliases = values.setdefault("aliases", [])
            assert isinstance(aliases, list)
            if text not in aliases:
                aliases.append(text)

    def _statements(self) -> Iterator[_Statement]:
        if self._form in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS):
            check_text(self._path)
            return self._in_lines()
        if self._form is ox.RdfFormat.JSON_LD:
            return self._in_json()
        if self._form is ox.RdfFormat.RDF_XML:
            check_xml(self._path)
        else:
            check_text(self._path)
        return self._in_document()

    def _in_document(self) -> Iterator[_Statement]:
        with open_unpacked(self._path) as file:
            yield from ((0, quad) for quad in self._parsed(file))

    def _in_json(self) -> Iterator[_Statement]:
        """The parser would not survive a value that nests deeply: look first."""
        with open_unpacked(self._path, LARGEST_JSON) as file:
            data = file.read()
        try:
            depth = _depth(parse_json(data))
        except ValueError as error:
            raise FormatError(
                "{name} is not JSON in UTF-8 text: {error}.", name=self._path.name, error=error
            ) from error
        if depth > DEEPEST:
            raise _too_deep(self._path)
        yield from ((0, quad) for quad in self._parsed(data.removeprefix(b"\xef\xbb\xbf")))

    def _parsed(self, source: Any) -> Iterator[ox.Quad]:
        base = f"file:///{quote(self._path.name)}"
        try:
            yield from ox.parse(source, self._form, base_iri=base)
        except (SyntaxError, MemoryError) as error:
            why = str(error).removeprefix("Parser error at ")
            if "LoadDocumentCallback" in why:
                why = Message(
                    "its @context is elsewhere, and nothing is fetched: write it into the file"
                )
            raise FormatError(
                "{path} is not {form} as it claims to be: {why}.",
                path=self._path,
                form=self._form.name,
                why=why,
            ) from error

    def _in_lines(self) -> Iterator[_Statement]:
        """Many lines at once, and one by one where something is the matter with them."""
        with open_unpacked(self._path) as file:
            for lines in _batches(lines_of(file, self._path)):
                stated = [line for line in lines if _says_something(line[1])]
                try:
                    quads = list(ox.parse(b"".join(text for _, text in stated), self._form))
                except SyntaxError:
                    quads = []
                if len(quads) == len(stated):
                    yield from zip((number for number, _ in stated), quads, strict=True)
                else:
                    yield from self._one_by_one(stated)

    def _one_by_one(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[_Statement]:
        for number, text in lines:
            try:
                yield from [(number, quad) for quad in ox.parse(text, self._form)]
            except SyntaxError as error:
                self.tally.read += 1
                why = re.sub(r"^Parser error at line .*?: | \(line \d+\)$", "", str(error))
                self.tally.skip(number, [text.decode().strip()], why)


def check_xml(path: Path) -> None:
    """Refuse XML that would grow, read other files or nest without end, before it is believed.

    Raises:
        FormatError: If it does, or is no XML in UTF-8.
    """
    parser = expat.ParserCreate("utf-8")
    depth = fed = 0

    def declared(name: str, is_parameter: bool, value: str | None, *outside: object) -> None:
        if value is None or is_parameter or "&" in value or len(value) > LONGEST_ENTITY:
            raise FormatError(
                "{path}, line {line}: the entity {name!r} is elsewhere, holds others or is long; "
                "write what it stands for.",
                path=path,
                line=parser.CurrentLineNumber,
                name=name,
            )

    def begun(*element: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise _too_deep(path)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.EntityDeclHandler = declared
    parser.StartElementHandler = begun
    parser.EndElementHandler = ended
    with open_unpacked(path) as file:
        try:
            for piece in iter(lambda: file.read(LONGEST_LINE), b""):
                parser.Parse(piece)
                fed += len(piece)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:
                    raise FormatError(
                        "{path}, line {line}: more than {most:,} bytes without an end.",
                        path=path,
                        line=parser.CurrentLineNumber,
                        most=LONGEST_TAG,
                    )
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FormatError(
                "{path} is not XML in UTF-8 text: {error}.", path=path, error=error
            ) from error


def _too_deep(path: Path) -> FormatError:
    return FormatError("{path} nests more than {deepest} levels deep.", path=path, deepest=DEEPEST)


def _depth(value: Any) -> int:
    """How many lists and objects stand inside each other."""
    level, depth = [value], 0
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [part for one in level for part in (one.values() if isinstance(one, dict) else one)]
    return depth


def _says_something(line: bytes) -> bool:
    bare = line.strip()
    return bool(bare) and not bare.startswith(b"#")


def _batches(lines: Iterable[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    """Lines with their numbers, some `_BATCH` bytes together."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        batch.append((number, line if number > 1 else line.removeprefix(b"\xef\xbb\xbf")))
        size += len(line)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
