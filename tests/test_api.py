"""`from core import ...`: what a notebook or script sees."""

import pytest
from family_graph import write_family

from core import Workspace, open_graph, open_student, open_teacher, run, submit
from core.errors import FormatError, NotFound, SettingsError
from core.report import Silent
from core.runs.supervisor import presence
from core.workspace import write_json


def test_a_recipe_runs_here_with_a_bar_for_each_stage(workspace, tmp_path, monkeypatch, capsys):
    write_family(tmp_path)
    monkeypatch.chdir(tmp_path)
    files = ["triples.tsv", "entities.tsv"]
    run("import_graph", workspace=workspace, name="family", files=files)
    shown = capsys.readouterr()
    assert "import" in shown.err and "100%" in shown.err and not shown.out
    kept = repr(open_graph("family", workspace))
    assert kept == "KnowledgeGraph 'family': 11 entities, 4 relations, 19 triples, in en, zh"


def test_a_report_of_ones_own_is_told_instead(workspace, tmp_path, capsys):
    class Stages(Silent):
        def __init__(self):
            self.stages = []

        def stage(self, name):
            self.stages.append(name)

    report, files = Stages(), [str(file) for file in write_family(tmp_path)]
    run("import_graph", workspace=workspace, report=report, name="family", files=files)
    assert report.stages == ["import"] and not capsys.readouterr().err


def test_warnings_stand_above_the_bar_and_steer_no_terminal(workspace, tmp_path, capsys):
    (tmp_path / "kb.tsv").write_text("a\tr\tb\nb\tr\tc\nc\x1b[2J\tr\n", encoding="utf-8")
    run("import_graph", workspace=workspace, name="g", files=[str(tmp_path / "kb.tsv")])
    assert "Warning: 1 rows were skipped" in (shown := capsys.readouterr().err)
    assert "\x1b[2J" not in shown


def test_a_bar_that_an_error_ends_is_not_full(workspace, tmp_path, capsys):
    with pytest.raises(FormatError, match="cannot be read"):
        run("import_graph", workspace=workspace, name="g", files=[str(tmp_path / "none.tsv")])
    assert "import" in (shown := capsys.readouterr().err) and "100%" not in shown


@pytest.mark.parametrize(
    ("recipe", "settings", "error", "words"),
    [
        ("distil_student", {}, NotFound, "There is no recipe 'distil_student'"),
        ("train_teacher", {"name": "t"}, SettingsError, "Setting 'graph'"),
        ("evaluate", {"model": "s", "beams": 0}, SettingsError, "Setting 'beams'.*given: 0"),
        ("evaluate", {"model": "none"}, NotFound, "No student or teacher is named 'none'"),
    ],
)
def test_what_is_wrong_is_said_as_everywhere_else(workspace, recipe, settings, error, words):
    with pytest.raises(error, match=words):
        run(recipe, workspace=workspace, report=Silent(), **settings)


@pytest.mark.parametrize("opened", [open_graph, open_student, open_teacher])
def test_what_is_not_there_is_said_when_it_is_opened(workspace, opened):
    with pytest.raises(NotFound, match="There is nothing named 'none'"):
        opened("none", workspace)


def test_a_handle_shows_what_it_is_and_steers_no_terminal():
    with Workspace().publish("students", "s") as folder:
        write_json(folder / "card.json", {"teacher": "t\x1b[2J", "graph": "g", "parameters": 7})
    assert repr(open_student("s")) == "StudentHandle 's': graph g, teacher t\ufffd[2J, parameters 7"


def test_a_recipe_is_submitted_as_a_run_that_finds_its_files(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    write_family(tmp_path)
    monkeypatch.chdir(tmp_path)
    handle = submit("import_graph", workspace=workspace, name="family", files=["triples.tsv"])
    queued = handle.store.run(handle.id)
    assert (queued.recipe, queued.state) == ("import_graph", "queued")
    assert queued.settings["files"] == [str(tmp_path / "triples.tsv")]
