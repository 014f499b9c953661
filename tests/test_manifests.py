"""What was written is what is read: every change to a sealed folder is found, and said."""

import json
import os
import time

import pytest

from core import manifests
from core.manifests import MANIFEST, SETTLED_NS, is_sealed, seal, what_is_wrong


@pytest.fixture(autouse=True)
def forgetful():
    """As in a process that has checked nothing yet."""
    manifests._checked.clear()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "made"
    (made / "inner").mkdir(parents=True)
    (made / "small").write_bytes(b"small")
    (made / "inner" / "large").write_bytes(b"x" * manifests.LARGE)
    seal(made, kind="graphs", name="made")
    return made


@pytest.fixture
def settled(monkeypatch):
    """Files whose last change is long ago: the clock says so."""
    now = time.time_ns
    monkeypatch.setattr(manifests.time, "time_ns", lambda: now() + 10 * SETTLED_NS)


@pytest.fixture
def hashed(monkeypatch):
    """The names of files, as they are hashed."""
    names, real = [], manifests.file_hash
    monkeypatch.setattr(manifests, "file_hash", lambda f: names.append(f.name) or real(f))
    return names


def flip(file, at=0):
    """Flip a bit in place, and set the time of change that programs can set back."""
    before = file.stat()
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    with file.open("r+b") as stream:
        stream.write(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_manifest_says_what_is_there(folder):
    record = json.loads((folder / MANIFEST).read_text())
    assert (record["format"], record["kind"], record["name"]) == (1, "graphs", "made")
    assert {name: entry["bytes"] for name, entry in record["files"].items()} == {
        "inner/large": manifests.LARGE,
        "small": 5,
    }
    assert is_sealed(folder) and not is_sealed(folder / "inner")
    assert what_is_wrong(folder) is None


@pytest.mark.parametrize("file", ["small", "inner/large", MANIFEST])
def test_a_changed_file_is_named(folder, file):
    flip(folder / file, -1 if file != MANIFEST else 5)
    assert what_is_wrong(folder) == f"{file} is not what was written"


def test_lost_and_added_files_are_named(folder):
    (folder / "inner" / "more").touch()
    assert what_is_wrong(folder) == "inner/more was not there when it was made"
    (folder / "inner" / "more").unlink()
    (folder / "inner" / "large").unlink()
    assert what_is_wrong(folder) == "inner/large is missing"
    (folder / "inner" / "large").symlink_to("/dev/zero")
    assert what_is_wrong(folder) == "inner/large is not what was written"
    (folder / "inner" / "large").unlink()
    os.mkfifo(folder / "inner" / "large")
    assert what_is_wrong(folder) == "inner/large is not what was written"


def test_every_bit_of_a_manifest_counts(folder):
    file = folder / MANIFEST
    written = file.read_bytes()
    for place in range(len(written)):
        for bit in range(8):
            content = bytearray(written)
            content[place] ^= 1 << bit
            file.write_bytes(content)
            assert MANIFEST in (what_is_wrong(folder) or ""), (place, bit)


def test_a_manifest_of_a_newer_version_is_said(folder):
    record = {"format": 2, "files": {}}
    record["sha256"] = manifests._own_hash(record)
    (folder / MANIFEST).write_text(json.dumps(record))
    assert what_is_wrong(folder) == f"{MANIFEST} was written by a newer version of PathDistill"


def test_one_file_is_looked_at_alone(folder):
    flip(folder / "inner" / "large")
    assert what_is_wrong(folder, "small") is None
    assert what_is_wrong(folder, "inner/large") == "inner/large is not what was written"
    assert what_is_wrong(folder, "none") == "none is missing"
    flip(folder / MANIFEST, 5)
    assert what_is_wrong(folder, "small") == f"{MANIFEST} is not what was written"


def test_what_has_its_own_manifest_or_is_hidden_is_not_covered(folder):
    (folder / "later").mkdir()
    (folder / "later" / "file").touch()
    seal(folder / "later")
    (folder / ".draft").mkdir()
    (folder / ".draft" / "file").touch()
    assert what_is_wrong(folder) is None


def test_a_file_is_hashed_once_in_a_process(folder, settled, hashed):
    assert what_is_wrong(folder) is None
    assert sorted(hashed) == ["large", "small"]
    assert what_is_wrong(folder) is None
    assert len(hashed) == 2
    assert what_is_wrong(folder, anew=True) is None
    assert len(hashed) == 4


def test_a_large_file_is_hashed_once_for_all_processes(folder, settled, hashed):
    assert what_is_wrong(folder) is None
    manifests._checked.clear()
    hashed.clear()
    assert what_is_wrong(folder) is None
    assert hashed == ["small"]


def test_what_is_remembered_hides_no_change(folder, settled):
    assert what_is_wrong(folder) is None
    for file in ("small", "inner/large"):
        flip(folder / file)
        assert what_is_wrong(folder) == f"{file} is not what was written"
        manifests._checked.clear()
        assert what_is_wrong(folder) == f"{file} is not what was written"
        flip(folder / file)
        assert what_is_wrong(folder) is None


def test_what_has_just_changed_may_change_again_unseen_and_is_not_remembered(folder, hashed):
    for _ in range(2):
        assert what_is_wrong(folder) is None
    assert len(hashed) == 4


@pytest.mark.parametrize("note", ["{", "[]", "null", '{"made/inner/large": 3}'])
def test_a_damaged_note_costs_time_alone(folder, settled, hashed, note):
    (folder.parent / manifests.REMEMBERED).write_text(note)
    assert what_is_wrong(folder) is None
    assert sorted(hashed) == ["large", "small"]
    flip(folder / "inner" / "large")
    assert what_is_wrong(folder) is not None


def test_a_note_of_another_hash_is_not_believed(folder, settled):
    assert what_is_wrong(folder) is None
    (folder / "inner" / "large").write_bytes(b"y" * manifests.LARGE)
    seal(folder)
    manifests._checked.clear()
    assert what_is_wrong(folder) is None
    notes = json.loads((folder.parent / manifests.REMEMBERED).read_text())
    notes["made/inner/large"][-1] = "0" * 64
    (folder.parent / manifests.REMEMBERED).write_text(json.dumps(notes))
    manifests._checked.clear()
    assert what_is_wrong(folder) is None
