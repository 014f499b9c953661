"""Runs as processes on this machine.

A run is a fresh interpreter in a session of its own: it outlives the page or terminal that asked
for it, and the supervisor that started it, and nothing typed there reaches it. Its folder
`runs/<id>/` holds `request.json`, `log.txt`, `checkpoints/` and, in the end, `result.json`.
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from core.errors import CoreError, WorkspaceError
from core.roots import make_folder
from core.runs.backends import ray
from core.runs.processes import is_alive, machine, start_time
from core.runs.run import Run, RunState
from core.runs.store import queue
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.runs.supervisor.devices import environment
from core.settings import Settings
from core.workspace import write_json, writing

LOOK_SECONDS = 2.0
"""How often those who wait see that a supervisor is there."""
LOG_BYTES = 1_000_000
"""How much of a log's end is read at most."""


def submit(
    store: Store,
    recipe: str,
    settings: Settings,
    title: str = "",
    slot: str | None = None,
    *,
    after: Sequence[str] = (),
    priority: int = 0,
    parent: str | None = None,
) -> str:
    """Queue a run of a recipe, see that a supervisor is there to start it, and come back at once.

    Args:
        store: Where the run is kept.
        recipe: Its name: `distill_student`, or the module path of a recipe outside the project.
        settings: What the recipe takes.
        title: What a person reads in the list of runs; by default from recipe and settings.
        slot: At most one run at a time may hold a slot of that name.
        after: Runs that must succeed before this one begins.
        priority: The higher goes first.
        parent: The run that this one was branched from.

    Returns:
        The run's id, e.g. `distill-20261121-003015-k3f`.

    Raises:
        NotFound: If a run that this one shall wait for does not exist.
        SettingsError: If a run that this one shall wait for has ended without success, the priority
            is out of range, or runs are to go to a cluster and the store is a file.
        AlreadyExists: If the slot is held.
        WorkspaceError: If the workspace is full or cannot be written; no folder is left behind.
    """
    queue.check_priority(priority)
    queue.check_needs(store, after)
    more = {"priority": priority, "parent": parent, "backend": "local"}
    if ray.is_wanted():
        ray.check(store)
        more["backend"] = "ray"
    with _folder(store, recipe, settings) as run_id:
        values = settings.model_dump(mode="json")
        title = title or _title(recipe, values)
        store.add(run_id, recipe, values, title, slot, after=after, **more)
    presence.ensure(store)
    return run_id


def start_at_once(store: Store, recipe: str, settings: Settings, title: str, slot: str) -> str:
    """Start a run past the queue: the resident, for which a person waits.

    Raises:
        AlreadyExists: If the slot is held.
        WorkspaceError: If the workspace is full or cannot be written.
    """
    with _folder(store, recipe, settings) as run_id:
        values = settings.model_dump(mode="json")
        store.add(run_id, recipe, values, title, slot, state=RunState.STARTING)
        process = launch(store, store.run(run_id))
    # Collect the process when it ends, or it would stay a zombie for as long as we live.
    threading.Thread(target=process.wait, name=f"wait-{run_id}", daemon=True).start()
    return run_id


def launch(store: Store, run: Run, held: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start the process of a run that is `starting`, on the devices that it holds.

    Raises:
        WorkspaceError: If the process cannot be started or its log not be written.
    """
    path = store.workspace.root / "runs" / run.id / "log.txt"
    with writing(path.parent):
        make_folder(path.parent)
        with path.open("ab") as log:
            if run.attempt > 1:
                log.write(f"{_mark(run.attempt)}\n".encode())
                log.flush()
            process = _start(store, run, log.fileno(), held)
    with suppress(WorkspaceError):  # a store that is away: the worker names itself when it begins
        store.name_process(run.id, process.pid, start_time(process.pid))
    return process


def stop(store: Store, run_id: str, hard: bool = False) -> None:
    """Stop a run; nothing happens if it is over.

    Args:
        store: Where the run is kept.
        run_id: The run.
        hard: Kill it and all its children at once, rather than let it end at its next safe point.

    Raises:
        NotFound: If there is no such run.
    """
    if store.run(run_id).state.is_over:
        return
    store.ask_to_stop(run_id)
    run = store.run(run_id)  # once it is marked as stopping, its process is known or never begins
    if hard:
        kill(run)
        store.finish(run_id, RunState.STOPPED, attempt=run.attempt)
    elif (pid := _leader(run)) is not None:
        with suppress(ProcessLookupError):  # it may end in this very moment
            os.kill(pid, signal.SIGTERM)
            os.killpg(pid, signal.SIGCONT)  # one that was held up could not hear it


def kill(run: Run) -> None:
    """Kill the process of a run, if it has one, and all its children."""
    if run.backend == "ray" and run.state.has_process:
        ray.end(run)
    elif (pid := _leader(run)) is not None:
        with suppress(ProcessLookupError):  # it may end in this very moment
            os.killpg(pid, signal.SIGKILL)


def _leader(run: Run) -> int | None:
    """The process of a run, if it lives here and leads a session as every worker of ours does.

    Whatever a row of the store may say, no signal goes to the first process of the system, to this
    one, or to a group that is not the worker's own: to the system group 1 means everybody.
    """
    pid = run.pid
    if pid is None or pid <= 1 or pid == os.getpid() or run.machine != machine():
        return None
    with suppress(ProcessLookupError):
        if is_alive(pid, run.process_started) and os.getsid(pid) == os.getpgid(pid) == pid:
            return pid
    return None


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


def log_of_attempt(store: Store, run: Run) -> str:
    """The end of a run's log, of its present attempt alone."""
    return log(store, run.id, last=50).rpartition(_mark(run.attempt))[2]


def wait(store: Store, run_id: str, timeout: float | None = None) -> Run:
    """The run once it is over, or as it stands after `timeout` seconds.

    Meanwhile it sees that there is a supervisor, without which nothing would happen.

    Raises:
        NotFound: If there is no such run.
    """
    began = seen = time.monotonic()
    while True:
        run = store.run(run_id)
        now = time.monotonic()
        if run.state.is_over or (timeout is not None and now - began >= timeout):
            return run
        if now - seen > LOOK_SECONDS:
            seen = now
            presence.ensure(store)
        time.sleep(0.05)


def _mark(attempt: int) -> str:
    return f"--- attempt {attempt} ---"


@contextmanager
def _folder(store: Store, recipe: str, settings: Settings) -> Iterator[str]:
    """A fresh id, and a folder with its request; both go again when the block raises."""
    run_id, folder = _new_folder(store, recipe)
    try:
        request = {"recipe": recipe, "settings": settings.model_dump(mode="json")}
        write_json(folder / "request.json", request)
        with writing(folder):
            (folder / "log.txt").touch()
        yield run_id
    except CoreError as error:
        shutil.rmtree(folder, ignore_errors=True)
        store.finish(run_id, RunState.FAILED, error=str(error), error_kind=type(error).__name__)
        raise


def _new_folder(store: Store, recipe: str) -> tuple[str, Path]:
    """A fresh id, and its folder."""
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


def _title(recipe: str, values: dict[str, object]) -> str:
    words = recipe.rpartition(".")[2].removeprefix("run_").replace("_", " ").capitalize()
    about = values.get("name") or values.get("model")
    return f"{words}: {about}" if about else words


def _start(store: Store, run: Run, log_file: int, held: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.runs.worker.worker", run.id, str(run.attempt)],
        cwd=presence.PROJECT,
        env={
            # Threads that spin while they wait stall each other where a worker shares its cores.
            "OMP_WAIT_POLICY": "PASSIVE",
            **os.environ,
            **environment(held),
            "PATHDISTILL_HOME": str(store.workspace.root),
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=log_file,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
