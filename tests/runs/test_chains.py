"""A chain: four runs, each waiting for the one before, and nothing queued where it could not go."""

import pytest

from core.errors import AlreadyExists, NotFound, SettingsError
from core.runs.chains import start_chain
from core.runs.store import queue
from core.runs.supervisor import presence


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)


@pytest.fixture
def world(store):
    for kind, name in (("graphs", "g"), ("questions", "q"), ("students", "taken")):
        with store.workspace.publish(kind, name):
            pass
    return store


def test_each_waits_for_the_one_before(world):
    ids = start_chain(world, "g", "q", "t", "s", "cpu")
    runs = [world.run(run_id) for run_id in ids]
    recipes = [run.recipe for run in runs]
    assert recipes == ["train_teacher", "label_questions", "distill_student", "evaluate"]
    assert [queue.needed(world, run_id) for run_id in ids] == [[], *([one] for one in ids[:-1])]
    assert {run.id for run in queue.chain(world, ids[2])} == set(ids)
    assert [run.settings.get("name") for run in runs] == ["t", "t-q-posterior", "s", None]
    assert runs[3].settings["model"] == "s"
    assert {run.settings["device"] for run in runs} == {"cpu"}
    assert {run.settings["questions"] for run in runs} == {"q"}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (("none", "q", "t", "s"), NotFound),
        (("g", "none", "t", "s"), NotFound),
        (("g", "q", "t", "taken"), AlreadyExists),
        (("g", "q", "t", "../s"), SettingsError),
        (("g", "q", "t", "s", "abacus"), SettingsError),
    ],
)
def test_what_could_not_go_is_refused_and_nothing_queued(world, given, error):
    with pytest.raises(error):
        start_chain(world, *given)
    assert world.runs() == []
