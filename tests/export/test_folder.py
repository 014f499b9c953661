from pathlib import Path

import pytest

from core import manifests
from core.errors import AlreadyExists, CallerError, WorkspaceError
from core.export.folder import export_folder, write_triples
from core.replacing import EXPORT
from core.workspace import Workspace
from tests.family_graph import TRIPLES, family


def write(place, name, **options):
    with export_folder(place, Workspace(), **options) as folder:
        (folder / name).write_text("x")
        manifests.seal(folder, kind=EXPORT, name="s")


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    place = tmp_path / "a" / "b"
    with pytest.raises(ValueError), export_folder(place, Workspace(), replace=False) as folder:
        (folder / "half").write_text("x")
        raise ValueError
    assert not list((tmp_path / "a").iterdir())
    with export_folder(place, Workspace(), replace=False) as folder:
        (folder / "whole").write_text("x")
        assert not place.exists()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_what_is_there_is_kept_unless_it_is_an_export_that_may_go(tmp_path):
    place = tmp_path / "out"
    place.mkdir()
    write(place, "one", replace=False)  # an empty folder is free
    with pytest.raises(AlreadyExists, match="There is something at .*out already"):
        write(place, "two", replace=False)
    write(place, "two", replace=True)
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "two"]
    (place / "mine").write_text("mine")
    with pytest.raises(AlreadyExists, match="mine was not exported"):
        write(place, "three", replace=True)
    assert (place / "mine").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_comes_while_an_export_is_written_stays_and_the_loser_hears_it(tmp_path):
    place = tmp_path / "out"
    with pytest.raises(AlreadyExists, match="There is something at"):
        with export_folder(place, Workspace(), replace=False):
            place.mkdir()
            (place / "mine").write_text("mine")
    write(tmp_path / "again", "one", replace=False)
    with pytest.raises(AlreadyExists, match="mine was not exported"):
        with export_folder(tmp_path / "again", Workspace(), replace=True):
            (tmp_path / "again" / "mine").write_text("mine")
    assert (place / "mine").read_text() == (tmp_path / "again" / "mine").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "out"]


def test_an_export_that_cannot_take_its_place_leaves_the_old_one(tmp_path, monkeypatch):
    place, rename = tmp_path / "out", Path.rename
    write(place, "one", replace=False)

    def refuse(self, target):
        if target == place and not self.name.endswith(".old"):
            raise OSError(28, "full")
        return rename(self, target)

    with pytest.raises(WorkspaceError, match="disk is full"), monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        write(place, "two", replace=True)
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "one"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_place_that_is_no_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CallerError, match="file"):
        write(tmp_path / "file" / "out", "one", replace=False)
    with pytest.raises(AlreadyExists, match="There is something"):
        write(tmp_path / "file", "one", replace=True)


def test_triples_are_written_by_their_ids(tmp_path):
    write_triples(family(tmp_path), tmp_path / "triples.tsv")
    lines = (tmp_path / "triples.tsv").read_text(encoding="utf-8").splitlines()
    assert sorted(tuple(line.split("\t")) for line in lines) == sorted(TRIPLES)
