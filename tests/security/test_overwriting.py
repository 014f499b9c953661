"""Nothing that is another's is overwritten, by whatever name or way it is reached."""

import threading

import pytest
from stand_ins.screens import add_run

from core import manifests
from core.errors import AlreadyExists, CallerError
from core.recipes import export_student
from core.report import Silent
from core.runs import archives
from core.runs.run import RunState
from core.runs.store.store import Store
from core.settings import EvaluateSettings, ExportSettings
from core.sources import keep_uploads, place_of
from core.workspace import KINDS, Workspace


def publish(kind, name, text, **options):
    with Workspace().publish(kind, name, **options) as folder:
        (folder / "file").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_cve_2026_2651_a_taken_name_is_refused(kind):
    """MLflow: uploading under the name of somebody else's artefact replaced it."""
    publish(kind, "mine", "mine")
    for name in ("mine", "other/../mine", "./mine", "mine/", "mine.", "ｍｉｎｅ", "mine\0"):
        with pytest.raises(CallerError):
            publish(kind, name, "theirs")
    assert (Workspace().folder(kind, "mine") / "file").read_text(encoding="utf-8") == "mine"


def test_cve_2026_2651_of_two_that_take_a_name_at_once_one_is_told():
    both, told = threading.Barrier(2), []

    def take(text):
        try:
            with Workspace().publish("graphs", "mine") as folder:
                (folder / "file").write_text(text, encoding="utf-8")
                both.wait(30)
        except AlreadyExists as error:
            told.append(str(error))

    threads = [threading.Thread(target=take, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == 1 and "is taken among the graphs" in told[0]
    assert Workspace().names("graphs") == ["mine"]


def test_cve_2026_2651_uploads_of_one_name_do_not_meet():
    first, second = (
        keep_uploads(Workspace(), [("../same/facts.tsv", text)])[0] for text in (b"1", b"2")
    )
    assert place_of(Workspace(), first).read_bytes() == b"1"
    assert place_of(Workspace(), second).read_bytes() == b"2"


def test_cve_2026_2651_a_run_that_is_read_takes_no_other_runs_place(tmp_path):
    store = Store(Workspace())
    add_run("evaluate", EvaluateSettings(model="m"), RunState.STOPPED)
    archives.export_run(store, "run-1", tmp_path / "run.zip")
    log = store.workspace.root / "runs" / "run-1" / "log.txt"
    log.write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyExists):
        archives.import_run(store, tmp_path / "run.zip")
    with pytest.raises(AlreadyExists):
        archives.export_run(store, "run-1", tmp_path / "run.zip")
    assert log.read_text(encoding="utf-8") == "mine"


def test_overwrite_is_no_licence_for_the_folders_of_others(tmp_path, monkeypatch):
    """An export begins with the place, before it looks for the student: nothing else is touched."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    workspace = Workspace()
    publish("students", "mine", "mine")
    for name in ("home", "project", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("mine", encoding="utf-8")
    manifests.seal(tmp_path / "other", kind="graphs", name="other")
    (tmp_path / "link").symlink_to(tmp_path / "project")
    places = ["home", "project", "other", "link", "workspace", "workspace/students/mine", "."]
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    monkeypatch.setattr(export_student, "open_student", lambda *_: pytest.fail("it went on"))
    for place in places:
        settings = ExportSettings(student="mine", to=str(tmp_path / place), replace=True)
        with pytest.raises(CallerError) as refused:
            export_student.run(settings, Silent(), workspace)
        assert "\n" not in str(refused.value)
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before
    assert (tmp_path / "project" / "file").read_text(encoding="utf-8") == "mine"
