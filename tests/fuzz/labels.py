"""A teacher's labels on disk: values and bytes of their Parquet file spoilt, then read."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FormatError
from core.labels.path_labels import PathLabel, Provenance, read_labels, write_labels
from tests.fuzz.cases import Case, spoilt_bytes, spoilt_value

SOURCE = Provenance("t", "teacher hash", "family", "graph hash", "asked", "posterior", 32)
LABELS = [
    PathLabel(
        question=f"q{number}",
        parents=np.array([-1, 0, 0, 1], np.int32),
        relations=("", "child", "spouse", "child"),
        stops=np.array([0.0, 0.25, 0.25, 0.5]),
        masses=np.array([1.0, 0.75, 0.25, 0.5]),
        expanded=np.array([True, True, True, False]),
    )
    for number in range(4)
]


def prepare(workspace: Path) -> None:
    """Nothing is needed."""


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """A value, the provenance, or some bytes."""
    path = place / "labels.parquet"
    write_labels(path, LABELS, SOURCE)
    way = dice.choice(("value", "value", "provenance", "bytes", "bytes", "columns"))
    table, about = pq.read_table(path), way
    if way == "value":
        rows, about = spoilt_value(dice, table.to_pylist())
        try:
            made = pa.Table.from_pylist(rows).replace_schema_metadata(table.schema.metadata)
            pq.write_table(made, pa.BufferOutputStream())  # not all that Arrow holds fits Parquet
            table = made
        except (pa.ArrowException, TypeError, ValueError, OverflowError, AttributeError):
            table = table.slice(0, 0)
    elif way == "provenance":
        said, about = spoilt_bytes(dice, table.schema.metadata[b"provenance"])
        table = table.replace_schema_metadata({"provenance": said})
    elif way == "columns":
        column = dice.randrange(table.num_columns)
        about = f"column {column} left out or of another type"
        other = pa.array([dice.choice(("x", "")) for _ in range(table.num_rows)])
        table = (
            table.remove_column(column)
            if dice.random() < 0.5
            else table.set_column(column, table.schema.names[column], other)
        )
    pq.write_table(table, path)
    if way == "bytes":
        data, about = spoilt_bytes(dice, path.read_bytes())
        path.write_bytes(data)

    def act() -> None:
        labels, _ = read_labels(path, SOURCE.graph_hash, SOURCE.teacher_hash)
        for label in labels.values():  # what is done with them first
            if not 0 <= label.rest <= 1 or any(len(p) > 9 for p, _ in label.best(5)):
                raise FormatError("Labels that are none were read.")

    return Case(about, act)
