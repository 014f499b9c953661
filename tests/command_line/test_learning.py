"""The command that teaches a graph: six runs, followed one after the other, or left alone."""

import json

import pytest
from stand_ins.results import evaluation

from core.command_line import learning
from core.command_line.main import main
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.workspace import Workspace


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)


@pytest.fixture
def store():
    store = Store(Workspace())
    with store.workspace.publish("graphs", "g"):
        pass
    yield store
    store.close()


def said(capfd, *words):
    """Exit code, standard output and standard error of `learn`."""
    with pytest.raises(SystemExit) as ended:
        main(["learn", *words])
    return ended.value.code, *capfd.readouterr()


def test_detached_it_queues_all_and_says_which(store, capfd):
    code, out, _ = said(capfd, "g", "--detach", "--json")
    ids = json.loads(out)["runs"]
    assert code == 0 and [run.id for run in store.runs()[::-1]] == ids and len(ids) == 6


def test_it_follows_each_and_ends_with_the_scores(store, capfd, monkeypatch):
    followed = []

    def follow(handle):
        run = handle.store.run(handle.id)
        followed.append(run.recipe)
        kind = run.settings.get("role", "student")
        return evaluation(kind, model=run.settings.get("model", "x")).as_record()

    monkeypatch.setattr(learning, "follow", follow)
    code, out, err = said(capfd, "g")
    assert code == 0 and followed[0] == "generate_questions" and len(followed) == 6
    assert "g-student" in out and "g-teacher" in out
    assert "1 of 6" in err and "core ask g-student" in err
    told = json.loads(said(capfd, "g", "--json")[1])
    assert (told["student"], told["teacher"]) == ("g-student-2", "g-teacher-2")
    assert told["scores"]["student"]["hits_at_1"] == 0.93


def test_a_graph_that_is_not_there_is_said(store, capfd):
    code, _, err = said(capfd, "none")
    assert code == 2 and "nothing named 'none' among the graphs" in err
    assert store.runs() == []
