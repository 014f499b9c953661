"""`python -m core check`: everything is hashed anew, whatever is remembered."""

import json
import shutil

import pytest

from core import manifests
from core.command_line.main import main
from core.workspace import Workspace, write_json
from tests.resealed import unseal


@pytest.fixture
def workspace():
    made = Workspace()
    for kind, file in (
        ("graphs", "graph.json"),
        ("students", "card.json"),
        ("labels", "card.json"),
    ):
        with made.publish(kind, "one") as folder:
            write_json(folder / file, {"teacher": "t", "questions": "q"})
    return made


def checked(capsys, *words):
    with pytest.raises(SystemExit) as ended:
        main(["check", *words])
    printed = capsys.readouterr()
    return ended.value.code, printed.out + printed.err


def test_what_is_whole_is_counted(workspace, capsys):
    assert checked(capsys) == (0, "3 of 3 are what was written.\n")
    shutil.rmtree(workspace.root)
    assert checked(capsys) == (0, "0 of 0 are what was written.\n")


def test_what_a_disk_changed_beneath_the_file_system_is_found(workspace, capsys, monkeypatch):
    folder = workspace.open("students", "one")
    (folder / "card.json").write_bytes((folder / "card.json").read_bytes().replace(b"t", b"u"))
    # As if nothing had happened to it, for all that the file system says.
    monkeypatch.setattr(manifests, "is_known", lambda *_: True)
    assert workspace.open("students", "one") == folder
    code, printed = checked(capsys)
    assert code == 1 and "students/one is damaged: card.json is not what was written" in printed


def test_what_is_damaged_or_older_than_hashes_is_named(workspace, capsys):
    (workspace.folder("labels", "one") / "more").touch()
    unseal(workspace.folder("graphs", "one"))
    assert checked(capsys) == (
        1,
        "labels/one is damaged: more was not there when it was made; label the questions 'q' again "
        "with the teacher 't'.\n"
        "graphs/one was made before hashes were kept, and cannot be checked.\n"
        "1 of 2 are what was written.\n",
    )
    code, printed = checked(capsys, "--json")
    found = json.loads(printed)
    assert (code, found["whole"], found["without_hashes"]) == (1, 1, ["graphs/one"])
    assert found["damaged"][0]["what"] == "labels/one"
