"""Settings of what is done with graphs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from core.settings.base import MOST_TEXTS, PATH
from core.settings.shared import Replacing


class GraphImportSettings(Replacing):
    """Read files of triples, and of labels, into a graph."""

    name: str = Field(description="What the graph will be called.")
    files: Annotated[tuple[str, ...], PATH] = Field(
        min_length=1,
        max_length=MOST_TEXTS,
        description="Facts (head, relation, tail) and, optionally, tables of entity or relation "
        "labels; TSV, CSV, |-separated text, JSON or RDF, plain or packed (gzip, zstd, zip).",
    )
    columns: str = Field(
        "",
        description="Which columns of a table of facts are head, relation and tail: by number, "
        "such as 1,3,2, or by their names in its header; empty: as its header says, else 1,2,3.",
    )
