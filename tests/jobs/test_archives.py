"""A run as one file: out, in again, and every way in which a file may be none."""

import json
import os
import zipfile

import pytest

from core.errors import AlreadyExists, FormatError, SettingsError
from core.jobs.archives import export_run, import_run
from core.jobs.housekeeping import delete_run
from core.jobs.runs import RunState
from core.workspace import write_json


@pytest.fixture
def finished(store):
    store.add("r", "distill_student", {"alpha": 0.5}, "Distil s", None)
    folder = store.workspace.root / "runs" / "r"
    (folder / "checkpoints" / "step-00000001").mkdir(parents=True)
    (folder / "log.txt").write_text("first line\n", encoding="utf-8")
    (folder / "checkpoints" / "step-00000001" / "weights").write_bytes(b"\0\1")
    write_json(folder / "request.json", {"recipe": "distill_student"})
    store.begin("r", os.getpid(), 1.0)
    control = store.set_control("r", "alpha", 0.2, who="ada")
    point = {"at": 1.0, "step": 3, "name": "distil/loss", "value": 0.5}
    event = {"at": 1.0, "kind": "log", "payload": {"text": "你好"}}
    store.write(
        "r", {"stage": "distil"}, [event], [point], applied={control: {"step": 3, "old": 0.5}}
    )
    store.finish("r", RunState.SUCCEEDED, result={"hits": 1.0})
    return "r"


def test_out_and_in_again(store, finished, tmp_path):
    before = store.run("r")
    size = export_run(store, "r", tmp_path / "r.zip")
    assert size == (tmp_path / "r.zip").stat().st_size
    delete_run(store, "r")
    assert import_run(store, tmp_path / "r.zip") == "r"
    run = store.run("r")
    told = ("settings", "result", "state", "created", "started", "ended", "title", "who")
    assert [getattr(run, name) for name in told] == [getattr(before, name) for name in told]
    assert [e.payload for e in store.events("r")] == [{"text": "你好"}]
    assert [(p.step, p.value) for p in store.metrics("r")] == [(3, 0.5)]
    (control,) = store.controls("r")
    assert (control.who, control.old, control.value, control.step) == ("ada", 0.5, 0.2, 3)
    folder = store.workspace.folder("runs", "r")
    assert (folder / "checkpoints" / "step-00000001" / "weights").read_bytes() == b"\0\1"
    with pytest.raises(AlreadyExists, match="There is a run r already"):
        import_run(store, tmp_path / "r.zip")


def test_only_what_is_over_goes_out_and_nothing_is_overwritten(store, finished, tmp_path):
    store.add("new", "distill_student", {}, "", None)
    with pytest.raises(SettingsError, match="The run new is queued"):
        export_run(store, "new", tmp_path / "new.zip")
    (tmp_path / "r.zip").write_text("precious")
    with pytest.raises(AlreadyExists, match="There is a file"):
        export_run(store, "r", tmp_path / "r.zip")
    assert (tmp_path / "r.zip").read_text() == "precious"


def changed(source, target, changes):
    """A copy of an archive with some of its members changed, or left out where None."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in {*old.namelist(), *changes}:
            content = changes.get(name, old.read(name) if name in old.namelist() else None)
            if content is not None:
                new.writestr(name, content)
    return target


def about(**changes):
    run = {"id": "x", "recipe": "r", "title": "", "settings": {}, "state": "failed", "created": 1.0}
    whole = {"format": "pathdistill-run", "tables": "0002", "run": {**run, "stage": "", "done": 0}}
    whole["run"] |= {"total": 0, "note": "", **changes.pop("run", {})}
    return json.dumps(whole | changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"run.json": "[]"}, "is no run that was exported"),
        ({"run.json": None}, "is no run that was exported"),
        ({"run.json": "{"}, "is no run that was exported"),
        ({"run.json": about(format="other")}, "is no run that was exported"),
        ({"run.json": about(run={"title": None})}, "is no run that was exported"),
        ({"run.json": about(tables="0999")}, "written by a newer version"),
        ({"run.json": about(run={"state": "running"})}, r"is not over \('running'\)"),
        ({"events.jsonl": "nonsense\n"}, "is no run that was exported"),
        ({"run.json": about(), "files/../../evil": "x"}, "names a file outside of the run"),
    ],
)
def test_files_that_are_no_run(store, finished, tmp_path, changes, sentence):
    export_run(store, "r", tmp_path / "r.zip")
    delete_run(store, "r")
    bad = changed(tmp_path / "r.zip", tmp_path / "bad.zip", changes)
    with pytest.raises(FormatError, match=sentence):
        import_run(store, bad)
    assert store.runs() == []
    assert store.workspace.names("runs") == []
    assert not (store.workspace.root / "evil").exists()


def test_what_is_no_zip_file_at_all(store, tmp_path):
    (tmp_path / "x.zip").write_text("hello")
    with pytest.raises(FormatError, match="is no run that was exported"):
        import_run(store, tmp_path / "x.zip")
    with pytest.raises(FormatError, match="There is no file"):
        import_run(store, tmp_path / "y.zip")
