"""Checkpoints: folders from which a run can go on, whole or not there at all.

    runs/<run id>/checkpoints/step-00000120/
        manifest.json     every other file with its size and SHA-256; see core.manifests
        ...               safetensors and JSON; what they hold is the recipe's affair

A checkpoint is written beside its place and renamed into it, so a killed run leaves none half done;
what a full or failing disk does to it later, its manifest finds out. To go on, take the last
*valid* one:

    checkpoint = last_valid(folder / "checkpoints")
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core import manifests
from core.drafts import new_folder
from core.errors import FormatError, NotFound
from core.messages import Message
from core.workspace import Workspace, writing

FOLDER = "checkpoints"
"""Where a run keeps its checkpoints, in its own folder."""

KEEP = 2
"""Checkpoints that a run leaves standing besides those that a person asked for."""

_NAME = re.compile(r"step-(\d{8,})")


def checkpoints(folder: Path) -> list[Path]:
    """Every checkpoint in a folder, valid or not, in the order of their steps."""
    if not folder.is_dir():
        return []
    named = [entry for entry in folder.iterdir() if _NAME.fullmatch(entry.name)]
    return sorted(named, key=step_of)


def step_of(checkpoint: Path) -> int:
    """The number of optimizer steps behind a checkpoint."""
    found = _NAME.fullmatch(checkpoint.name)
    if found is None:
        raise FormatError(
            "{checkpoint} is not a checkpoint: those are named like step-00000120.",
            checkpoint=checkpoint,
        )
    return int(found[1])


@contextmanager
def new_checkpoint(folder: Path, step: int, *, keep_for_good: bool = False) -> Iterator[Path]:
    """A folder to write a checkpoint into, which takes its place when the block ends well.

    Older checkpoints make room, but for the `KEEP` latest and those kept for good.

    Args:
        folder: Where the run's checkpoints are.
        step: Optimizer steps taken.
        keep_for_good: Whether it must stay until a person deletes the run.

    Raises:
        WorkspaceError: If the disk is full or cannot be written.
    """
    place = folder / f"step-{step:08}"
    about = {"step": step, "kept": keep_for_good}
    with (
        writing(folder),
        new_folder(
            place, replace=True, finish=lambda draft: manifests.seal(draft, **about)
        ) as draft,
    ):
        yield draft
    _make_room(folder)


def what_is_wrong(checkpoint: Path) -> Message | None:
    """Why a run cannot go on from a checkpoint, in a sentence; None if it can."""
    try:
        wrong = manifests.what_is_wrong(checkpoint)
    except OSError as error:
        return Message("{checkpoint} cannot be read: {error}.", checkpoint=checkpoint, error=error)
    return (
        Message(
            "The checkpoint {checkpoint} is damaged: {wrong}.", checkpoint=checkpoint, wrong=wrong
        )
        if wrong
        else None
    )


def last_valid(folder: Path) -> Path | None:
    """The latest checkpoint that a run can go on from; None if there is none."""
    for checkpoint in reversed(checkpoints(folder)):
        if what_is_wrong(checkpoint) is None:
            return checkpoint
    return None


def find_checkpoint(workspace: Workspace, name: str) -> Path:
    """A checkpoint by the run's id, or by `<run id>:<step>`; without a step the last valid one.

    Raises:
        NotFound: If there is no such run, or it has no such checkpoint.
        FormatError: If the checkpoint is damaged.
    """
    run, _, step = name.partition(":")
    folder = workspace.folder("runs", run) / FOLDER
    there = {str(step_of(checkpoint)): checkpoint for checkpoint in checkpoints(folder)}
    found = there.get(step) if step else last_valid(folder)
    if found is None:
        steps = ", ".join(there) or "none"
        raise NotFound(
            "The run {run!r} has no checkpoint {step} ({there}).",
            run=run,
            step=step or "that is valid",
            there=steps,
        )
    problem = what_is_wrong(found)
    if problem:
        raise FormatError(
            "{problem} Take another checkpoint of the run {run!r}.", problem=problem, run=run
        )
    return found


def _make_room(folder: Path) -> None:
    for checkpoint in checkpoints(folder)[:-KEEP]:
        if what_is_wrong(checkpoint) or not manifests.read_manifest(checkpoint)["kept"]:
            shutil.rmtree(checkpoint, ignore_errors=True)
