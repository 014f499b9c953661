"""A store that refuses for a while is waited for; one that is full, or refuses for good, is not."""

import pytest

from core.errors import NotFound, WorkspaceError
from core.runs.store import retrying
from core.runs.store.retrying import retry_while_busy


class Asked:
    """Refuses so many times, then answers."""

    def __init__(self, times, error):
        self.times, self.error, self.count = times, error, 0

    def __call__(self):
        self.count += 1
        if self.count <= self.times:
            raise self.error
        return "written"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(retrying, "PAUSE_SECONDS", 0)


def test_what_passes_is_waited_for():
    ask = Asked(3, WorkspaceError("The store x cannot be written."))
    assert retry_while_busy(ask) == "written"
    assert ask.count == 4


def test_a_full_disk_is_said_at_once():
    ask = Asked(3, WorkspaceError("The disk is full at x: free some space and try again."))
    with pytest.raises(WorkspaceError, match="disk is full"):
        retry_while_busy(ask)
    assert ask.count == 1


def test_nobody_waits_for_ever(monkeypatch):
    ask = Asked(10**9, WorkspaceError("The store x cannot be written."))
    moments = iter([0.0, 59.0, 61.0])
    monkeypatch.setattr(retrying.time, "monotonic", lambda: next(moments))
    with pytest.raises(WorkspaceError, match="cannot be written"):
        retry_while_busy(ask)
    assert ask.count == 2


def test_other_errors_come_through():
    ask = Asked(1, NotFound("There is no run 'x'."))
    with pytest.raises(NotFound):
        retry_while_busy(ask)
