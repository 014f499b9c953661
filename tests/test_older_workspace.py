"""A workspace of the version before opens, and its student answers."""

import json
import zipfile
from pathlib import Path

import pytest

from core.catalogue import BY_RECIPE
from core.labels.path_labels import read_labels
from core.questions.question_sets import load_questions
from core.report import Silent
from core.runs import lifecycle
from core.runs.archives import import_run
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.runs.worker.attempts import attempt
from core.student import language_model
from core.teacher.teachers import open_teacher
from core.workspace import Workspace

ARCHIVE = Path(__file__).parent / "workspaces" / "0.1.0.zip"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("older")
    zipfile.ZipFile(ARCHIVE).extractall(folder)
    return folder


@pytest.fixture(scope="module")
def workspace(unpacked):
    made = Workspace(unpacked / "home")
    made.enter()
    return made


@pytest.fixture
def store(workspace):
    opened = Store(workspace)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def expected(unpacked):
    return json.loads((unpacked / "expected.json").read_text())


@pytest.fixture
def small_student(monkeypatch):
    """A fresh student is as large as the one that was distilled then."""
    for name, value in {"WIDTH": 16, "LAYERS": 1, "HEADS": 2, "VOCABULARY": 300}.items():
        monkeypatch.setattr(language_model, name, value)


def done(workspace, recipe, **settings):
    """What a recipe gives, as JSON."""
    outcome = attempt(recipe, settings, Silent(), workspace)
    assert outcome.state is RunState.SUCCEEDED, outcome.error
    return outcome.result


def close_to(now, then):
    """Whether all that was said then is said now; numbers to rounding, times not at all."""
    if isinstance(then, dict):
        return all(close_to(now[key], then[key]) for key in then.keys() - {"seconds"})
    if isinstance(then, list):
        return len(now) == len(then) and all(map(close_to, now, then))
    return now == (pytest.approx(then, rel=1e-4, abs=1e-6) if isinstance(then, float) else then)


def test_its_student_answers(workspace, expected):
    said = done(workspace, "answer_question", student="s", question=expected["question"])
    assert close_to(said, expected["ask"])


def test_its_student_scores_as_it_did(workspace, expected):
    found = done(workspace, "evaluate", model="s", device="cpu", beams=3)
    assert close_to(found, expected["evaluation"])


def test_its_teacher_reasons_as_it_did(workspace, expected):
    said = done(workspace, "explain_question", teacher="t", question=expected["question"])
    assert close_to(said, expected["explain"])


@pytest.mark.parametrize("name", ["t", "moved", "lexical"])
def test_its_teachers_open(workspace, name):
    teacher = open_teacher(workspace, name)
    assert teacher.card["name"] == name


def test_its_questions_and_labels_are_read(workspace):
    assert load_questions(workspace, "asked").part("train")
    assert load_questions(workspace, "made").part("train")
    teacher = open_teacher(workspace, "t")
    for name in ("l", "t-asked-posterior"):
        path = workspace.open("labels", name) / "labels.parquet"
        labels, source = read_labels(path, teacher.graph.hash, teacher.hash)
        assert labels and source.teacher == "t"


def test_its_runs_are_listed_by_the_names_that_settings_have_now(store, expected):
    assert [run.id for run in store.runs()] == expected["run_ids"]
    settings = {run.id: run.settings for run in store.runs()}
    assert settings["teacher"]["max_paths"] == 64
    assert settings["labels"]["top_k"] == 5
    assert settings["distill"]["top_k"] == 2
    assert settings["questions"]["withheld_share"] == 0.5
    assert settings["language"]["calibration_questions"] == 7
    old = {"largest", "keep", "top", "withheld", "judged"}
    assert not old & {name for values in settings.values() for name in values}


def test_its_archives_are_imported(unpacked, tmp_path):
    (tmp_path / "fresh").mkdir()
    fresh = Workspace(tmp_path / "fresh")
    fresh.enter()
    store = Store(fresh)
    try:
        run = store.run(import_run(store, unpacked / "distill.zip"))
        assert run.settings["top_k"] == 2
        assert store.metrics(run.id)
        assert not [one for one in store.events(run.id) if "left out" in str(one.payload)]
    finally:
        store.close()


def test_its_runs_branch_and_can_be_taken_again(store, workspace, small_student, monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    (checkpoint,) = (workspace.root / "runs" / "distill" / "checkpoints").iterdir()
    step = int(checkpoint.name.rpartition("-")[2])
    changes = {"name": "branched", "epochs": 12}
    branched = store.run(lifecycle.branch(store, "distill", changes, step))
    assert done(workspace, "distill_student", **branched.settings)["steps"] > step
    replayed = {"name": "again", "replay": "distill"}
    again = store.run(lifecycle.branch(store, "distill", replayed))
    assert done(workspace, "distill_student", **again.settings)["name"] == "again"
    with_student = {**again.settings, "name": "once-more", "replay": "s"}
    assert done(workspace, "distill_student", **with_student)["name"] == "once-more"


def test_its_failed_runs_can_be_resumed(store):
    run = store.run("language")
    mended = lifecycle.changed(run, {"model": "SmolLM2-135M"})
    assert (mended.calibration_questions, mended.max_paths) == (7, 128)


def test_the_results_of_its_runs_are_read_as_what_they_are(store):
    known = [run for run in store.runs() if run.result]
    assert known
    for run in known:
        result = BY_RECIPE[run.recipe].result
        assert isinstance(result.from_record(run.result), result)
