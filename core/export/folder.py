"""A student as a folder that needs nothing of PathDistill: plain Hugging Face files.

A student is kept as such a folder already, with its adapter merged in; what only PathDistill reads
is left out. Of a student that learned through LoRA, the adapter can go alone, to be laid over its
base model.
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.drafts import new_folder
from core.errors import FormatError
from core.export.older_readers import readable_by_older
from core.graph.knowledge_graph import KnowledgeGraph
from core.replacing import going
from core.student.forms.adapter import ADAPTER
from core.workspace import Workspace, writing

TRIPLES = "triples.csv"

_MODEL = ("config.json", "generation_config.json", "*.safetensors", "*.safetensors.index.json")
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_WEIGHTS = (".safetensors", ".gguf")
_ADAPTER = ("adapter_config.json", "adapter_model.safetensors")


@contextmanager
def export_folder(place: Path, workspace: Workspace, *, replace: bool) -> Iterator[Path]:
    """A folder to write into, which takes its place when the block ends well, and only then.

    Raises:
        SettingsError: If the place is none for an export.
        AlreadyExists: If it is taken by anything but an empty folder, or an earlier export that may
            be replaced; also by whoever was quicker.
        WorkspaceError: If it cannot be written.
    """
    going(place, workspace, replace=replace)
    real = place.resolve()
    with (
        writing(place),
        new_folder(
            real,
            replace=replace,
            # Much may have happened at the place while the export was written.
            finish=lambda _: going(real, workspace, replace=replace),
        ) as draft,
    ):
        yield draft


def write_zip(folder: Path, file: Path) -> None:
    """Put a folder into a zip file, under its own name; weights, which do not shrink, as they are.

    Raises:
        WorkspaceError: If it cannot be written.
    """
    with writing(file), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            how = zipfile.ZIP_STORED if path.suffix in _WEIGHTS else zipfile.ZIP_DEFLATED
            archive.write(path, f"{folder.name}/{path.name}", how)


def copy_model(student: Path, to: Path) -> None:
    """Copy model and tokenizer of a student."""
    _copy(student, to, _MODEL + _TOKENIZER)
    readable_by_older(to)


def copy_tokenizer(student: Path, to: Path) -> None:
    """Copy what reads a question: a GGUF file holds the tokens, but not the normal form of text."""
    _copy(student, to, ("tokenizer.json",))


def copy_adapter(student: Path, to: Path) -> None:
    """Copy a student's adapter, with the tokenizer that it needs.

    Raises:
        FormatError: If the student learned by all its weights and has none.
    """
    if not (student / ADAPTER).is_dir():
        raise FormatError(
            "The student {name!r} has no adapter: it learned by all its weights; export it whole.",
            name=student.name,
        )
    _copy(student / ADAPTER, to, _ADAPTER)
    _copy(student, to, _TOKENIZER)
    readable_by_older(to)


def write_triples(graph: KnowledgeGraph, path: Path) -> None:
    """Write a graph's triples by their ids, as CSV: what an id holds, a line break too, is kept."""
    relations = [graph.relation_id(code) for code in range(graph.relation_count)]
    columns = zip(graph.heads.tolist(), graph.relations.tolist(), graph.tails.tolist(), strict=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("head", "relation", "tail"))
        for head, relation, tail in columns:
            table.writerow((graph.entity_id(head), relations[relation], graph.entity_id(tail)))


def _copy(source: Path, to: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        for file in source.glob(pattern):
            shutil.copy(file, to / file.name)
