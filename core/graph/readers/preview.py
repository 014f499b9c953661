"""The first facts of files as an import would read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from core.graph.readers import open_sources, settle
from core.graph.readers.source import Source
from core.graph.readers.tables import Table
from core.results.graph import Doubt

_LOOKED_AT = 1000
"""Facts of a file by which columns and labels are told."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A file.

    Attributes:
        file: Its name.
        facts: Its first facts: head, relation, tail; none where it holds labels alone.
        doubt: See `FileReport`.
    """

    file: str
    facts: tuple[tuple[str, str, str], ...]
    doubt: Doubt


def preview(files: Sequence[str | Path], columns: str = "", count: int = 5) -> tuple[Preview, ...]:
    """Look at the beginning of files.

    Args:
        files: As for `read_graph`.
        columns: As for `read_graph`.
        count: Facts of each that are shown.

    Raises:
        FormatError: As `read_graph`, for what the beginning tells.
    """
    sources = open_sources(files, columns)
    open_ones = [one for one in sources if isinstance(one, Table) and one.may_be_labels]
    facts = {id(one): _first(one) for one in sources if one not in open_ones}
    settle(open_ones, {text for rows in facts.values() for row in rows for text in row})
    facts |= {id(one): _first(one) for one in open_ones}
    return tuple(
        Preview(Path(file).name, tuple(facts[id(one)][:count]), one.report().doubt)
        for file, one in zip(files, sources, strict=True)
    )


def _first(source: Source) -> list[tuple[str, str, str]]:
    return [row[1:] for row in islice(source.triples(), _LOOKED_AT)]
