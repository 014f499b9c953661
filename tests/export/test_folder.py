import pytest

from core.errors import AlreadyExists, WorkspaceError
from core.export.folder import new_folder, write_triples
from tests.family_graph import TRIPLES, family


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    with pytest.raises(ValueError), new_folder(tmp_path / "a" / "b", replace=False) as folder:
        (folder / "half").write_text("x")
        raise ValueError
    assert not list((tmp_path / "a").iterdir())
    with new_folder(tmp_path / "a" / "b", replace=False) as folder:
        (folder / "whole").write_text("x")
        assert not (tmp_path / "a" / "b").exists()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_what_is_there_is_kept_unless_it_is_to_be_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    with new_folder(tmp_path / "out", replace=False) as folder:  # an empty folder is free
        (folder / "one").write_text("x")
    with pytest.raises(AlreadyExists, match="There is something at .*out already"):
        with new_folder(tmp_path / "out", replace=False):
            pass
    with new_folder(tmp_path / "out", replace=True) as folder:
        (folder / "two").write_text("x")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["two"]


def test_a_place_that_is_no_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError, match="cannot be used"):
        with new_folder(tmp_path / "file" / "out", replace=False):
            pass


def test_triples_are_written_by_their_ids(tmp_path):
    write_triples(family(tmp_path), tmp_path / "triples.tsv")
    lines = (tmp_path / "triples.tsv").read_text(encoding="utf-8").splitlines()
    assert sorted(tuple(line.split("\t")) for line in lines) == sorted(TRIPLES)
