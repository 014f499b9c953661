"""The processes of one run: the worker is rank 0, the others do its work with it.

    python -m core.runs.worker.ranks RUN_ID        with the environment that `torchrun` gives a rank

A run that asks for several processes gets them from its worker, in its process group and with its
log, so whoever stops or kills the run meets all of them. They run the same recipe; only rank 0
speaks to the store and publishes. All live or none: when one dies the run is over, and goes on from
its last checkpoint like any that was killed; when rank 0 is gone, the pipe from it tells the
others.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.drafts import scratch_folder
from core.errors import RunStopped
from core.report import Silent
from core.runs.store.store import Store
from core.runs.supervisor.presence import PROJECT
from core.runs.worker.recipe_loading import load_recipe
from core.workspace import Workspace

LOOK_SECONDS = 0.1
"""How often rank 0 looks whether the others live."""
LAST_WORDS_SECONDS = 5.0
"""How long rank 0 may take to end by its own error when another rank has ended by one."""
END_SECONDS = 2.0
"""How long the others may take to end when the work is done."""
ALONE = 1
"""The exit code of a run that an error in another rank has ended."""

log = logging.getLogger("run")


@contextmanager
def others(run_id: str, processes: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The other ranks of a run, from before its recipe is loaded until it has returned.

    Args:
        run_id: The run, of which this process is rank 0.
        processes: Ranks in all; of one, there are no others.
    """
    if processes == 1:
        yield []
        return
    os.environ |= _world(processes)
    children = [_start(run_id, rank) for rank in range(1, processes)]
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(children, over), name="ranks", daemon=True)
    watch.start()
    try:
        yield children
    finally:
        over.set()
        watch.join()
        _end(children)


def have_failed(children: Sequence[subprocess.Popen[bytes]]) -> bool:
    """Whether another rank has ended by an error, which rank 0 meets as a lost connection.

    Where it was killed, this process dies with it.
    """
    _wait_for(children, lambda codes: any(codes))
    codes = [child.poll() for child in children]
    _fall_with(codes)
    return any(codes)


def _wait_for(
    children: Sequence[subprocess.Popen[bytes]], enough: Callable[[list[int | None]], bool]
) -> None:
    """Wait a moment until the exit codes are such."""
    deadline = time.monotonic() + END_SECONDS
    while not enough([child.poll() for child in children]) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def _world(processes: int) -> dict[str, str]:
    """What rank 0 must know, and the others but for their number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    threads = max(1, (os.cpu_count() or 1) // processes)
    return {
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "RANK": "0",
        "LOCAL_RANK": "0",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", str(threads)),
    }


def _start(run_id: str, rank: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.runs.worker.ranks", run_id],
        cwd=PROJECT,
        env={**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        stdin=subprocess.PIPE,  # it closes when this process ends, however it ends
    )


def _watch(children: Sequence[subprocess.Popen[bytes]], over: threading.Event) -> None:
    """End the run when a rank ends before the work is done."""
    while not over.wait(LOOK_SECONDS):
        codes = [child.poll() for child in children]
        _fall_with(codes)
        if any(code for code in codes) and not over.wait(LAST_WORDS_SECONDS):
            log.error("another process of this run ended by an error (exit codes %s)", codes)
            _kill(children)
            os._exit(ALONE)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait a moment for the others, then end who is left; how they ended no longer counts."""
    _wait_for(children, lambda codes: None not in codes)
    _kill(children)


def _fall_with(codes: Sequence[int | None]) -> None:
    """Die as another rank died, so that the whole run counts as killed."""
    if any(code is not None and code < 0 for code in codes):
        log.error("another process of this run was killed (exit codes %s)", codes)
        logging.shutdown()
        os.killpg(0, signal.SIGKILL)


def _kill(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.kill()
        child.wait()


class _Unpublished(Workspace):
    """The workspace as the others see it: what they make is thrown away."""

    @contextmanager
    def publish(self, kind: str, name: str, *, replace: bool = False) -> Iterator[Path]:
        with scratch_folder() as folder:
            yield folder


def follow(store: Store, run_id: str) -> None:
    """Do a run's recipe as one of the others."""
    run = store.run(run_id)
    report = Silent()
    report.folder = store.workspace.folder("runs", run_id)
    try:
        load_recipe(run.recipe)(run.settings, report, _Unpublished(store.workspace.root))
    except RunStopped as stopped:
        log.info("%s", stopped)


def _leave_with_rank_0() -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing is ever sent
    os._exit(ALONE)


def main() -> None:
    """Be the rank that the environment names, of the run that the first argument names."""
    rank = os.environ["RANK"]
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stdout,
        format=f"%(asctime)s rank {rank}: %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    threading.Thread(target=_leave_with_rank_0, daemon=True).start()
    follow(Store(Workspace()), sys.argv[1])


if __name__ == "__main__":
    main()
