"""Soft targets on disk: spelled once for a tokenizer, read by memory map afterwards.

    labels/<name>/spelled/<digest>/
        manifest.json                                   the hashes of the others
        questions.json                                  names, in the order of the rows below
        node_rows.npy, end_rows.npy                     where each question's rows begin
        parents.npy tokens.npy starts.npy ...           the columns of `TrieTargets`

The digest covers all that the tries depend on, so another tokenizer, another way to cut labels or
another version of this format is another folder; labels made anew take their spellings with them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.distill.soft_targets import TrieTargets
from core.drafts import new_folder
from core.errors import AlreadyExists, FormatError
from core.manifests import seal
from core.student.prompts import Speller
from core.workspace import check, read_json, write_json, writing

FORMAT = 1
COLUMNS = ("parents", "tokens", "starts", "masses", "logs", "ends")


class SpelledTargets(Mapping[str, TrieTargets]):
    """Targets by question, each cut out of the mapped columns when it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `write_targets` made.

        Raises:
            FormatError: If a file is missing or damaged.
        """
        check(folder, "delete that folder")
        try:
            names = read_json(folder / "questions.json")
            self._columns = {
                # As plain arrays over the map: memmap's own slicing is slow.
                name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
                for name in COLUMNS
            }
            self._nodes = np.load(folder / "node_rows.npy")
            self._ends = np.load(folder / "end_rows.npy")
        except (OSError, ValueError, EOFError) as error:
            raise FormatError(
                "The spelled labels in {folder} are damaged; delete them.", folder=folder
            ) from error
        self._rows = {name: row for row, name in enumerate(names)}
        if not len(self._rows) == len(self._nodes) - 1 == len(self._ends) - 1:
            raise FormatError(
                "The spelled labels in {folder} do not fit together; delete them.", folder=folder
            )

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __getitem__(self, question: str) -> TrieTargets:
        row = self._rows[question]
        begin, end = int(self._nodes[row]), int(self._nodes[row + 1])
        nodes = {name: self._columns[name][begin:end] for name in COLUMNS[:2] + COLUMNS[3:5]}
        # Each question has one start more than nodes.
        starts = self._columns["starts"][begin + row : end + row + 1]
        ends = self._columns["ends"][int(self._ends[row]) : int(self._ends[row + 1])]
        return TrieTargets(starts=starts, ends=ends, **nodes)


def write_targets(folder: Path, targets: Iterable[tuple[str, TrieTargets]]) -> None:
    """Write targets so that a cached finds all of them or none.

    Raises:
        WorkspaceError: If the disk is full or cannot be written.
    """
    names: list[str] = []
    columns: dict[str, list[np.ndarray]] = {name: [] for name in COLUMNS}
    for question, one in targets:
        names.append(question)
        for name in COLUMNS:
            columns[name].append(getattr(one, name))
    # Whoever was quicker wrote the same.
    with suppress(AlreadyExists), writing(folder), new_folder(folder, finish=seal) as draft:
        for name, parts in columns.items():
            np.save(draft / f"{name}.npy", np.concatenate(parts) if parts else np.zeros(0))
        for name, counted in (("node_rows", "parents"), ("end_rows", "ends")):
            counts = [len(part) for part in columns[counted]]
            np.save(draft / f"{name}.npy", np.cumsum([0, *counts]))
        write_json(draft / "questions.json", names)


def spelling_digest(relations: Iterable[str], speller: Speller, *cut: Any) -> str:
    """A name for everything that the tries of a set of labels depend on.

    Args:
        relations: Names of all relations that labels may hold.
        speller: How they are spelled.
        cut: What else was done to the labels.
    """
    spelled = [[name, *speller.relation(name)] for name in sorted(relations)]
    whole = json.dumps([FORMAT, speller.hop, speller.stop, spelled, cut])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
