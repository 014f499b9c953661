"""A chain of runs, each waiting for the one before, and nothing queued where it could not go."""

import pytest

from core.errors import AlreadyExists, NotFound, SettingsError
from core.runs.chains import learn, start_chain
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


def test_a_graph_alone_is_enough(world):
    ids = learn(world, "g", "cpu")
    runs = [world.run(run_id) for run_id in ids]
    assert [run.recipe for run in runs] == [
        "generate_questions", "train_teacher", "label_questions", "distill_student", "evaluate",
        "evaluate",
    ]  # fmt: skip
    assert [queue.needed(world, run_id) for run_id in ids] == [[], *([one] for one in ids[:-1])]
    names = [run.settings.get("name") or run.settings["model"] for run in runs]
    labels = "g-teacher-g-questions-posterior"
    assert names == ["g-questions", "g-teacher", labels, "g-student", "g-student", "g-teacher"]
    assert [run.settings["role"] for run in runs[4:]] == ["student", "teacher"]


def test_names_are_free_of_what_is_there_and_of_what_is_on_its_way(world):
    with world.workspace.publish("teachers", "g-teacher"):
        pass
    made = [[world.run(run_id).settings.get("name") for run_id in learn(world, "g")][:4]
            for _ in range(2)]  # fmt: skip
    assert made[0][0::3] == ["g-questions", "g-student"] and made[0][1] == "g-teacher-2"
    assert made[1][0::3] == ["g-questions-2", "g-student-2"] and made[1][1] == "g-teacher-3"


def test_a_graph_that_is_not_there_is_not_taught(world):
    with pytest.raises(NotFound):
        learn(world, "none")
    with pytest.raises(SettingsError):
        learn(world, "g", "abacus")
    assert world.runs() == []
