"""Terminals that know few letters, streams that are closed or full, and words that are no text."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.workspace import Workspace
from tests.family_graph import family

ROOT = Path(__file__).parents[2]
SEARCH = ("graph", "search", "family", "安·伯格", "--language", "zh")


@pytest.fixture
def graph(tmp_path):
    with Workspace().publish("graphs", "family") as folder:
        family(tmp_path).save(folder)


def run(*words, shell="", **environment):
    """A command in a process of its own; `shell` is what stands behind it on its line."""
    command = [os.fsencode(word) for word in (sys.executable, "-m", "core", *words)]
    if shell:
        command = ["bash", "-o", "pipefail", "-c", f'"$@" {shell}', "bash", *command]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, check=False
    )


def test_what_is_printed_does_not_depend_on_the_terminal(graph):
    done = run(*SEARCH, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0, done.stderr
    assert b"\\u5b89" in done.stdout
    done = run(*SEARCH, "--json", PYTHONIOENCODING="ascii")
    assert [one["label"] for one in json.loads(done.stdout)][0] == "安·伯格"
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("shell", "code", "said"),
    [
        ("| head -c 1", 1, b""),
        ("> /dev/full", 2, b"Error: Standard output cannot be used: No space left on device.\n"),
        (">&-", 0, b""),
        ("2>&-", 0, b""),
        ("> /dev/full 2> /dev/full", 2, b""),
    ],
)
def test_streams_that_cannot_be_written(graph, shell, code, said):
    done = run("--help", shell=shell)
    assert (done.returncode in (0, code), done.stderr) == (True, said)
    done = run(*SEARCH, "--json", shell=shell)
    assert (done.returncode in (0, code), done.stderr) == (True, said)


@pytest.mark.parametrize("word", [b"\xff\xf0", b"\xed\xa0\xbd"])
def test_words_that_are_no_text(graph, word):
    done = run("graph", "search", "family", word, "--json")
    assert done.returncode == 2
    assert "is no text: write it in UTF-8" in json.loads(done.stdout)["error"]["message"]
    assert b"Traceback" not in done.stderr
