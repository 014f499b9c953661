"""Sources of imports: uploads stay in their folder, hold when the workspace moves, and go."""

import shutil
from pathlib import Path

import pytest
from family_graph import write_family

from core import sources
from core.errors import FormatError, SettingsError, WorkspaceError
from core.recipes import import_graph
from core.report import Silent
from core.settings import GraphImportSettings
from core.sources import keep_uploads, place_of
from core.workspace import Workspace


def uploads(workspace):
    folder = workspace.root / "uploads"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_paths_uploads_and_the_sample_are_told_apart():
    workspace = Workspace()
    (source,) = keep_uploads(workspace, [("facts.tsv", b"a\tr\tb\n")])
    assert place_of(workspace, source).read_bytes() == b"a\tr\tb\n"
    assert place_of(workspace, "sample:triples.tsv").is_file()
    assert place_of(workspace, "/home/me/facts.tsv") == Path("/home/me/facts.tsv")


@pytest.mark.parametrize("sent", ["../../x", "/etc/passwd", "C:\\x", "a\0b", "CON", "\u202ex", ""])
def test_whatever_a_browser_calls_a_file_it_lands_in_its_own_folder(sent):
    workspace = Workspace()
    (source,) = keep_uploads(workspace, [(sent, b"1")])
    place = place_of(workspace, source)
    assert place.read_bytes() == b"1"
    assert place.parent.parent.parent == workspace.root / "uploads"


@pytest.mark.parametrize("kind", ["upload:", "sample:"])
@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "..\\x", "file:///x", ""])
def test_a_source_does_not_lead_out(kind, path):
    with pytest.raises(FormatError, match="cannot be used"):
        place_of(Workspace(), kind + path)


def test_uploads_of_two_imports_of_one_name_do_not_meet():
    workspace = Workspace()
    first, second = (keep_uploads(workspace, [("a.tsv", text)])[0] for text in (b"1", b"2"))
    assert place_of(workspace, first).read_bytes() == b"1"
    assert place_of(workspace, second).read_bytes() == b"2"


def test_a_full_disk_leaves_nothing(monkeypatch):
    workspace, write = Workspace(), Path.write_bytes

    def fill(self, content):
        if content == b"2":
            raise OSError(28, "full")
        return write(self, content)

    with pytest.raises(WorkspaceError, match="disk is full"), monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fill)
        keep_uploads(workspace, [("a", b"1"), ("b", b"2")])
    assert uploads(workspace) == []


def test_what_is_imported_is_removed_even_after_the_workspace_has_moved(tmp_path):
    here = Workspace(tmp_path / "here")
    files = [(path.name, path.read_bytes()) for path in write_family(tmp_path)]
    settings = GraphImportSettings(name="family", files=tuple(keep_uploads(here, files)))
    other = keep_uploads(here, [("other.tsv", b"x")])
    shutil.move(here.root, tmp_path / "there")
    there = Workspace(tmp_path / "there")
    assert import_graph.run(settings, Silent(), there).as_record()["triples"] == 19
    assert uploads(there) == [place_of(there, other[0]).parent.parent.name]
    assert not here.root.exists()


def test_a_file_of_the_terminal_is_never_removed(tmp_path):
    files = tuple(map(str, write_family(tmp_path)))
    import_graph.run(GraphImportSettings(name="family", files=files), Silent(), Workspace())
    assert all(Path(file).is_file() for file in files)
    sources.discard_uploads(Workspace(), ("upload:../graphs/x", "upload:", "upload:.."))
    assert Workspace().names("graphs") == ["family"]


def test_an_import_that_fails_keeps_its_uploads_to_be_tried_again():
    workspace = Workspace()
    settings = GraphImportSettings(
        name="x", files=tuple(keep_uploads(workspace, [("a.tsv", b"one\n")]))
    )
    with pytest.raises(FormatError):
        import_graph.run(settings, Silent(), workspace)
    assert len(uploads(workspace)) == 1


def test_the_environment_says_how_much_may_be_uploaded():
    assert sources.most_upload_bytes({}) == 2_000_000_000
    assert sources.most_upload_bytes({"PATHDISTILL_UPLOADS_MB": "5"}) == 5_000_000
    for told in ("-1", "many", "1e9", "9" * 5000):
        with pytest.raises(SettingsError, match="is no number of megabytes"):
            sources.most_upload_bytes({"PATHDISTILL_UPLOADS_MB": told})
