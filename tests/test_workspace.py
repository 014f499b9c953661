import errno
import json
import os
import re
from pathlib import Path

import pytest

from core.errors import (
    AlreadyExists,
    FormatError,
    NotFound,
    RunStopped,
    SettingsError,
    WorkspaceError,
)
from core.remaking import SUMMARIES
from core.workspace import Workspace, checked_name, read_json, write_json

ONE = ["graphs", "graphs/one", "graphs/one/file", "graphs/one/manifest.json"]


def everything(workspace):
    return sorted(str(path.relative_to(workspace.root)) for path in workspace.root.rglob("*"))


def publish(workspace, name="one", text="1", **options):
    with workspace.publish("graphs", name, **options) as folder:
        (folder / "file").write_text(text, encoding="utf-8")


def test_what_is_published_is_there_and_nothing_else(workspace):
    publish(workspace)
    assert everything(workspace) == ONE
    assert workspace.names("graphs") == ["one"]
    assert workspace.exists("graphs", "one")
    assert workspace.names("students") == []


def test_a_draft_is_not_seen_while_it_is_written(workspace):
    with workspace.publish("graphs", "one") as folder:
        (folder / "file").touch()
        assert workspace.names("graphs") == []
        assert not workspace.exists("graphs", "one")


@pytest.mark.parametrize("error", [ValueError("x"), RunStopped("stop"), KeyboardInterrupt()])
def test_a_failure_leaves_nothing_behind(workspace, error):
    with pytest.raises(type(error)), workspace.publish("graphs", "one") as folder:
        (folder / "file").touch()
        raise error
    assert everything(workspace) == ["graphs"]


def test_a_failure_while_replacing_keeps_the_old(workspace):
    publish(workspace)
    with pytest.raises(ValueError), workspace.publish("graphs", "one", replace=True) as folder:
        (folder / "other").touch()
        raise ValueError("x")
    assert everything(workspace) == ONE


def test_a_name_is_taken_unless_replaced(workspace):
    publish(workspace)
    with pytest.raises(AlreadyExists, match="'one' is taken among the graphs; choose another"):
        publish(workspace)
    publish(workspace, text="2", replace=True)
    assert (workspace.folder("graphs", "one") / "file").read_text(encoding="utf-8") == "2"
    assert everything(workspace) == ONE
    assert workspace.free_name("graphs", "one") == "one-2"
    assert workspace.free_name("graphs", "two") == "two"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "a\\b", "/etc", ".hidden", "_x", "a\n", "a ", "x.", "é" * 65],
)
def test_a_name_that_could_leave_the_workspace_is_refused(workspace, name):
    with pytest.raises(SettingsError, match="cannot be used: take 1 to 64 letters"):
        checked_name(name)
    for act in (workspace.folder, workspace.exists, workspace.free_name, workspace.delete):
        with pytest.raises(SettingsError):
            act("graphs", name)
    with pytest.raises(SettingsError):
        publish(workspace, name)
    assert not workspace.root.exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("\U00020000" * 51, "more than 200 bytes"),  # 51 letters of four bytes each
        ("con", "reserved by Windows"),
        ("NUL.v1", "reserved by Windows"),
        ("com1", "reserved by Windows"),
        ("ｇｒａｐｈ", "look-alikes"),
        ("x²", "look-alikes"),
    ],
)
def test_a_name_that_is_none_on_some_system_is_refused(workspace, name, why):
    with pytest.raises(SettingsError, match=f"cannot be used: it .*{why}"):
        publish(workspace, name)
    assert not workspace.root.exists()


@pytest.mark.parametrize("name", ["\U00020000" * 50, "图" * 64, "é" * 64])
def test_the_longest_names_can_be_published_replaced_and_numbered(workspace, name):
    publish(workspace, name)
    publish(workspace, name, text="2", replace=True)
    assert workspace.names("graphs") == [name]
    publish(workspace, workspace.free_name("graphs", name))
    assert len(workspace.names("graphs")) == 2


def test_links_are_neither_listed_nor_followed(workspace, tmp_path):
    publish(workspace)
    outside = tmp_path / "outside"
    (outside / "mine").mkdir(parents=True)
    (workspace.root / "graphs" / "away").symlink_to(outside, target_is_directory=True)
    (workspace.root / "graphs" / "within").symlink_to("one", target_is_directory=True)
    (workspace.root / "students").symlink_to(outside, target_is_directory=True)
    assert workspace.names("graphs") == ["one"] and workspace.names("students") == []
    for kind, name in (("graphs", "away"), ("graphs", "within"), ("students", "mine")):
        for act in (workspace.folder, workspace.exists, workspace.delete):
            with pytest.raises(WorkspaceError, match="is a link, or stands behind one"):
                act(kind, name)
        with pytest.raises(WorkspaceError, match="is a link"):
            with workspace.publish(kind, name, replace=True):
                pass
    assert (outside / "mine").is_dir() and workspace.names("graphs") == ["one"]


def test_deleting_does_not_follow_links_inside(workspace, tmp_path):
    publish(workspace)
    (tmp_path / "mine.txt").write_text("mine")
    (workspace.folder("graphs", "one") / "link").symlink_to(tmp_path, target_is_directory=True)
    workspace.delete("graphs", "one")
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["a", "PQ-3H", "图谱", "v1.2", "a_b", "é" * 64])
def test_plain_names_are_taken(name):
    assert checked_name(name) == name


def test_what_is_not_there_is_said_with_what_is(workspace):
    with pytest.raises(NotFound, match=r"named 'one' among the graphs \(there: none yet\)"):
        workspace.folder("graphs", "one")
    publish(workspace)
    with pytest.raises(NotFound, match=r"named 'two' among the graphs \(there: one\)"):
        workspace.delete("graphs", "two")
    workspace.delete("graphs", "one")
    assert workspace.names("graphs") == []


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full at .*: free some space and try again"),
        (errno.EROFS, "cannot be written: change its permissions, or name another folder"),
        (errno.EACCES, "cannot be written: change its permissions, or name another folder"),
        (errno.EIO, "cannot be used: Input/output error"),
    ],
)
def test_a_disk_that_refuses_is_said_and_left_clean(workspace, monkeypatch, number, sentence):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    publish(workspace)
    with pytest.raises(WorkspaceError, match=sentence):
        with workspace.publish("graphs", "two") as folder:
            (folder / "file").touch()
            refuse()
    with pytest.raises(WorkspaceError, match=sentence), monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        publish(workspace, "three")
    assert everything(workspace) == ONE
    with pytest.raises(WorkspaceError, match=sentence), monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", refuse)
        workspace.ensure()


def test_replacing_that_fails_halfway_keeps_something_under_the_name(workspace, monkeypatch):
    publish(workspace)
    rename = Path.rename

    def refuse_the_draft(self, target):
        if target.name == "one":
            raise OSError(errno.ENOSPC, "full")
        return rename(self, target)

    with pytest.raises(WorkspaceError), monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse_the_draft)
        publish(workspace, text="2", replace=True)
    left = [path.read_text(encoding="utf-8") for path in workspace.root.rglob("file")]
    assert left == ["1"]


def test_a_file_in_place_of_the_workspace_is_said(tmp_path):
    (tmp_path / "home").touch()
    workspace = Workspace(tmp_path / "home")
    with pytest.raises(WorkspaceError, match="The workspace .*home cannot be used"):
        publish(workspace)
    with pytest.raises(WorkspaceError, match="cannot be used"):
        workspace.ensure()
    assert workspace.names("graphs") == []


def test_ensure_makes_an_empty_folder(workspace):
    workspace.ensure()
    assert everything(workspace) == []


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "elsewhere"))
    assert Workspace().root == tmp_path / "elsewhere"


def test_json_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_json(path, {"名": [1, None]})
    assert read_json(path) == {"名": [1, None]}

    def refuse(*_):
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(WorkspaceError, match="disk is full"), monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        write_json(path, {})
    assert json.loads(path.read_text(encoding="utf-8")) == {"名": [1, None]}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_json_that_is_missing_or_damaged_is_said(tmp_path):
    with pytest.raises(FormatError, match="a.json is missing from"):
        read_json(tmp_path / "a.json")
    for content in (b'{"a":', b"\xff"):
        (tmp_path / "a.json").write_bytes(content)
        with pytest.raises(FormatError, match="a.json is not readable JSON"):
            read_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("kind", "summary", "again"),
    [
        ("graphs", {"files": [{"file": "/x/films.tsv"}]}, "import it again from films.tsv"),
        ("graphs", {}, "import it again from its files"),
        ("questions", {"graph": "g"}, "import or generate it again for the graph 'g'"),
        (
            "teachers",
            {"graph": "g", "questions": "q"},
            "make it again on the graph 'g' with the questions 'q'",
        ),
        (
            "labels",
            {"questions": "q", "teacher": "t"},
            "label the questions 'q' again with the teacher 't'",
        ),
        ("students", {"teacher": "t"}, "distil it again from the teacher 't'"),
        (
            "evaluations",
            {"model": "s", "question_set": "q"},
            "evaluate 's' again on the questions 'q'",
        ),
    ],
)
def test_what_is_damaged_says_which_file_and_what_to_make_it_from(workspace, kind, summary, again):
    with workspace.publish(kind, "one") as folder:
        (folder / "file").write_bytes(b"abc")
        write_json(folder / SUMMARIES[kind], summary)
    assert workspace.open(kind, "one") == workspace.folder(kind, "one")
    (workspace.folder(kind, "one") / "file").write_bytes(b"abd")
    with pytest.raises(FormatError) as caught:
        workspace.open(kind, "one")
    sentence = f"'one' among the {kind} is damaged: file is not what was written; {again}."
    assert str(caught.value) == sentence
    assert workspace.read(kind, "one", SUMMARIES[kind]) == summary


def test_a_damaged_summary_is_not_believed(workspace):
    with workspace.publish("students", "one") as folder:
        write_json(folder / "card.json", {"teacher": "t"})
    write_json(workspace.folder("students", "one") / "card.json", {"teacher": "u"})
    sentence = "card.json is not what was written; distil it again from its teacher"
    for look in (
        lambda: workspace.open("students", "one"),
        lambda: workspace.read("students", "one", "card.json"),
    ):
        with pytest.raises(FormatError, match=sentence):
            look()


def test_what_was_made_before_hashes_were_kept_opens_as_it_did(workspace):
    folder = workspace.root / "graphs" / "old"
    folder.mkdir(parents=True)
    write_json(folder / "graph.json", {"name": "old"})
    assert workspace.open("graphs", "old") == folder
    assert workspace.read("graphs", "old", "graph.json") == {"name": "old"}


def test_whatever_is_read_was_checked():
    """A folder by name is for looking at and deleting; who reads takes `open` or `read`."""
    root = Path(__file__).parents[1]
    reads = re.compile(
        r"(open|read_json)\(\S*\.folder\(|\.folder\([^)]*\) / .*\)\.(open|read|stat)"
    )
    files = [*root.glob("core/**/*.py"), *root.glob("pages/**/*.py")]
    assert not [str(file) for file in files if reads.search(file.read_text(encoding="utf-8"))]
