"""The supervisor at work: `python -m core.runs.supervisor`, the one process that starts runs.

It takes runs from the queue as devices become free, notices at once when a worker's process is
gone, has it tried again or explained, and ends what does not stop when asked. It sleeps until a
worker ends or the store rings for it, and looks by itself now and then. All it knows is in the
store: whoever takes its place after it was killed goes on where it was, and workers never notice.
It leaves when nothing was queued or running for a while.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import time
from collections import deque

from core.errors import CoreError, WorkspaceError, WorkspaceGone
from core.runs import run_folder
from core.runs.backends import BACKENDS
from core.runs.client import RunHandle, kill
from core.runs.processes import machine, start_time
from core.runs.run import WORKING, Run, RunState, error_columns
from core.runs.store import devices, disk_reserve, housekeeping, queue, supervisor_lease
from core.runs.store.store import BELL, Store
from core.runs.supervisor import diagnosis, hangs, presence, recovery
from core.runs.supervisor.diagnosis import Cause
from core.runs.supervisor.wakeup import Bell, Process

TICK_SECONDS = 2.0
"""How long it sleeps at most: what nothing rings for is seen by then."""
BEAT_SECONDS = 2.0
SLOW_SECONDS = 1.0
"""How often it looks for what nobody waits for: broken chains, devices that are not there."""
IDLE_SECONDS = 60.0
GRACE_SECONDS = 120.0
"""How long a run may take to reach a safe point before it is ended."""
SHORT_GRACE_SECONDS = 10.0
"""How long one may take that does not even say that it lives."""

log = logging.getLogger("supervisor")


class Supervisor:
    """One supervisor at work; `tick` does everything once."""

    def __init__(self, store: Store, token: str) -> None:
        self.store = store
        self.token = token
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping: dict[str, float] = {}  # run -> since when, by the clock that never jumps
        self.hang_detector = hangs.HangDetector()
        self.hung: set[tuple[str, int]] = set()  # run and attempt that were ended for it
        self.processes: set[Process] = set()  # whose end is not to be missed
        self.last_asked: dict[str, float] = {}  # run -> when its backend was last asked about it
        # The system's count of late: of all that were killed, only those in the last seconds tell.
        self.memory_kills = deque([diagnosis.memory_kills()], maxlen=10)
        self._beaten = self._slow = 0.0

    def tick(self) -> bool:
        """Look after everything once.

        Returns:
            Whether there is anything to do.

        Raises:
            LeaseLost: If another supervisor has taken over.
            WorkspaceGone: If the workspace or its store was moved or deleted.
        """
        now = time.monotonic()
        if now - self._beaten >= BEAT_SECONDS:
            self._beaten = now
            self.store.workspace.enter()
            if not supervisor_lease.renew_lease(self.store, self.token):
                raise LeaseLost
        working = self.store.runs(limit=10_000, states=WORKING)
        here = [run for run in working if run.pid is not None and run.machine == machine()]
        self.processes = {(run.pid, run.process_started) for run in here if run.pid is not None}
        self.hang_detector.observe(now, working)
        for run in working:
            self._look_after(run, now)
        self.hung &= {(run.id, run.attempt) for run in working}
        over = self.children.keys() - {run.id for run in working}
        for run_id in [name for name in over if self.children[name].poll() is not None]:
            del self.children[run_id]
        if now - self._slow >= SLOW_SECONDS:
            self._slow = now
            self.memory_kills.append(diagnosis.memory_kills())
            disk_reserve.keep(self.store.workspace.root)
            queue.fail_unrunnable(self.store)
        if queue.is_empty(self.store):  # as it mostly is
            return bool(working)
        while (claimed := queue.claim(self.store)) is not None:
            self._launch(*claimed)
        while (remote := queue.claim_remote(self.store)) is not None:
            self._launch(remote)
        return True

    def _launch(self, run: Run, held: tuple[str, ...] = ()) -> None:
        log.info(
            "starting %s on %s, attempt %d",
            run.id,
            ", ".join(held) or "the cluster",
            run.attempt,
        )
        try:
            child = BACKENDS[run.backend].launch(self.store, run, held)
            if child is not None:
                self.children[run.id] = child
                self.processes.add((child.pid, start_time(child.pid)))
        except CoreError as error:
            cause = diagnosis.of_error(type(error).__name__, str(error))
            self.store.finish(run.id, RunState.FAILED, **error_columns(error), cause=cause)

    def _look_after(self, run: Run, now: float) -> None:
        child = self.children.get(run.id)
        own = child if child is not None and child.pid == run.pid else None
        exit_code = own.poll() if own is not None else None
        if exit_code is not None or recovery.is_lost(run):
            if own is not None:
                exit_code = own.poll()  # it may have ended between the two looks
            # What it said last may have come after we looked.
            run = self.store.run(run.id)
            if run.state.has_process and (
                exit_code is None or child is None or child.pid == run.pid
            ):
                self._recover(run, exit_code)
        elif run.state.has_process and run.pid is None and self._was_never_started(run, now):
            self._recover(run, child.poll() if child is not None else None)
        elif run.state is RunState.STOPPING:
            since = self.stopping.setdefault(run.id, now)
            is_heard = self.hang_detector.silence(run) <= SHORT_GRACE_SECONDS
            if now - since > (GRACE_SECONDS if is_heard else SHORT_GRACE_SECONDS):
                log.info("ending %s, which does not stop", run.id)
                RunHandle(self.store, run.id).stop(hard=True)
        else:
            self.stopping.pop(run.id, None)
            if self.hang_detector.is_hung(run):
                self._end_hung(run)

    def _end_hung(self, run: Run) -> None:
        """Kill a worker that hangs; once its process is gone it is recovered like any other."""
        if (run.id, run.attempt) not in self.hung:
            self.hung.add((run.id, run.attempt))
            quiet, silent = run.quiet, self.hang_detector.silence(run)
            log.info("ending %s, silent for %.0f s, quiet for %.0f s", run.id, silent, quiet)
            kill(run)

    def _was_never_started(self, run: Run, now: float) -> bool:
        """Whether a run has no process, and will get none: who should start it has died over it."""
        if (child := self.children.get(run.id)) is not None:
            return child.poll() is not None
        # Ask a backend only now and then. A run that a cluster has not begun has no process yet.
        last_asked = self.last_asked.get(run.id)
        if last_asked is not None and now - last_asked < SLOW_SECONDS:
            return False
        self.last_asked[run.id] = now
        try:
            return BACKENDS[run.backend].has_ended(run)
        except WorkspaceError as error:  # it may answer again later; the other runs go on
            log.warning("%s", error)
            return False

    def _recover(self, run: Run, exit_code: int | None) -> None:
        kills = diagnosis.memory_kills() - self.memory_kills[0]
        full = disk_reserve.is_needed(self.store.workspace.root)
        log_end = run_folder.log_of_attempt(self.store, run)
        cause = diagnosis.of_death(exit_code, log_end, kills, full)
        if (run.id, run.attempt) in self.hung:
            cause = Cause.HUNG
        if full:
            disk_reserve.release(self.store.workspace.root)
        if run.machine is not None and run.machine != machine() and cause is Cause.KILLED:
            cause = Cause.MACHINE
        state = recovery.recover(self.store, run, cause, exit_code)
        self.children.pop(run.id, None)  # only now: a store that is away is asked again
        clear_drafts(self.store)
        if state is not None:
            log.info("%s is gone (%s, exit %s): %s", run.id, cause, exit_code, state)


def clear_drafts(store: Store) -> None:
    """Remove what killed processes left half made; what cannot be removed stays, and is logged."""
    try:
        for path in housekeeping.clear_drafts(store):
            log.info("cleared %s, left by a process that ended", path)
    except WorkspaceError as error:
        log.warning("%s", error)


class LeaseLost(Exception):
    """Another supervisor has taken over."""


def supervise(store: Store, idle_seconds: float | None = IDLE_SECONDS) -> bool:
    """Be the supervisor until there is nothing to do, or someone sends SIGTERM.

    Args:
        store: The store.
        idle_seconds: Leave after so long with nothing to do; None: stay for ever.

    Returns:
        False if there was a supervisor already, which goes on.
    """
    with presence.alone(store.workspace.root) as is_alone:
        token = supervisor_lease.acquire_lease(store) if is_alone else None
        if token is None:
            log.info("there is a supervisor already")
            return False
        with Bell(store.workspace.root / BELL) as bell:
            is_idle = _look_after_all(Supervisor(store, token), bell, idle_seconds)
    if is_idle and not queue.is_empty(store):  # it came in this very moment, and saw one at work
        return supervise(store, idle_seconds)
    log.info("leaving")
    return True


def _look_after_all(supervisor: Supervisor, bell: Bell, idle_seconds: float | None) -> bool:
    """Tick whenever there may be something to do; True if it ends for want of that."""
    store, leaving = supervisor.store, []

    def leave(number: int, _: object) -> None:
        leaving.append(number)
        bell.ring()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    log.info("looking after %s", store.workspace.root)
    devices.register(store.database)
    clear_drafts(store)
    busy = time.monotonic()
    try:
        is_idle = False
        while not leaving and not is_idle:
            pause = TICK_SECONDS
            try:
                if supervisor.tick():
                    busy = time.monotonic()
            except WorkspaceGone:
                raise
            except WorkspaceError as error:  # a full disk, a store that is busy: it may pass
                log.warning("%s", error)
                pause = SLOW_SECONDS
                if disk_reserve.is_needed(store.workspace.root):
                    disk_reserve.release(store.workspace.root)
            if idle_seconds is not None:
                left = busy + idle_seconds - time.monotonic()
                is_idle = left < 0
                pause = min(pause, left)
            bell.wait(pause, supervisor.processes)
        supervisor_lease.release_lease(store, supervisor.token)
        return is_idle
    except LeaseLost:
        log.info("another supervisor has taken over")
    except WorkspaceGone as error:
        log.error("%s", error)
    return False
