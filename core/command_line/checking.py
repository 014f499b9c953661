"""The command that hashes everything in the workspace anew."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from core.command_line.options import JSON
from core.command_line.output import print_json, say
from core.manifests import is_sealed, what_is_wrong
from core.remaking import SUMMARIES, advice
from core.workspace import Workspace, reading


def check(as_json: bool = JSON) -> None:
    """Hash everything in the workspace anew, and say what is not what was written.

    Opening something finds what was changed through the file system; this also finds what a disk
    has changed beneath it. Exits with 1 if something is damaged.
    """
    space = Workspace()
    whole, damaged = 0, []
    for folder in _sealed(space.root):
        with reading(folder):
            wrong = what_is_wrong(folder, anew=True)
        kind, name = folder.relative_to(space.root).parts[0], str(folder.relative_to(space.root))
        whole += wrong is None
        if wrong is not None:
            damaged.append({"what": name, "wrong": wrong, "again": advice(folder, kind)})
    unsealed = [
        f"{kind}/{name}"
        for kind in SUMMARIES
        for name in space.names(kind)
        if not is_sealed(space.folder(kind, name))
    ]
    if as_json:
        print_json({"whole": whole, "damaged": damaged, "without_hashes": unsealed})
    else:
        for one in damaged:
            say(f"{one['what']} is damaged: {one['wrong']}; {one['again']}.")
        for what in unsealed:
            say(f"{what} was made before hashes were kept, and cannot be checked.")
        say(f"{whole} of {whole + len(damaged)} are what was written.")
    if damaged:
        raise typer.Exit(1)


def _sealed(root: Path) -> Iterator[Path]:
    """Every folder with a manifest, sorted; drafts left out."""
    for place, folders, _ in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if is_sealed(Path(place)):
            yield Path(place)
