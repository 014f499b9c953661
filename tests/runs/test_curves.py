"""Curves, in a file and in PostgreSQL: thinned, latest, and the cursor to go on from."""

import pytest
from postgres_server import new_database

from core.runs.store import curves
from core.runs.store.store import Store
from core.workspace import Workspace


@pytest.fixture(params=["file", "postgres"])
def store(request, tmp_path, monkeypatch):
    if request.param == "postgres":
        address = new_database(request.getfixturevalue("postgres"))
        monkeypatch.setenv("PATHDISTILL_STORE", address)
    store = Store(Workspace(tmp_path / "workspace"))
    store.add("r", "distill_student", {}, "", None)
    store.add("other", "distill_student", {}, "", None)
    say(store, "a", {1: 9.0}, run="other")
    yield store
    store.close()


def say(store, name, points, run="r"):
    rows = [{"at": 0.0, "step": s, "name": name, "value": v} for s, v in points.items()]
    store.write(run, {}, [], rows)


def test_a_short_curve_is_whole(store):
    say(store, "b", {0: 3.0, 1: 2.0, 5: 1.0})
    say(store, "a", {2: 7.0})
    assert curves.names(store.database, "r") == ["a", "b"]
    assert curves.thinned(store.database, "r", "b") == [(0, 3.0), (1, 2.0), (5, 1.0)]
    assert curves.thinned(store.database, "r", "a") == [(2, 7.0)]


def test_a_long_curve_is_thinned_evenly_and_keeps_both_ends(store):
    say(store, "a", {step: float(step) for step in range(5000)})
    points = curves.thinned(store.database, "r", "a", most=100)
    assert points == [(step, float(step)) for step in [*range(0, 5000, 50), 4999]]


def test_of_a_step_said_twice_the_later_value_holds(store):
    say(store, "a", {1: 1.0, 2: 2.0, 3: 3.0})
    say(store, "a", {2: 20.0, 3: 30.0})
    assert curves.thinned(store.database, "r", "a") == [(1, 1.0), (2, 20.0), (3, 30.0)]
    assert curves.latest(store.database, "r") == {"a": 30.0}


def test_values_that_are_no_number(store):
    say(store, "a", {1: 1.0, 2: None})
    assert curves.thinned(store.database, "r", "a") == [(1, 1.0)]
    assert curves.latest(store.database, "r") == {"a": None}


def test_a_run_without_points(store):
    assert curves.names(store.database, "none") == []
    assert curves.thinned(store.database, "none", "a") == []
    assert curves.latest(store.database, "none") == {}
    assert curves.cursor(store.database, "none") == 0


def test_the_cursor_goes_on_where_the_curves_end(store):
    say(store, "a", {1: 1.0})
    place = curves.cursor(store.database, "r")
    say(store, "a", {2: 2.0})
    assert [point.step for point in store.metrics("r", after=place)] == [2]
