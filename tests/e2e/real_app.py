"""The real app as a process of its own, and a real browser that reaches nothing but it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError

ROOT = Path(__file__).parents[2]
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@contextmanager
def serving(home: Path, log: Path) -> Iterator[str]:
    """The app on a free port of this machine, until it is left; gives its address.

    Args:
        home: Its workspace.
        log: Where it writes what it has to say.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", "--server.address=127.0.0.1"],
            cwd=ROOT,
            env={**os.environ, "PATHDISTILL_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_health(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        _stop_runs(home)


def chromium() -> str | None:
    """Where the browser is; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    said = log.read_text(encoding="utf-8", errors="replace")
    raise AssertionError(f"the app did not start:\n{said}")


def _stop_runs(home: Path) -> None:
    """End what the app has started and left running, the resident worker among it."""
    from core.runs.client import RunHandle
    from core.runs.store.store import RESIDENT, Store
    from core.runs.supervisor import presence
    from core.workspace import Workspace

    store = Store(Workspace(home))
    presence.end(store)
    for run in [*store.runs(), *store.runs(recipe=RESIDENT)]:
        RunHandle(store, run.id).stop(hard=True)
