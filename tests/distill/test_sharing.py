"""Whether as many processes share a training as its settings ask for."""

import pytest
from accelerate import PartialState

from core.distill.sharing import sharing
from core.errors import SettingsError
from core.settings import DistillSettings, checked
from tests.small_runs import settings


def test_alone_one_is_the_first_and_waits_for_nobody():
    with sharing(settings()) as state, state.main_process_first():
        assert isinstance(state, PartialState)
        assert state.is_main_process and state.num_processes == 1


def test_fewer_processes_than_asked_for_are_refused():
    two = settings(processes=2)
    with pytest.raises(SettingsError, match="ask for 2 processes and 1 run this"), sharing(two):
        pass


def test_more_processes_than_asked_for_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    two = settings(processes=2)
    with pytest.raises(SettingsError, match="ask for 2 processes and 4 run this"), sharing(two):
        pass


def test_a_step_that_cannot_be_shared_evenly_is_refused():
    given = {"name": "s", "teacher": "t", "batch_size": 5, "processes": 2}
    with pytest.raises(SettingsError, match=r"^A step of 5 questions cannot be .* between 2 pro"):
        checked(DistillSettings, given)
