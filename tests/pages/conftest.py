"""Pages are looked at alone: no supervisor is started behind them."""

import pytest

from core.jobs import supervision


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch):
    monkeypatch.setattr(supervision, "ensure", lambda store: None)
