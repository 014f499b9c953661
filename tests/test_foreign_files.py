"""What is no file is never opened, what is too large is never read, and JSON gives one reason."""

import os
import re
import socket
from pathlib import Path

import pytest

from core import foreign_files
from core.errors import FormatError
from core.foreign_files import lines_of, open_foreign, parse_json, read_foreign_json


def refused(path, largest=100):
    with pytest.raises(FormatError) as caught:
        open_foreign(path, largest)
    return str(caught.value)


def test_a_file_is_opened_and_so_is_a_link_to_one(tmp_path):
    (tmp_path / "table").write_bytes(b"a\nb\n")
    (tmp_path / "link").symlink_to("table")
    for name in ("table", "link"):
        with open_foreign(tmp_path / name, 4) as file:
            assert list(lines_of(file, name)) == [b"a\n", b"b\n"]


def test_what_is_no_file_is_never_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    # A socket's path may have a hundred letters only.
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        opened = []
        monkeypatch.setattr(os, "open", lambda *given: opened.append(given))
        for name in ("pipe", "socket", "link"):
            assert "is a pipe, socket or device: give a file." in refused(tmp_path / name)
        assert "is a folder: give a file." in refused(tmp_path)
        assert opened == []


def test_a_file_that_becomes_a_pipe_in_between_does_not_hold_us(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "table").write_bytes(b"")
    before = (tmp_path / "table").stat()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", lambda path: before)
        assert "is a pipe, socket or device" in refused(tmp_path / "pipe")


def test_names_that_no_file_can_have_and_files_that_are_not_there(tmp_path):
    missing = tmp_path / "none"
    assert refused(missing) == f"{missing} cannot be read: No such file or directory."
    assert "No file can have the name" in refused(tmp_path / "a\0b")
    assert "cannot be read: File name too long." in refused(tmp_path / ("x" * 300))


def test_files_and_lines_are_bounded(tmp_path, monkeypatch):
    (tmp_path / "table").write_bytes(b"a\n" + b"b" * 20 + b"\n")
    assert "has 23 bytes, more than the 22 that" in refused(tmp_path / "table", 22)
    monkeypatch.setattr(foreign_files, "LONGEST_LINE", 20)
    with open_foreign(tmp_path / "table", 23) as file:
        with pytest.raises(FormatError, match="table, line 2: it is longer than 20 bytes"):
            list(lines_of(file, "table"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[" * 100_000, "it nests too deeply"),
        (b'{"a":' * 100_000, "it nests too deeply"),
        (b"9" * 5000, "it holds a number of 5,000 digits"),
        (b"[NaN]", "it holds NaN, which is no number"),
        (b"-1e999", "it holds -1e999, which is no number"),
        (b'"\\ud83d"', r"it holds half a character, '\ud83d'"),
        (b'"\xed\xa0\xbd"', "byte 2 is not UTF-8"),
        (b"[1,]", "at line 1, column 4"),
        (b"", "at line 1, column 1"),
    ],
)
def test_json_that_cannot_be_taken_gives_one_reason(tmp_path, text, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        parse_json(text)
    (tmp_path / "x.json").write_bytes(text)
    with pytest.raises(FormatError, match=re.escape(reason)):
        read_foreign_json(tmp_path / "x.json")


def test_json_that_can(tmp_path):
    assert parse_json(b'\xef\xbb\xbf{"a": "\\ud83d\\ude00", "b": [1, 2.5, null]}') == {
        "a": "😀",
        "b": [1, 2.5, None],
    }
