from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core import manifests
from core.errors import AlreadyExists, CallerError, WorkspaceError
from core.export.folder import export_folder, write_triples
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.readers import read_graph
from core.replacing import EXPORT
from core.workspace import Workspace


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


NAMES = st.text(st.sampled_from("ab,;|#~\"'\\\t\n\r\v\x1c\x85\u2028\u3000 é你😀"), min_size=1)
NAMES = NAMES.map(str.strip).filter(bool)
RELATIONS = NAMES.filter(lambda name: not name.startswith("~"))


@settings(deadline=None)
@given(st.sets(st.tuples(NAMES, RELATIONS, NAMES), min_size=1))
@example({("head", "relation", "tail")})
@example({("a\tb", "r\ts", "c\td")})
@example({(";", ";", ";\t\t\r\t\t;")})  # by its tabs, as many rows of three as by its commas
@example({(";", ";", '""'), ("a", "b", '"c"')})
@example({("Poem", "text", "Roses are red\nviolets are blue")})
def test_triples_that_are_written_can_be_read_again(triples):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "triples.csv"
        write_triples(KnowledgeGraph.build("g", triples), path)
        graph, report = read_graph("g", [path])
    columns = zip(graph.heads, graph.relations, graph.tails, strict=True)
    read = {(graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)) for h, r, t in columns}
    assert (read, report.skipped) == (triples, 0)
