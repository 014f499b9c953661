"""kill -9 of the worker, the supervisor, both, and the web server, at random moments."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.error import URLError

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from core.runs.store import devices
from core.runs.supervisor import presence
from tests.faults.bench import Bench, Wrong, is_at_its_first_attempt, kill, supervisor_of


def worker(bench: Bench) -> float:
    """Kill the worker."""
    with bench.disturbed() as moment:
        kill(moment.pid)
    return moment.wrong_seconds


def one_of_two(bench: Bench) -> float:
    """Kill one of the two processes that share a run, the worker or the other."""
    with bench.shared(2), bench.disturbed() as moment:
        kill_one_process(bench, moment.pid)
    return moment.wrong_seconds


def kill_one_process(bench: Bench, worker_pid: int) -> None:
    """Kill the worker of a run or one of the processes that share it."""
    started = psutil.Process(worker_pid).children()
    kill(bench.dice.choice([worker_pid, *(child.pid for child in started)]))


def supervisor(bench: Bench) -> float:
    """Kill the supervisor; the worker never notices."""
    with bench.disturbed() as moment:
        kill(supervisor_of(bench.store).pid)
    is_at_its_first_attempt(bench, moment.run_id)
    return moment.wrong_seconds


def both(bench: Bench) -> float:
    """Kill supervisor and worker at once, as a machine does."""
    with bench.disturbed() as moment:
        kill(supervisor_of(bench.store).pid)
        kill(moment.pid)
        presence.ensure(bench.store)  # as any page or command does
    return moment.wrong_seconds


def web_server(bench: Bench) -> float:
    """Kill the web server while it shows the run whose supervisor it has started."""
    with ExitStack() as open_pages, _served(bench) as (server, port):

        def begun(run_id: str) -> None:
            presence.end(bench.store)
            devices.set_slots(bench.store.database, "cpu", 1)
            open_pages.enter_context(_opened(port, f"runs?run={run_id}"))

        devices.set_slots(bench.store.database, "cpu", 0)  # nothing begins before the page is open
        with bench.disturbed(begun) as moment:
            kill(server.pid)
    is_at_its_first_attempt(bench, moment.run_id)
    return moment.wrong_seconds


@contextmanager
def _served(bench: Bench) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The app on a free port, ready; gives its process and the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    process = subprocess.Popen(
        [*command, f"--server.port={port}", "--server.address=127.0.0.1"],
        cwd=presence.PROJECT,
        env={**os.environ, "PATHDISTILL_HOME": str(bench.store.workspace.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        while not _is_healthy(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise Wrong("the web server did not start")
            time.sleep(0.1)
        yield process, port
    finally:
        process.kill()
        process.wait()


def _is_healthy(port: int) -> bool:
    with suppress(URLError, OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2)
        return True
    return False


@contextmanager
def _opened(port: int, address: str) -> Iterator[None]:
    """A page as a browser has it open: its script has run, and it keeps its connection."""
    page, _, query = address.partition("?")
    wanted = BackMsg()
    wanted.rerun_script.page_name = page
    wanted.rerun_script.query_string = query
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    spoken = {"subprotocols": [Subprotocol("streamlit")], "origin": f"http://127.0.0.1:{port}"}
    with connect(address, max_size=None, ping_interval=None, **spoken) as browser:
        browser.send(wanted.SerializeToString())
        browser.recv(timeout=120)
        yield
