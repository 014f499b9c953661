"""Facts of a SPARQL endpoint, page by page, into one file that is read like any other.

Each answer is kept under the hash of its question as soon as it is there. Whoever begins again with
the same folder asks only what has no answer yet: the questions follow from the answers before.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from core.errors import FormatError, NotFound
from core.graph.readers.endpoint import Endpoint
from core.graph.readers.rdf import ALIASES, LABELS
from core.workspace import writing

PAGE: Final = 10_000
"""Facts asked for at a time."""

AROUND: Final = 50
"""Entities whose facts are asked for at a time."""

NT: Final = ox.RdfFormat.N_TRIPLES

Told = Callable[[int], None]
"""Called after each page with the facts so far; may raise."""


def harvest(
    endpoint: Endpoint, folder: Path, around: str, hops: int, most: int, told: Told
) -> tuple[Path, bool]:
    """Ask for all facts, or for those around an entity, and write them into a file of N-Triples.

    Facts about blank nodes are left out: outside of one answer their names mean nothing.

    Args:
        endpoint: Whom to ask.
        folder: Where answers are kept until they are removed with it.
        around: IRI of the entity to begin at; empty for all facts.
        hops: How far to walk from there, both ways.
        most: Facts at most.
        told: See `Told`.

    Returns:
        The file, and whether there may be more facts than `most`.

    Raises:
        NotFound: If there are none.
        FormatError, SettingsError, RunFailed: As `Endpoint.select`.
    """
    pages = _Pages(endpoint, folder, most, told)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for _ in _around(pages, around, hops) if around else pages.ask("?s ?p ?o"):
            pass  # it is on the disk
        whole = folder / f"{endpoint.host}.nt"
        with whole.open("wb") as file:
            for path in pages.used:
                file.write(path.read_bytes())
    if not pages.facts and around:
        raise NotFound("{url} tells no facts about {around}.", url=endpoint.url, around=around)
    if not pages.facts:
        raise NotFound("{url} tells no facts.", url=endpoint.url)
    return whole, pages.is_full


class _Pages:
    """Answers on the disk, each asked for once.

    Attributes:
        used: Their files in the order of the questions.
        facts: How many they hold.
    """

    def __init__(self, endpoint: Endpoint, folder: Path, most: int, told: Told) -> None:
        self.endpoint = endpoint
        self.used: list[Path] = []
        self.facts = 0
        self._folder, self._most, self._told = folder, most, told

    @property
    def is_full(self) -> bool:
        """Whether no more facts are wanted."""
        return self.facts >= self._most

    def ask(self, where: str) -> Iterator[ox.Triple]:
        """All facts that a pattern of `?s ?p ?o` finds."""
        offset = 0
        while not self.is_full:
            size = min(PAGE, self._most - self.facts)
            query = (
                f"SELECT ?s ?p ?o WHERE {{ {where} }} ORDER BY ?s ?p ?o "
                f"LIMIT {size} OFFSET {offset}"
            )
            path = self._folder / f"{hashlib.sha256(query.encode()).hexdigest()[:32]}.page"
            count = self._kept(path, query)
            found = list(ox.parse(path.read_bytes().partition(b"\n")[2], format=NT))
            self.used.append(path)
            self.facts += len(found)
            self._told(self.facts)
            for quad in found:
                yield quad.triple
            if not count:  # fewer than asked for may be all that one answer holds there
                return
            offset += count

    def _kept(self, path: Path, query: str) -> int:
        """Rows of the answer to a question, which is asked unless it was."""
        with suppress(OSError, ValueError):
            with path.open("rb") as file:
                return int(file.readline().removeprefix(b"#"))
        began = time.monotonic()
        rows = self.endpoint.select(query)
        triples = [ox.Triple(s, p, o) for s, p, o in rows if _is_fact(s, p, o)]
        content = f"#{len(rows)}\n".encode() + (ox.serialize(triples, format=NT) or b"")
        draft = path.with_suffix(".draft")
        draft.write_bytes(content)
        draft.replace(path)
        self.endpoint.rest(time.monotonic() - began)
        return len(rows)


def _around(pages: _Pages, around: str, hops: int) -> Iterator[ox.Triple]:
    """Facts within some hops of an entity, ring by ring, and what the last ring is called."""
    try:
        ring = [ox.NamedNode(around)]
    except ValueError as error:
        raise FormatError(
            "{around!r} is no IRI, such as http://www.wikidata.org/entity/Q42.", around=around
        ) from error
    seen = set(ring)
    for _ in range(hops):
        found: list[ox.NamedNode] = []
        for some in _batches(ring):
            values = " ".join(map(str, some))
            pattern = "{{ VALUES ?{end} {{ {values} }} ?s ?p ?o }}"
            where = " UNION ".join(pattern.format(end=end, values=values) for end in "so")
            for triple in pages.ask(where):
                found += [end for end in (triple.subject, triple.object) if end not in seen
                          and isinstance(end, ox.NamedNode)]  # fmt: skip
                seen.update(found)
                yield triple
        ring = sorted(dict.fromkeys(found), key=str)
    names = " ".join(f"<{name}>" for name in sorted(LABELS | ALIASES))
    for some in _batches(ring):
        values = " ".join(map(str, some))
        yield from pages.ask(f"VALUES ?s {{ {values} }} VALUES ?p {{ {names} }} ?s ?p ?o")


def _batches(ring: Sequence[ox.NamedNode]) -> Iterator[Sequence[ox.NamedNode]]:
    for begin in range(0, len(ring), AROUND):
        yield ring[begin : begin + AROUND]


def _is_fact(*terms: object) -> bool:
    subject, predicate, value = terms
    named = isinstance(subject, ox.NamedNode) and isinstance(predicate, ox.NamedNode)
    return named and isinstance(value, ox.NamedNode | ox.Literal)
