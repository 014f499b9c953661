"""Schedules of faults hold, one seed is one schedule, and bugs put in by hand are found."""

import os
import subprocess
import sys

import pytest

from core.runs.store import queue, supervisor_lease
from core.runs.store import store as store_module
from core.runs.store.store import Store
from core.runs.supervisor import recovery
from core.runs.worker.store_report import StoreReport
from tests.simulation import faults, schedule
from tests.simulation.schedule import run_part, simulator

SCHEDULES = 250
SEARCHED = 800
"""So many are tried, at most, to find a bug."""


def test_whatever_goes_wrong_no_run_and_no_event_is_lost():
    part = run_part(range(SCHEDULES))
    assert not part.wrong, "tell it with: python -m tests.simulation --seed SEED"
    runs, attempts, steps = part.counts
    assert SCHEDULES < runs < attempts and steps > 100 * SCHEDULES  # something did happen


def test_one_seed_is_one_schedule_in_any_process():
    def lines(seed, hashing):
        command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed)]
        environment = {**os.environ, "PYTHONHASHSEED": hashing}
        told = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        return told.stdout

    assert lines(7, "1") == lines(7, "2") != lines(8, "1")


def is_found(bug, sentence, kinds):
    """Whether a bug shows in some schedule of faults of such kinds, by such a sentence."""
    with simulator() as here, pytest.MonkeyPatch.context() as patch:
        bug(patch)
        patch.setattr(schedule, "FAULTS", kinds)
        return any(sentence in said for seed in range(SEARCHED) for said in here.run(seed).wrong)


def free_devices_are_not_counted(patch):
    """The lease check of `claim` is dropped: a device is given to whoever comes."""
    patch.setattr(queue.devices, "choose", lambda settings, free: suitable(settings))


def suitable(settings):
    wanted = {"cuda": ("gpu:0", "gpu:1")}.get(settings["device"], (settings["device"],))
    return wanted[: settings["processes"]]


def any_attempt_may_write(patch):
    """The attempt check of whatever a worker writes is dropped."""
    hold = store_module._hold
    patch.setattr(
        store_module, "_hold", lambda connection, run, attempt=None: hold(connection, run)
    )


def nobody_is_asked_whether_he_lives(patch):
    """`acquire_lease` does not see the supervisor that is there."""
    patch.setattr(supervisor_lease.SupervisorProcess, "is_gone", property(lambda self: True))


def the_silent_are_lost(patch):
    """A run counts as lost by its silence though its process is there."""
    patch.setattr(recovery, "is_gone", lambda *_: None)
    patch.setattr(recovery, "STALE_SECONDS", 2.0)


def recovery_does_not_look_again(patch):
    """The heartbeat check of `recover` is dropped."""

    def recover(store, run, cause, exit_code=None):
        return real(store, store.run(run.id), cause, exit_code)

    real = recovery.recover
    patch.setattr(recovery, "recover", recover)


def changes_are_never_taken(patch):
    """A change stays to be taken, so that it is acknowledged again and again."""
    ask = Store.take_controls

    def take(self, run_id, attempt=None):
        taken = ask(self, run_id, attempt)
        with self.database.writing() as connection:
            rows = store_module.update(store_module.controls)
            rows = rows.where(store_module.controls.c.id.in_([one.id for one in taken]))
            connection.execute(rows.values(taken=None))
        return taken

    patch.setattr(Store, "take_controls", take)


def what_was_said_is_said_again(patch):
    """A flush does not forget what it has written."""
    flush = StoreReport.flush

    def twice(self):
        said = list(self._events)
        flush(self)
        self._events = said if len(said) == 1 and said[0]["kind"] == "example" else []

    patch.setattr(StoreReport, "flush", twice)


def needs_are_not_looked_at(patch):
    """A run begins before what it needs."""
    patch.setattr(queue, "_READY", queue._QUEUED.where(queue.jobs.c.backend == "local"))
    patch.setattr(queue, "_FIRST_READY", queue._READY.limit(1))


@pytest.mark.parametrize(
    ("bug", "sentence", "kinds"),
    [
        (free_devices_are_not_counted, "slots and", (faults.freeze,)),
        (any_attempt_may_write, "wrote during attempt", (faults.freeze_worker,)),
        (nobody_is_asked_whether_he_lives, "taken the place of", (faults.double_supervisor,)),
        (the_silent_are_lost, "was given up by", (faults.freeze_worker,)),
        (recovery_does_not_look_again, ", by supervisor", (faults.kill_workers,)),
        (changes_are_never_taken, "twice", (faults.freeze,)),
        (what_was_said_is_said_again, "times", (faults.freeze,)),
        (needs_are_not_looked_at, "which it needs", (faults.freeze,)),
    ],
)
def test_a_bug_put_in_by_hand_is_found(bug, sentence, kinds):
    assert is_found(bug, sentence, kinds), bug.__doc__
