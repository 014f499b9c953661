"""Waiting for what must come to be; only a failing test waits long."""

import time

PATIENCE = 300  # seconds


def until(condition):
    """What a condition gives once it is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def run_until(store, run_id, condition):
    """A run once a condition on it is true."""
    deadline = time.monotonic() + PATIENCE
    while not condition(run := store.run(run_id)):
        assert time.monotonic() < deadline, run
        time.sleep(0.02)
    return run
