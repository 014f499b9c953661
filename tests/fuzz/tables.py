"""Files of triples and of labels, imported as a graph."""

from __future__ import annotations

import csv
import io
import os
import random
import stat
from pathlib import Path

from core.report import Silent
from core.runs.worker.recipe_loading import load_recipe
from core.workspace import Workspace
from tests.family_graph import ENTITIES, RELATIONS, TRIPLES
from tests.fuzz.cases import Case, spoilt_bytes, spoilt_table

TABLES = {
    "triples": [["head", "relation", "tail"], *map(list, TRIPLES)],
    "entities": [["entity", "label:en", "label:zh", "aliases"], *map(list, ENTITIES)],
    "relations": [["relation", "label:en", "label:zh"], *map(list, RELATIONS)],
}


def prepare(workspace: Path) -> None:
    """Nothing is needed."""


def case(dice: random.Random, place: Path, workspace: Path) -> Case:
    """One of the three tables is spoilt, as a table or as bytes, or is no file at all."""
    separator = dice.choice(("\t", ",", "|"))
    files, about = [], ""
    chosen = dice.choice(list(TABLES))
    for name, rows in TABLES.items():
        spoil = name == chosen
        if spoil and dice.random() < 0.6:
            rows, about = spoilt_table(dice, rows)
        data = _written(rows, separator)
        if spoil and not about:
            data, about = spoilt_bytes(dice, data)
        path = place / f"{name}.{'csv' if separator == ',' else 'tsv'}"
        if spoil and dice.random() < 0.05:
            about = no_file(dice, path)
        else:
            path.write_bytes(data)
        files.append(str(path))
    recipe = load_recipe("import_graph")
    values = {"name": "g", "files": files}
    return Case(f"{chosen}: {about}", lambda: recipe(values, Silent(), Workspace(workspace)))


def no_file(dice: random.Random, path: Path) -> str:
    """Put something at a path that is no file."""
    way = dice.choice(("pipe", "folder", "device", "socket", "nothing"))
    if way == "pipe":
        os.mkfifo(path)
    elif way == "folder":
        path.mkdir()
    elif way == "device":
        path.symlink_to("/dev/zero")
    elif way == "socket":
        os.mknod(path, stat.S_IFSOCK | 0o600)
    return f"is a {way}"


def _written(rows: list[list[str]], separator: str) -> bytes:
    if separator == ",":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()
    return "".join(separator.join(row) + "\n" for row in rows).encode()
