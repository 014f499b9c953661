"""Four hundred spoilt inputs hold, and whatever does not hold is seen."""

import os
import random
import tempfile

import pytest

from core.errors import CoreError, FormatError
from tests.fuzz import bench
from tests.fuzz.cases import Case
from tests.fuzz.trial import judged

SEED = 20261130


@pytest.mark.slow
def test_four_hundred_spoilt_inputs():
    outcome = bench.try_all(bench.numbers(400), SEED)
    told = (f"{bench.replay(number, SEED)}\n{why}" for number, why in outcome.failures.items())
    assert not outcome.failures, "\n\n".join(told)
    assert sum(outcome.tried.values()) == 400
    for kind, tried in outcome.tried.items():
        assert 0 < outcome.refused[kind] < tried, f"of {kind} all end alike"


def raises(error):
    raise error


class Said(CoreError):
    """A sentence that no gate has seen."""

    def __init__(self, sentence):
        self.args = (sentence,)


FAULTS = {
    "ValueError: oh": lambda folder: raises(ValueError("oh")),
    "a sentence of 0 characters": lambda folder: raises(FormatError("")),
    "a sentence of 9000 characters": lambda folder: raises(Said("x" * 9000)),
    "what cannot be printed": lambda folder: raises(Said("two\nlines")),
    "exit code 3": lambda folder: raises(SystemExit(3)),
    "printed: Traceback": lambda folder: (folder / "said").write_text("Traceback (most recent"),
    "left behind: ": lambda folder: (folder / "workspace" / ".draft").mkdir(parents=True),
    "left behind:": lambda folder: tempfile.mkdtemp(),
    "is not whole": lambda folder: (folder / "workspace" / "graphs" / "g").mkdir(parents=True),
}


@pytest.mark.parametrize("problem", FAULTS)
def test_what_does_not_hold_is_seen(problem, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", "")
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "input").mkdir()
    (tmp_path / "said").write_text("")
    verdict = judged(Case("", lambda: FAULTS[problem](tmp_path)), tmp_path, tmp_path / "said")
    assert problem in "\n".join(verdict.problems)


def test_memory_is_measured_case_by_case(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", "")
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "input").mkdir()
    (tmp_path / "said").write_text("")
    large = Case("", lambda: bytes(os.urandom(1)) * (50 << 20))
    assert judged(large, tmp_path, tmp_path / "said").grown > 45 << 20


def test_a_process_that_hangs_or_dies_is_seen_and_replaced(monkeypatch):
    monkeypatch.setattr(bench, "LIMIT_SECONDS", 1.0)
    monkeypatch.setattr(bench, "START_SECONDS", 5.0)
    kinds = {}
    for place in range(20):
        kinds.setdefault(
            random.Random(f"0:faulty:{place}").choice(("hangs", "dies", "well")), place
        )
    cases = [("faulty", kinds[name]) for name in ("well", "hangs", "dies", "well")]
    outcome = bench.try_all(cases, 0, processes=1)
    assert outcome.tried["faulty"] == 4
    hung = outcome.failures.pop(("faulty", kinds["hangs"]))
    assert hung.startswith("it hung for 1 s") and "faulty.py" in hung
    assert outcome.failures == {("faulty", kinds["dies"]): "its process ended by 3"}


def test_the_kinds_of_one_process_leave_each_other_alone():
    cases = [("command_lines", 0), ("settings", 0), ("command_lines", 7)]
    assert not bench.try_all(cases, SEED, processes=1).failures
