"""Pages looked at alone: no supervisor is started behind them, and no gate stands before them."""

import pytest

from core.runs.supervisor import presence
from gate.visitors import Role, Visitor
from pages.parts import changes


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(changes, "visitor", lambda: Visitor(Role.OWNER, signed_in=False))


@pytest.fixture
def guest(monkeypatch, owner):
    monkeypatch.setattr(changes, "visitor", lambda: Visitor(Role.GUEST, signed_in=True))
