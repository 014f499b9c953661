"""A run as one file: out, in again, and every way in which a file may be none."""

import json
import math
import os
import random
import stat
import sys
import warnings
import zipfile

import pytest

from core.errors import AlreadyExists, CoreError, FormatError, SettingsError
from core.runs import archived_rows, archives
from core.runs.archives import export_run, import_run
from core.runs.run import RunState
from core.runs.store import run_rows
from core.runs.store.housekeeping import delete_run
from core.runs.store.tables import jobs
from core.workspace import write_json

RESULT = {"name": "s", "parameters": 1, "steps": 3, "seconds": 1.0, "hits": 1.0}
SETTINGS = {"name": "s", "teacher": "t", "alpha": 0.5}


MIXED = {"name": "m", "teachers": ["a", "b"]}


@pytest.fixture
def finished(store):
    store.add("r", "distill_student", SETTINGS, "Distil s", None)
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
    store.finish("r", RunState.SUCCEEDED, result=RESULT)
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
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            content = changes.get(name, old.read(name) if name in old.namelist() else None)
            if content is not None:
                new.writestr(name, content)
    return target


def about(format="pathdistill-run", tables="0002", **changes):
    run = {"id": "x", "recipe": "distill_student", "title": "", "settings": SETTINGS}
    run |= {"state": "failed", "created": 1.0, "stage": "", "done": 0, "total": 0, "note": ""}
    run = None if changes.get("run", run) is None else run | changes
    return json.dumps({"format": format, "tables": tables, "run": run})


def row(**values):
    return json.dumps(values) + "\n"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"run.json": "[]"}, "is no run that was exported"),
        ({"run.json": None}, "is no run that was exported: it has no run.json"),
        ({"events.jsonl": None}, "is no run that was exported: it has no events.jsonl"),
        ({"run.json": "{"}, "run.json is not JSON"),
        ({"run.json": "[" * 100_000}, "run.json is not JSON: it nests too deeply"),
        ({"run.json": about(format="other")}, "is no run that was exported"),
        ({"run.json": about(run=None)}, "run.json: 'it': Input should be"),
        ({"run.json": about(title=None)}, "'title': Input should be a valid string"),
        ({"run.json": about(title="x" * 10_001)}, "'title': String should have at most 10000"),
        ({"run.json": about(created=1e15)}, "'created': Input should be less than or equal"),
        ({"run.json": about(created=-1.0)}, "'created': Input should be greater than or equal"),
        ({"run.json": about(created=math.nan)}, "it holds NaN, which is no number"),
        ({"run.json": about(done=10**400)}, "'done': Input should be a valid number"),
        ({"run.json": about(priority=10**9)}, "'priority': Input should be less than or equal"),
        ({"run.json": about(attempt="1")}, "'attempt': Input should be a valid integer"),
        ({"run.json": about(cause="magic")}, "'cause': Input should be"),
        ({"run.json": about(id="../x")}, "The name '../x' cannot be used"),
        ({"run.json": about(tables="0999")}, "written by a newer version"),
        ({"run.json": about(state="running")}, r"is not over \('running'\)"),
        ({"run.json": about(recipe="os.path")}, "'os.path', which is no recipe of PathDistill"),
        ({"run.json": about(settings={"name": "s"})}, "Setting 'teacher': Field required"),
        ({"run.json": about(settings={**SETTINGS, "alpha": 2})}, "Setting 'alpha': Input should"),
        ({"run.json": about(result={"name": "s"})}, "result: 'parameters': Field required"),
        (
            {"run.json": about(recipe="mix_teachers", settings=MIXED, result={"names": 3})},
            "result: 'names': Input should be a valid dictionary",
        ),
        (
            {"run.json": about(recipe="run_demo", settings={}, result={"names": {}})},
            "result: 'names.graph': Field required",
        ),
        ({"events.jsonl": "nonsense\n"}, "events.jsonl, line 1 is not JSON"),
        ({"events.jsonl": "x" * 2_000_000}, "events.jsonl, line 1: it is longer than 1,048,576"),
        ({"events.jsonl": row(at=1, kind="stage", payload={})}, "'payload.name': Field required"),
        ({"metrics.jsonl": row(at=1, step=-1, name="x", value=1)}, "'step': Input should be"),
        ({"metrics.jsonl": row(at=1, step=1, name="x", value="1")}, "'value': Input should be"),
        ({"controls.jsonl": row(at=1, key="alpha")}, "'value': Field required"),
        ({"files/../../evil": "x"}, "names a file outside of the run"),
        ({"files//etc/evil": "x"}, "names a file outside of the run"),
        ({"files/c:/evil": "x"}, "names a file outside of the run"),
        ({"files/..\\evil": "x"}, "names a file outside of the run"),
        ({"files/con": "x"}, "names a file outside of the run"),
        ({"files/" + "a/" * 20 + "b": "x"}, "holds a file in no place for one"),
        ({"files/LOG.txt": "x"}, "holds 'files/log.txt' twice|holds 'files/LOG.txt' twice"),
        ({"files/log.txt/x": "x"}, "twice, or as a file and as a folder"),
        ({"files/zeros": "\0" * (65 << 20)}, "would become .*: nothing was unpacked"),
    ],
)
def test_files_that_are_no_run(store, finished, tmp_path, changes, sentence):
    export_run(store, "r", tmp_path / "r.zip")
    delete_run(store, "r")
    bad = changed(tmp_path / "r.zip", tmp_path / "bad.zip", changes)
    before = set(tmp_path.rglob("*"))
    with pytest.raises((FormatError, SettingsError), match=sentence):
        import_run(store, bad)
    assert store.runs() == []
    assert store.workspace.names("runs") == []
    assert set(tmp_path.rglob("*")) == before


def spoilt(finished, place, **changes):
    """An archive of which one member says something else of itself than it is."""
    with zipfile.ZipFile(finished) as old, zipfile.ZipFile(place, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        member = zipfile.ZipInfo("files/odd")
        for field, value in changes.items():
            setattr(member, field, value)
        with warnings.catch_warnings(action="ignore"):  # of a name that is there twice
            new.writestr(member, "/etc/passwd")
    return place


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"external_attr": (stat.S_IFLNK | 0o777) << 16}, "a link, folder or device"),
        ({"external_attr": (stat.S_IFCHR | 0o666) << 16}, "a link, folder or device"),
        ({"compress_type": zipfile.ZIP_BZIP2}, "packed in a way that no run is"),
        ({"compress_type": zipfile.ZIP_LZMA}, "packed in a way that no run is"),
        ({"filename": "files/log.txt"}, "holds 'files/log.txt' twice"),
    ],
)
def test_members_that_no_run_has(store, finished, tmp_path, changes, sentence):
    export_run(store, "r", tmp_path / "r.zip")
    delete_run(store, "r")
    with pytest.raises(FormatError, match=sentence):
        import_run(store, spoilt(tmp_path / "r.zip", tmp_path / "bad.zip", **changes))
    assert store.runs() == [] and store.workspace.names("runs") == []


def test_a_flipped_byte_anywhere_is_said_and_leaves_nothing(store, finished, tmp_path):
    export_run(store, "r", tmp_path / "r.zip")
    delete_run(store, "r")
    whole = (tmp_path / "r.zip").read_bytes()
    dice = random.Random(0)
    for place in dice.sample(range(len(whole)), 60):
        changed = bytearray(whole)
        changed[place] ^= 1 << dice.randrange(8)
        (tmp_path / "bad.zip").write_bytes(changed)
        try:
            import_run(store, tmp_path / "bad.zip")
        except CoreError:
            assert store.runs() == []
            assert not any((store.workspace.root / "runs").iterdir())
        else:  # a byte that says nothing about the run, such as when a file was written
            delete_run(store, "r")


def test_a_table_of_contents_without_end_is_not_read(store, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(1000):
            archive.writestr(f"files/{number}", "")
    monkeypatch.setattr(archives, "LARGEST_CONTENTS", 10_000)
    with pytest.raises(FormatError, match="its table of contents is too large"):
        import_run(store, tmp_path / "x.zip")


def test_what_other_versions_write_is_read_and_what_is_left_out_is_told(store, finished, tmp_path):
    export_run(store, "r", tmp_path / "r.zip")
    delete_run(store, "r")
    older = about(id="old", mood="blue", settings={**SETTINGS, "warmth": 3})
    event = row(at=1.0, kind="log", payload={"text": "hi"}, colour="red")
    changes = {"run.json": older, "events.jsonl": event, "notes.txt": "?"}
    assert import_run(store, changed(tmp_path / "r.zip", tmp_path / "o.zip", changes)) == "old"
    assert store.run("old").settings == SETTINGS
    assert [event.payload for event in store.events("old")] == [
        {"text": "hi"},
        {"message": "Unknown settings were left out: warmth."},
    ]


def test_no_code_that_an_archive_names_is_imported(store, finished, tmp_path, monkeypatch):
    export_run(store, "r", tmp_path / "r.zip")
    delete_run(store, "r")
    (tmp_path / "evil_recipe.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    for recipe in ("evil_recipe", "evil.recipe", "core.recipes.distill_student", "answer_question"):
        bad = changed(tmp_path / "r.zip", tmp_path / "x.zip", {"run.json": about(recipe=recipe)})
        with pytest.raises(FormatError, match="is no recipe of PathDistill"):
            import_run(store, bad)
    assert "evil_recipe" not in sys.modules


def test_numbers_that_are_none_go_out_as_what_can_be_read_again(store, tmp_path):
    store.add("r", "distill_student", SETTINGS, "", None)
    store.begin("r", os.getpid(), 1.0)
    points = [{"at": 1.0, "step": 1, "name": "x", "value": value} for value in (math.inf, 2.0)]
    said = {"at": 1.0, "kind": "log", "payload": {"text": "half a smile: \ud83d"}}
    store.write("r", {}, [said], points)
    store.finish("r", RunState.FAILED, error="It broke.")
    export_run(store, "r", tmp_path / "r.zip")
    delete_run(store, "r")
    import_run(store, tmp_path / "r.zip")
    assert [event.payload for event in store.events("r")] == [{"text": "half a smile: ?"}]
    assert [str(point.value) for point in store.metrics("r")] == ["nan", "2.0"]


def test_what_is_no_zip_file_at_all(store, tmp_path):
    (tmp_path / "x.zip").write_text("hello")
    with pytest.raises(FormatError, match="is no run that was exported"):
        import_run(store, tmp_path / "x.zip")
    with pytest.raises(FormatError, match="y.zip cannot be read: No such file"):
        import_run(store, tmp_path / "y.zip")


HERE_ALONE = {"slot", "pid", "process_started", "beat", "quiet", "backend", "machine", "message"}
"""Columns of a run that mean nothing elsewhere."""


def test_no_column_is_forgotten():
    assert {column.name for column in jobs.c} == {*archived_rows.JobRow.model_fields, *HERE_ALONE}
    for name, kind in archives.ROWS.values():
        table = run_rows.TABLES[name]
        assert {column.name for column in table.c} == {*kind.model_fields, "id", "run"} | (
            {"token"} if table.name == "control" else set()
        )
