"""Which format a file is written in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from core.errors import FormatError
from core.graph.readers.columns import Columns
from core.graph.readers.graphml import GraphMl, may_be_graphml
from core.graph.readers.json_graphs import JsonGraph, may_be_json
from core.graph.readers.packed import open_unpacked
from core.graph.readers.rdf import Rdf, may_be_rdf
from core.graph.readers.source import Source
from core.graph.readers.tables import Table, may_be_table

_BEGINNING = 4096  # bytes that tell a format


class Format(NamedTuple):
    """A format.

    Attributes:
        recognises: Whether a file is written in it, by its name and its first bytes (unpacked).
        open: Opens such a file; raises `FormatError` if it is not what it looked like.
    """

    recognises: Callable[[Path, bytes], bool]
    open: Callable[[Path], Source]


FORMATS = (
    Format(may_be_graphml, GraphMl),
    Format(may_be_rdf, Rdf),
    Format(may_be_json, JsonGraph),
    Format(may_be_table, Table),
)
"""The first that recognises a file reads it."""


def open_source(path: Path, columns: Columns | None = None) -> Source:
    """Open a file of triples or labels.

    Args:
        path: Where it is.
        columns: Which columns are head, relation and tail, if it is a table and a person says so.

    Raises:
        FormatError: If it cannot be read, or is not what its beginning promises.
    """
    try:
        with open_unpacked(path) as file:
            beginning = file.read(_BEGINNING)
    except OSError as error:
        raise FormatError(
            "{path} cannot be read: {strerror}.", path=path, strerror=error.strerror
        ) from error
    chosen = next(one for one in FORMATS if one.recognises(path, beginning))
    return Table(path, columns) if chosen.open is Table else chosen.open(path)
