"""Runs as processes on this machine.

A run is a fresh interpreter in a session of its own: it outlives the page or terminal that started
it, and nothing typed there reaches it. Its folder `runs/<id>/` holds `request.json`, `log.txt` and,
in the end, `result.json`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import string
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import core
from core.errors import CoreError
from core.jobs.processes import is_alive, start_time
from core.jobs.runs import Run, RunState
from core.jobs.store import Store
from core.settings import Settings
from core.workspace import write_json, writing

PROJECT = Path(core.__file__).resolve().parents[1]
LOG_BYTES = 1_000_000
"""How much of a log's end is read at most."""


def submit(
    store: Store, recipe: str, settings: Settings, title: str = "", slot: str | None = None
) -> str:
    """Start a run of a recipe and come back at once.

    Args:
        store: Where the run is kept.
        recipe: Its name: `distill_student`, or the module path of a recipe outside the project.
        settings: What the recipe takes.
        title: What a person reads in the list of runs; by default from recipe and settings.
        slot: At most one run at a time may hold a slot of that name.

    Returns:
        The run's id, e.g. `distill-20261121-003015-k3f`.

    Raises:
        AlreadyExists: If the slot is held.
        WorkspaceError: If the workspace is full or cannot be written; no folder is left behind.
    """
    values = settings.model_dump(mode="json")
    run_id, folder = _new_folder(store, recipe)
    try:
        write_json(folder / "request.json", {"recipe": recipe, "settings": values})
        with writing(folder), (folder / "log.txt").open("wb") as log:
            store.add(run_id, recipe, values, title or _title(recipe, values), slot)
            _start(store, run_id, log.fileno())
    except CoreError as error:
        shutil.rmtree(folder, ignore_errors=True)
        store.finish(run_id, RunState.FAILED, error=str(error), error_kind=type(error).__name__)
        raise
    return run_id


def stop(store: Store, run_id: str, hard: bool = False) -> None:
    """Stop a run; nothing happens if it is over.

    Args:
        store: Where the run is kept.
        run_id: The run.
        hard: Kill it and all its children at once, rather than let it end at its next safe point.

    Raises:
        NotFound: If there is no such run.
    """
    run = store.run(run_id)
    if run.state.is_over:
        return
    store.ask_to_stop(run_id)
    run = store.run(run_id)  # once it is marked as stopping, its process is known or never begins
    if run.pid is not None and is_alive(run.pid, run.process_started):
        with suppress(ProcessLookupError):  # it may end in this very moment
            if hard:
                os.killpg(run.pid, signal.SIGKILL)
            else:
                os.kill(run.pid, signal.SIGTERM)
    if hard:
        store.finish(run_id, RunState.STOPPED)


def log(store: Store, run_id: str, last: int = 200) -> str:
    """The last lines of a run's log; of a line that was rewritten in place, its final form.

    Raises:
        NotFound: If there is no such run.
    """
    store.run(run_id)
    path = store.workspace.root / "runs" / run_id / "log.txt"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    return "\n".join(lines[: -1 if lines[-1] == "" else None][-last:])


def wait(store: Store, run_id: str, timeout: float | None = None) -> Run:
    """The run once it is over, or as it stands after `timeout` seconds.

    Raises:
        NotFound: If there is no such run.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        run = store.run(run_id)
        if run.state.is_over or (deadline is not None and time.monotonic() >= deadline):
            return run
        time.sleep(0.05)


def _new_folder(store: Store, recipe: str) -> tuple[str, Path]:
    """A fresh id, and its folder."""
    word = recipe.rpartition(".")[2].removeprefix("run_").partition("_")[0]
    while True:
        ending = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(3))
        run_id = f"{word}-{datetime.now():%Y%m%d-%H%M%S}-{ending}"
        folder = store.workspace.root / "runs" / run_id
        with writing(store.workspace.root):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                folder.mkdir()
                return run_id, folder


def _title(recipe: str, values: dict[str, object]) -> str:
    words = recipe.rpartition(".")[2].removeprefix("run_").replace("_", " ").capitalize()
    about = values.get("name") or values.get("model")
    return f"{words}: {about}" if about else words


def _start(store: Store, run_id: str, log_file: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "core.jobs.worker", run_id],
        cwd=PROJECT,
        env={
            # Threads that spin while they wait stall each other where a worker shares its cores.
            "OMP_WAIT_POLICY": "PASSIVE",
            **os.environ,
            "PATHDISTILL_HOME": str(store.workspace.root),
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=log_file,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    # Collect the process when it ends, or it would stay a zombie for as long as we live.
    threading.Thread(target=process.wait, name=f"wait-{run_id}", daemon=True).start()
    store.name_process(run_id, process.pid, start_time(process.pid))
