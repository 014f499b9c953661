"""What others wrote comes out of the command line as text: no markup, no escapes, no lines."""

import json

import pytest
from stand_ins.screens import add_run

from core.command_line import output
from core.command_line.main import main
from core.command_line.output import facts, print_json, say, show, table
from core.foreign_text import MOST_MARKS, printable
from core.results.named import Fact, Named
from core.runs.run import RunState
from core.runs.store.store import Store
from core.settings import TeacherSettings
from core.workspace import Workspace

FOREIGN = "[red]x[/red] [link=http://a.b]y[/link] :smile: \x1b]0;title\x07\x1b[2J \x9b31m \u202etuo"
READ = "[red]x[/red] [link=http://a.b]y[/link] :smile: �]0;title��[2J �31m �tuo"


@pytest.mark.parametrize(
    "shown",
    [
        lambda: say(FOREIGN),
        lambda: show(FOREIGN),
        lambda: show(table([FOREIGN, "b"], [(1, 2)])),
        lambda: show(table(["a"], [(FOREIGN,)])),
        lambda: show(facts({"a": FOREIGN})),
        lambda: show(facts({FOREIGN: "a"})),
        lambda: show(facts({"a": {"b": FOREIGN}})),
        lambda: show(output.chain([Fact(**{part: Named(id="x", label=FOREIGN) for part in HOP})])),
    ],
)
def test_it_is_shown_as_it_is_and_steers_nothing(shown, capsys):
    shown()
    said = capsys.readouterr()
    assert READ in (said.out + said.err).replace("\n", "")


HOP = ("head", "relation", "tail")


def test_it_has_no_line_of_its_own(capsys):
    say("There is no 'x\nError: pay here\r\nor else'.")
    show(table(["a"], [("x\ny",)]))
    said = capsys.readouterr()
    assert said.err == "There is no 'x Error: pay here or else'.\n"
    assert said.out.split("\n")[1:] == ["x y", ""]


def test_a_run_of_an_archive_says_nothing_to_the_terminal(capsys):
    settings = TeacherSettings(name="t", graph="g", questions="q")
    add_run("train_teacher", settings, RunState.FAILED, stage=FOREIGN, error=FOREIGN)
    event = {"at": 0.0, "kind": "warning", "payload": {"message": FOREIGN}}
    Store(Workspace()).write(
        "run-1", {}, [event], [{"at": 0.0, "step": 1, "name": FOREIGN, "value": 1}]
    )
    log = Workspace().root / "runs" / "run-1" / "log.txt"
    log.write_text(FOREIGN, encoding="utf-8")
    for command in (["list"], ["show", "run-1"], ["log", "run-1"], ["compare", "run-1", "run-1"]):
        with pytest.raises(SystemExit):
            main(["runs", *command])
        said = capsys.readouterr()
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said.out + said.err)
    with pytest.raises(SystemExit):
        main(["runs", "show", "run-1", "--json"])
    assert FOREIGN in json.loads(capsys.readouterr().out)["metrics"]


def test_json_is_exact_and_steers_nothing(capsys):
    print_json({"a": FOREIGN + "\n\t\ud83d"})
    said = capsys.readouterr().out
    assert json.loads(said) == {"a": FOREIGN + "\n\t\ud83d"}
    assert not {"\x1b", "\x9b", "\u202e", "\ud83d"} & set(said)


def test_towers_of_marks_are_cut():
    assert printable("e" + "\u0301" * 10_000) == "e" + "\u0301" * MOST_MARKS
    assert printable("Tiếng Việt, 你好, नमस्ते, 👩‍👩‍👧") == "Tiếng Việt, 你好, नमस्ते, 👩‍👩‍👧"
