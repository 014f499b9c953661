"""Whatever a file does to its reader, who asked goes on and hears why."""

import os
import tempfile

import psutil
import pytest

from core.errors import FormatError
from core.limited_process import Unreadable, ask

READERS = "tests.limited_readers"


def asked(tmp_path, name):
    (tmp_path / name).write_bytes(b"12345")
    return ask(READERS, tmp_path / name)


def test_what_is_found_comes_back_whatever_else_is_printed(tmp_path):
    assert asked(tmp_path, "says") == {"size": 5}


def test_a_refusal_comes_back_as_one(tmp_path):
    with pytest.raises(FormatError, match=r"^It is not to be read\.$"):
        asked(tmp_path, "refuses")


ENDS = {
    "allocates": "it takes too much memory to read",
    "spins": "it takes too long to read",
    "crashes": "reading it ends the process with SIGABRT",
    "fails": r"is this\?",
    "asks": "EOFError: EOF when reading a line",
    "unknown": "KeyError: '_unknown'",
}


@pytest.mark.parametrize("name", ENDS)
def test_whatever_else_ends_the_process_is_a_reason(tmp_path, name):
    before = psutil.Process().children()
    with pytest.raises(Unreadable, match=ENDS[name]):
        asked(tmp_path, name)
    assert set(psutil.Process().children()) <= set(before)


def test_one_that_waits_is_ended_too(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreadable, match="it takes too long to read"):
        asked(tmp_path, "waits")


def test_nothing_is_left_in_the_folder_of_temporary_files(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with pytest.raises(Unreadable):
        asked(tmp_path, "fails")
    assert not list(scratch.iterdir())
