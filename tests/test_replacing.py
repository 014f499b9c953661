"""What an export may write over: an earlier export, whole and unchanged, and nothing else."""

import os
from pathlib import Path

import pytest

from core import manifests
from core.errors import AlreadyExists, CallerError, SettingsError
from core.replacing import EXPORT, going
from core.workspace import Workspace


def export(place, kind=EXPORT, **files):
    place.mkdir(parents=True)
    for name, text in (files or {"README.md": "card", "model.safetensors": "xyz"}).items():
        (place / name).write_text(text, encoding="utf-8")
    manifests.seal(place, kind=kind, name="s")
    return place


def content(place):
    return {str(p.relative_to(place)): p.read_bytes() for p in place.rglob("*") if p.is_file()}


def refused(place, sentence, kind=AlreadyExists):
    before = content(place)
    with pytest.raises(kind, match=sentence) as error:
        going(place, Workspace(), replace=True)
    assert content(place) == before and "\n" not in str(error.value)


def test_an_earlier_export_goes_and_what_goes_is_told(tmp_path):
    place = export(tmp_path / "out")
    old = going(place, Workspace(), replace=True)
    assert old.files == 3 and old.bytes == sum(map(len, content(place).values()))
    assert str(old) == "3 files, 0.0 MB"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]  # nothing is noted beside
    with pytest.raises(AlreadyExists, match="There is something at .*out already"):
        going(place, Workspace(), replace=False)


def test_free_places_cost_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new", "new/deep"):
        assert going(tmp_path / name, Workspace(), replace=False).files == 0


def test_a_folder_of_somebody_else_stays(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years")
    refused(tmp_path / "mine", "no earlier export .*it has no manifest.json")
    for text in ("{}", "[]", "no", '{"kind": "export", "files": {}}'):
        (tmp_path / "mine" / "manifest.json").write_text(text)
        refused(tmp_path / "mine", "no earlier export")


def test_something_of_the_workspace_that_was_copied_is_no_export(tmp_path):
    refused(export(tmp_path / "copy", kind="students"), "manifest.json is of another kind")


@pytest.mark.parametrize("name", ["notes.txt", ".git/config", ".hidden", "sub/x"])
def test_what_was_put_beside_an_export_keeps_it(tmp_path, name):
    place = export(tmp_path / "out")
    (place / name).parent.mkdir(exist_ok=True)
    (place / name).write_text("mine")
    refused(place, f"{name.partition('/')[0]} was not exported")


def test_what_was_changed_or_lost_keeps_it(tmp_path):
    place = export(tmp_path / "out")
    (place / "README.md").write_text("CARD", encoding="utf-8")
    refused(place, "README.md was changed")
    (place / "README.md").unlink()
    refused(place, "README.md is gone")
    os.mkfifo(place / "README.md")
    with pytest.raises(AlreadyExists, match="README.md was changed"):
        going(place, Workspace(), replace=True)


def test_a_link_is_refused_wherever_it_leads(tmp_path):
    export(tmp_path / "out")
    (tmp_path / "link").symlink_to(tmp_path / "out", target_is_directory=True)
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    for name in ("link", "gone"):
        with pytest.raises(SettingsError, match="is a link"):
            going(tmp_path / name, Workspace(), replace=True)


def test_a_home_a_disk_and_the_workspace_are_refused_whatever_is_in_them(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "data" / "workspace")
    workspace.ensure()
    (tmp_path / "home" / "me").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "me"))
    places = {
        tmp_path / "data" / "workspace": "is in the workspace",
        tmp_path / "data" / "workspace" / "students" / "s": "is in the workspace",
        tmp_path / "data" / "x" / ".." / "workspace" / "x": "is in the workspace",
        tmp_path / "data": "holds the workspace",
        tmp_path / "home" / "me": "holds your home",
        tmp_path / "home": "holds your home",
        Path("/"): "holds",
        Path("/proc"): "is a disk of its own",
    }
    for place, sentence in places.items():
        for replace in (False, True):
            with pytest.raises(CallerError, match=sentence):
                going(place, workspace, replace=replace)
