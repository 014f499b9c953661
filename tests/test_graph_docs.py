"""docs/your-graph.md: its commands run, from the first to the last, and show what it says."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from core.command_line import making
from core.command_line.main import main
from core.report import Silent
from core.runs.worker.recipe_loading import load_recipe
from core.workspace import Workspace
from tests.family_loop import small_students
from tests.sparql_server import serving

PAGE = Path(__file__).parents[1] / "docs" / "your-graph.md"
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```\n", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^(?: {4}|\t) *python -m", re.MULTILINE)
OURS = re.compile(r"^python -m core .*\n", re.MULTILINE)
ALIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
FACTS = (("Ada", "label", '"Ada'), ("Ada", "team", "Engines"), ("Engines", "office", "Leeds"),
         ("Leeds", "country", "England"))  # fmt: skip


@pytest.fixture
def at_once(monkeypatch, tmp_path):
    """Runs are taken in this process; files lie in a folder of their own."""

    def start(store, recipe, settings, **_):
        return load_recipe(recipe)(settings.model_dump(), Silent(), Workspace())

    monkeypatch.setattr(making, "start", start)
    monkeypatch.setattr(making, "follow", lambda result: result.as_record())
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    with small_students():
        yield


def run(code, capfd):
    """What a terminal shows of the results of a block."""
    at = 0
    for ours in OURS.finditer(code):
        subprocess.run(["bash", "-ec", code[at : ours.start()]], check=True)
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(ours.group())[3:])
        assert ended.value.code == 0, (ours.group(), capfd.readouterr())
        at = ours.end()
    subprocess.run(["bash", "-ec", code[at:]], check=True)
    return capfd.readouterr().out


@pytest.mark.slow
def test_the_page_runs_and_shows_what_it_says(at_once, capfd):
    page = PAGE.read_text(encoding="utf-8")
    blocks = BLOCK.findall(page)
    assert {kind for kind, _ in FENCE.findall(page)} == {"sh", "text"}
    assert page.count("```sh\n") == len(blocks) > 20 and not INDENTED.search(page)
    with serving(FACTS) as server:
        for code, expected in blocks:
            there = code.replace("http://localhost:7878/query", server.url).replace("\\\n", "")
            found = run(there, capfd)
            alike = doctest.OutputChecker().check_output(expected, found, ALIKE)
            assert alike or not expected, (code, found)
