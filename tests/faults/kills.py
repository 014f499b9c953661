"""kill -9 of the worker, the supervisor, both, and the web server, at random moments."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from urllib.error import URLError

from core.jobs import supervision
from core.jobs.processes import is_alive, start_time
from tests.faults.bench import Bench, Wrong, supervisor_of


def worker(bench: Bench) -> float:
    """Kill the worker; gives the seconds until the store told the truth."""
    run_id = bench.start()
    pid, events = bench.at_a_random_moment(run_id)
    _kill(pid)
    seconds = bench.truth_is_told(run_id)
    bench.ends_as_if_nothing_had_happened(run_id, events)
    return seconds


def supervisor(bench: Bench) -> float:
    """Kill the supervisor; gives the seconds until another one is there."""
    run_id = bench.start()
    supervisor_of(bench.store)
    _, events = bench.at_a_random_moment(run_id)
    _kill(supervisor_of(bench.store).pid)
    began = time.monotonic()
    supervisor_of(bench.store)
    seconds = time.monotonic() - began
    run = bench.ends_as_if_nothing_had_happened(run_id, events)
    if run.attempt != 1:
        raise Wrong(f"{run_id} was disturbed by the death of its supervisor")
    return seconds


def both(bench: Bench) -> float:
    """Kill supervisor and worker at once, as a machine does; gives the seconds to the truth."""
    run_id = bench.start()
    supervisor_of(bench.store)
    pid, events = bench.at_a_random_moment(run_id)
    _kill(supervisor_of(bench.store).pid)
    _kill(pid)
    supervision.ensure(bench.store)  # as any page or command does
    seconds = bench.truth_is_told(run_id)
    bench.ends_as_if_nothing_had_happened(run_id, events)
    return seconds


def web_server(bench: Bench) -> float:
    """Kill the web server while it shows the run; gives the seconds until it is back."""
    server, port = _serve(bench)
    try:
        run_id = bench.start()
        _, events = bench.at_a_random_moment(run_id)
        _kill(server.pid)
        server.wait()
        began = time.monotonic()
        server, port = _serve(bench)
        seconds = time.monotonic() - began
        run = bench.ends_as_if_nothing_had_happened(run_id, events)
        if run.attempt != 1:
            raise Wrong(f"{run_id} was disturbed by the death of the web server")
        return seconds
    finally:
        server.kill()
        server.wait()


def _kill(pid: int) -> None:
    """Kill a process, and wait until it is gone."""
    started = start_time(pid)
    with suppress(ProcessLookupError):  # it may have ended by itself just before
        os.kill(pid, signal.SIGKILL)
    while is_alive(pid, started):
        time.sleep(0.001)


def _serve(bench: Bench) -> tuple[subprocess.Popen[bytes], int]:
    """The app on a free port, ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    process = subprocess.Popen(
        [*command, f"--server.port={port}", "--server.address=127.0.0.1"],
        cwd=supervision.PROJECT,
        env={**os.environ, "PATHDISTILL_HOME": str(bench.store.workspace.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, OSError):
            if urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return process, port
        time.sleep(0.1)
    raise Wrong("the web server did not start")
