"""A wait ends by a ring, by the end of a process, or by its time; and costs no computing."""

import os
import subprocess
import sys
import threading
import time

import pytest

from core.runs.processes import start_time
from core.runs.supervisor import wakeup
from core.runs.supervisor.wakeup import Bell, ring

LONG = 60.0  # seconds; only ever reached by a failing test


@pytest.fixture
def place(tmp_path):
    return tmp_path / "some.bell"


@pytest.fixture
def child():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process, (process.pid, start_time(process.pid))
    process.kill()
    process.communicate()


def is_quick(wait):
    began = time.monotonic()
    wait()
    return time.monotonic() - began < LONG / 2


def test_a_ring_ends_the_wait_and_only_one(place):
    with Bell(place) as bell:
        ring(place)
        ring(place)
        assert is_quick(lambda: bell.wait(LONG))
        began = time.monotonic()
        bell.wait(0.2)  # both rings were heard
        assert time.monotonic() - began >= 0.2
    assert not place.exists()


def test_a_ring_meets_one_who_waits_already(place):
    with Bell(place) as bell:
        threading.Timer(0.1, ring, [place]).start()
        assert is_quick(lambda: bell.wait(LONG))


def test_where_nobody_waits_nothing_happens(place):
    ring(place)
    assert not place.exists()
    place.write_bytes(b"a file of somebody")
    ring(place)
    with Bell(place) as bell:
        bell.wait(0.0)
    assert place.read_bytes() == b"a file of somebody"


def test_nobody_waits_for_a_full_bell(place):
    with Bell(place):
        assert is_quick(lambda: [ring(place) for _ in range(70_000)])


def test_the_end_of_a_process_ends_the_wait_once(place, child):
    process, named = child
    with Bell(place) as bell:
        bell.wait(0.0, {named})
        process.kill()
        assert is_quick(lambda: bell.wait(LONG, {named}))
        began = time.monotonic()
        bell.wait(0.2, {named})
        assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("named", [(2**22 + 1, 1.0), (os.getpid(), 1.0)])
def test_a_process_that_is_gone_is_told_at_once(place, named):
    with Bell(place) as bell:
        assert is_quick(lambda: bell.wait(LONG, {named}))


def test_a_bell_that_was_removed_is_hung_up_again(place):
    with Bell(place) as bell:
        place.unlink()
        bell.wait(0.0)
        ring(place)
        assert is_quick(lambda: bell.wait(LONG))


@pytest.mark.parametrize("missing", ["mkfifo", "pidfd_open"])
def test_a_system_that_tells_nothing_is_looked_at(place, child, monkeypatch, missing):
    monkeypatch.delattr(wakeup.os, missing)
    with Bell(place) as bell:
        assert is_quick(lambda: bell.wait(LONG, {child[1]}))


def test_waiting_computes_nothing(place, child):
    with Bell(place) as bell:
        bell.wait(0.0, {child[1]})
        before = time.thread_time()
        bell.wait(0.5, {child[1]})
        assert time.thread_time() - before < 0.05
