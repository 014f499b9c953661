"""The folder of a run, `runs/<id>/`: what was asked for, its log, its checkpoints, its result.

    request.json    log.txt    frames.jsonl    checkpoints/    result.json

Whatever machine a run is on sees it under the same path.
"""

from __future__ import annotations

import secrets
import shutil
import string
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import CoreError
from core.roots import make_folder
from core.runs.run import Run
from core.runs.store.store import Store
from core.workspace import write_json, writing

LOG_BYTES = 1_000_000
"""How much of a log's end is read at most."""


def log_path(store: Store, run_id: str) -> Path:
    """Where the log of a run is."""
    return store.workspace.root / "runs" / run_id / "log.txt"


@contextmanager
def new_folder(store: Store, recipe: str, settings: dict[str, Any]) -> Iterator[str]:
    """A fresh id, and a folder with its request; the folder goes again when the block raises.

    Raises:
        WorkspaceError: If the workspace is full or cannot be written.
    """
    run_id, folder = _fresh(store, recipe)
    try:
        write_json(folder / "request.json", {"recipe": recipe, "settings": settings})
        with writing(folder):
            (folder / "log.txt").touch()
        yield run_id
    except CoreError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def log_end(store: Store, run_id: str, last: int = 200) -> str:
    """The last lines of a run's log; of a line that was rewritten in place, its final form."""
    path = log_path(store, run_id)
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return "\n".join(lines[: -1 if lines[-1] == "" else None][-last:])


def log_of_attempt(store: Store, run: Run) -> str:
    """The end of a run's log, of its present attempt alone."""
    return log_end(store, run.id, last=50).rpartition(attempt_mark(run.attempt))[2]


def attempt_mark(attempt: int) -> str:
    """The line of a log at which an attempt after the first begins."""
    return f"--- attempt {attempt} ---"


def _fresh(store: Store, recipe: str) -> tuple[str, Path]:
    word = recipe.rpartition(".")[2].removeprefix("run_").partition("_")[0]
    while True:
        ending = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(3))
        run_id = f"{word}-{datetime.now():%Y%m%d-%H%M%S}-{ending}"
        folder = store.workspace.root / "runs" / run_id
        with writing(store.workspace.root):
            make_folder(folder.parent)
            with suppress(FileExistsError):
                folder.mkdir()
                return run_id, folder
