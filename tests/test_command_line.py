"""The command line: what goes to which stream, exit codes, and settings that become options."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from stand_ins import results, screens
from stand_ins.acting import Acting

from core import settings as all_settings
from core.catalogue import CATALOGUE
from core.command_line import asking, demo, making
from core.command_line.exported import show_export
from core.command_line.main import app, main
from core.command_line.output import as_text
from core.errors import RunStopped
from core.results.answer import Decision, JudgedHop, LikelySet, LookedFor, Suggestion
from core.results.comparison import ComparedPath
from core.results.demo import DemoExample
from core.results.evaluation import SHOWN
from core.results.student import PromptExample
from core.results.trace import MetPaths
from core.runs.client import RunHandle, submit
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.settings import Settings
from core.workspace import Workspace, write_json

TRIPLES = """Joe_Biden\tborn_in\tScranton
Joe_Biden\tgraduate_from\tUniversity_of_Delaware
Scranton\tcity_of\tUSA
University_of_Delaware\tlocated_in\tUSA
Kamala_Harris\tborn_in\tOakland
"""


@pytest.fixture
def command(capfd):
    """Run a command; gives its exit code, standard output and standard error."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capfd.readouterr()
        return ended.value.code, out, err

    return run


@pytest.fixture
def films(tmp_path, command):
    """A graph in the workspace, and its file."""
    file = tmp_path / "people.tsv"
    file.write_text(TRIPLES, encoding="utf-8")
    code, out, err = command("graph", "import", str(file), "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.fixture
def store():
    store = Store(Workspace())
    yield store
    for run in store.runs():
        RunHandle(store, run.id).stop(hard=True)
    store.close()


def commands(group=app, words=()):
    """Every command of the tree by its words."""
    for command in group.registered_commands:
        yield (*words, command.name), command.callback
    for part in group.registered_groups:
        yield from commands(part.typer_instance, (*words, part.name))


COMMANDS = dict(commands())
SETTINGS = {tuple(entry.command.split()): entry.settings for entry in CATALOGUE}


def test_every_settings_model_has_a_command():
    models = {kind for kind in vars(all_settings).values() if inspect.isclass(kind)}
    models = {kind for kind in models if issubclass(kind, Settings) and kind is not Settings}
    assert models == set(SETTINGS.values())


@pytest.mark.parametrize("words", SETTINGS, ids=" ".join)
def test_every_setting_is_an_option_with_its_help(words):
    parameters = inspect.signature(COMMANDS[words]).parameters
    for name, field in SETTINGS[words].model_fields.items():
        assert field.description in parameters[name].default.help


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_json(words, command):
    code, out, err = command(*words, "--help")
    assert (code, err) == (0, "")
    assert "--json" in out
    assert inspect.getdoc(COMMANDS[words]).split()[0] in out


def test_help_names_bounds_and_defaults(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    _, out, _ = command("distill", "--help")
    assert "(0 to 1)" in out and "(above 0 to 20)" in out and "0.003" in out
    assert "posterior|prior|uniform" in out


def test_no_words_at_all_give_help(command):
    code, out, _ = command()
    assert code == 0
    assert "questions" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nonsense"], "No such command 'nonsense' (--help shows what there is)."),
        (["graph"], "Missing command (--help shows what there is)."),
        (["distill"], "Missing option '--teacher' (--help shows what there is)."),
        (
            ["graph", "list", "--nonsense"],
            "No such option: --nonsense (--help shows what there is).",
        ),
        (
            ["distill", "--teacher", "t", "--alpha", "2"],
            "Setting 'alpha': Input should be less than or equal to 1 (given: '2').",
        ),
        (
            ["evaluate", "m", "--split", "all"],
            "Setting 'split': Input should be 'train', 'dev' or 'test' (given: 'all').",
        ),
        (["graph", "show", "x"], "There is nothing named 'x' among the graphs (there: none yet)."),
        (["runs", "show", "x"], "There is no run 'x'; `runs list` shows which there are."),
        (["runs", "set", "x", "alpha"], "'alpha' is no change: write it like alpha=0.3."),
    ],
)
def test_mistakes_are_one_line_and_exit_2(command, words, sentence):
    code, out, err = command(*words)
    assert (code, out, err) == (2, "", f"Error: {sentence}\n")


def test_a_mistake_is_one_json_document_too(command):
    code, out, err = command("graph", "show", "x", "--json")
    assert code == 2
    assert json.loads(out)["error"]["kind"] == "NotFound"
    assert err.startswith("Error: There is nothing named 'x'")


@pytest.mark.parametrize("what", ["graph", "questions", "teacher", "student", "runs"])
def test_an_empty_workspace_is_an_empty_list(command, what):
    assert command(what, "list", "--json")[:2] == (0, "[]\n")
    code, out, err = command(what, "list")
    assert (code, out) == (0, "")
    assert "try: python -m core" in err


def test_import_tells_its_name_and_the_next_command(command, films, tmp_path):
    assert (films["name"], films["triples"]) == ("people", 5)
    code, out, err = command("graph", "import", str(tmp_path / "people.tsv"))
    assert code == 0
    assert "people-2" in out
    assert "Stage: import\n" in err
    assert "Next: python -m core questions generate --graph people-2\n" in err


def test_relative_paths_are_the_callers(command, films, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = command("graph", "import", "people.tsv", "--name", "again", "--json")
    assert code == 0
    assert json.loads(out)["name"] == "again"


def test_a_folder_of_a_model_is_the_callers_and_a_name_stays_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("model", "SmolLM2-135M", "s"):
        (tmp_path / name).mkdir()
    common = {"name": "t", "graph": "g", "questions": "q"}
    for model, wanted in (
        ("model", str(tmp_path / "model")),
        ("SmolLM2-135M", "SmolLM2-135M"),
        ("some/hub-id", "some/hub-id"),
    ):
        settings = all_settings.LanguageModelTeacherSettings(model=model, **common)
        assert making.with_absolute_paths(settings).model == wanted
    trained = all_settings.TeacherSettings(encoder="model", **common)
    assert making.with_absolute_paths(trained).encoder == str(tmp_path / "model")
    assert making.with_absolute_paths(all_settings.EvaluateSettings(model="s")).model == "s"


def test_teachers_of_every_kind_are_listed(command):
    for kind, result in (
        ("policy", {"dev_hits_at_1": 0.975}),
        ("lexical", {"dev_hits_at_1": None}),
        ("mixture", {}),
    ):
        card = {"name": f"a-{kind}", "kind": kind, "graph": "g", "questions": "q", "hops": 2,
                "directions": "both", "result": result}  # fmt: skip
        with Workspace().publish("teachers", card["name"]) as folder:
            write_json(folder / "card.json", card)
    code, out, _ = command("teacher", "list")
    assert code == 0
    rows = {row[0]: row for row in map(str.split, out.splitlines()) if row}
    assert rows["a-lexical"][1] == "lexical" and "0.975" in rows["a-policy"]
    assert len(json.loads(command("teacher", "list", "--json")[1])) == 3


def test_the_error_of_a_run_is_the_error_of_its_command(command, tmp_path):
    (tmp_path / "bad.tsv").write_text("one column\n", encoding="utf-8")
    code, out, err = command("graph", "import", str(tmp_path / "bad.tsv"))
    assert (code, out) == (2, "")
    (line,) = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert "bad.tsv" in line
    assert "Traceback" not in err


def test_a_taken_name_is_refused_until_it_is_replaced(command, films, tmp_path):
    words = ["graph", "import", str(tmp_path / "people.tsv"), "--name", "people"]
    code, _, err = command(*words)
    assert code == 2
    assert "Error: The name 'people' is taken" in err
    assert command(*words, "--replace")[0] == 0


def test_graphs_are_listed_shown_and_searched(command, films):
    _, out, _ = command("graph", "list", "--json")
    assert [graph["name"] for graph in json.loads(out)] == ["people"]
    _, out, _ = command("graph", "show", "people", "--json")
    assert json.loads(out)["report"]["triples"] == 5
    _, out, _ = command("graph", "show", "people")
    assert "born in" in out
    _, out, _ = command("graph", "search", "people", "biden", "--json")
    assert json.loads(out) == [{"id": "Joe_Biden", "label": "Joe Biden", "edges": 2}]
    code, out, err = command("graph", "search", "people", "nobody")
    assert (code, out, err) == (0, "", "No entity of 'people' has a name like 'nobody'.\n")


def test_paths_between_two_entities(command, films):
    _, out, _ = command("graph", "path", "people", "Joe_Biden", "USA")
    assert out.splitlines() == [
        "Joe Biden -born in-> Scranton -city of-> USA",
        "Joe Biden -graduate from-> University of Delaware -located in-> USA",
    ]
    _, out, _ = command("graph", "path", "people", "Joe_Biden", "USA", "--json", "--limit", "1")
    (path,) = json.loads(out)["paths"]
    assert path["relations"] == ["born_in", "city_of"]
    _, out, err = command("graph", "path", "people", "Oakland", "USA")
    assert (out, err) == ("", "USA is not within 4 hops of Oakland; try --hops.\n")
    code, _, err = command("graph", "path", "people", "Bidet", "USA")
    assert code == 2
    assert "has no entity named 'Bidet'" in err


def test_a_detached_run_is_shown_and_stopped(command, store, films, tmp_path):
    file = str(tmp_path / "people.tsv")
    code, out, _ = command("graph", "import", file, "--detach", "--name", "later")
    run_id = out.strip()
    assert code == 0
    assert RunHandle(store, run_id).wait(30).state is RunState.SUCCEEDED
    _, out, _ = command("runs", "list")
    assert run_id in out and "succeeded" in out
    _, out, _ = command("runs", "show", run_id, "--json")
    assert json.loads(out)["result"]["name"] == "later"
    _, out, _ = command("runs", "show", run_id)
    assert "Import graph: later" in out
    _, out, _ = command("runs", "log", run_id, "--last", "1")
    assert out.endswith(f"run {run_id}: succeeded\n")
    code, _, err = command("runs", "set", run_id, "alpha=0.3")
    assert (code, err) == (2, f"Error: The run {run_id} is over (succeeded) and cannot change.\n")
    assert command("runs", "stop", run_id)[2] == f"The run {run_id} was over already (succeeded).\n"


MAKING = {
    ("graph", "import"): ["f.tsv"],
    ("graph", "check"): ["g"],
    ("graph", "rules"): ["g"],
    ("questions", "import"): ["f.jsonl", "--graph", "g"],
    ("questions", "generate"): ["--graph", "g"],
    ("teacher", "train"): ["--graph", "g", "--questions", "q"],
    ("teacher", "label"): ["t"],
    ("teacher", "transfer"): ["t", "--graph", "g"],
    ("teacher", "lexical"): ["--graph", "g", "--questions", "q"],
    ("teacher", "language-model"): ["--graph", "g", "--questions", "q", "--model", "m"],
    ("teacher", "mixture"): ["a", "b"],
    ("distill",): ["--teacher", "t"],
    ("hard",): ["s"],
    ("sweep",): ["s"],
    ("evaluate",): ["m"],
    ("baseline",): ["frequent-paths", "--questions", "q"],
    ("export",): ["s", "--to", "x"],
    ("demo",): [],
}


def test_every_command_that_makes_something_is_tried_here():
    making_them = {words for words, action in COMMANDS.items() if "after" in parameters(action)}
    assert making_them == set(MAKING)


def parameters(action):
    return inspect.signature(action).parameters


@pytest.mark.parametrize("words", MAKING, ids=" ".join)
def test_a_run_is_queued_as_its_options_say(command, monkeypatch, words):
    asked = []

    def start(store, recipe, settings, *, after, priority):
        asked.append((tuple(after), priority))
        return RunHandle(store, "run-1")

    monkeypatch.setattr(making, "start", start)
    given = [*words, *MAKING[words], "--detach"]
    assert command(*given) == (0, "run-1\n", "")
    assert command(*given, "--after", "a", "--after", "b", "--priority", "3")[0] == 0
    assert asked == [((), 0), (("a", "b"), 3)]


def test_students_are_listed_and_so_are_those_that_could_be(command):
    screens.make_world()
    assert [card["name"] for card in json.loads(command("student", "list", "--json")[1])] == [
        "demo"
    ]
    assert "demo" in command("student", "list")[1]
    named = [preset["name"] for preset in json.loads(command("student", "presets", "--json")[1])]
    assert named[:2] == ["tiny", "tiny-bilingual"]
    assert "Apache-2.0" in command("student", "presets")[1]


def test_an_export_shows_its_files(capsys):
    example = PromptExample(prompt="Who is <topic>?<path>", topic="a", path=("spouse", "child"))
    files = {"model.gguf": 2_500_000}
    show_export(results.export_report(folder="/out", files=files, example=example))
    assert capsys.readouterr().out.splitlines() == [
        "/out",
        "file         MB",
        "model.gguf  2.5",
        "Who is <topic>?<path>  =>  spouse -> child",
    ]


def test_an_estimate_starts_nothing(command, store):
    screens.make_world()
    words = ["distill", "--teacher", "demo", "--name", "s", "--estimate"]
    code, out, _ = command(*words, "--json")
    found = json.loads(out)
    assert (code, found["parameters"], found["steps"]) == (0, 529_024, 20)
    assert found["memory_gb"] > 0 and found["seconds"] >= 0
    assert "529024" in command(*words)[1].replace(",", "")
    assert store.runs() == []
    code, _, err = command(*words, "--student", "someone/unknown")
    assert code == 2
    assert "Nothing is known of 'someone/unknown' before it is downloaded" in err


def test_a_preview_of_an_import_starts_nothing(command, store, tmp_path):
    (tmp_path / "kb.tsv").write_text("a\t[b]\tr\nc\t[b]\tr\n", encoding="utf-8")
    words = ["graph", "import", str(tmp_path / "kb.tsv"), "--preview"]
    code, out, err = command(*words)
    assert code == 0 and "as many relations as heads or tails" in err and "--columns" in err
    code, out, err = command(*words, "--columns", "1,3,2")
    assert (code, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["kb.tsv"], ["head", "relation", "tail"], ["a", "r", "[b]"], ["c", "r", "[b]"],
    ]  # fmt: skip
    (seen,) = json.loads(command(*words, "--json")[1])
    assert (seen["facts"][0], seen["doubt"]) == (["a", "[b]", "r"], "columns")
    assert store.runs() == []


def test_controls_are_sent(command, store):
    run_id = submit(store, "stand_ins.acting", Acting(act="wait")).id
    code, out, _ = command("runs", "set", run_id, "alpha=0.3", "--json")
    assert code == 0
    assert json.loads(out)["controls"] == [c.id for c in store.controls(run_id)]
    assert command("runs", "stop", run_id, "--hard", "--json")[1]
    assert store.run(run_id).state is RunState.STOPPED


@pytest.fixture
def stand_ins_on_path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))


@pytest.mark.usefixtures("stand_ins_on_path")
def test_interrupting_stops_the_run_and_exits_1(store):
    script = (
        # Where tests run in the background, a shell has made children deaf to this signal.
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from core.catalogue import Entry\n"
        "from core.command_line import making\n"
        "from core.command_line.main import app, main\n"
        "from core.results.record import Record\n"
        "from stand_ins.acting import Acting\n"
        "entry = Entry('stand_ins.acting', Acting, Record, 'act', ('act',))\n"
        "making._add(app, 'act', entry, None, None, None)\n"
        "main(['act', 'wait'])\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=presence.PROJECT, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 120
    while not any(run.stage for run in store.runs()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    (run,) = store.runs()
    assert (process.returncode, run.state) == (1, RunState.STOPPED)
    assert "Stopping at the next safe point" in err
    assert err.endswith(f"Error: The run {run.id} was stopped.\n")
    assert isinstance(run.failure(), RunStopped)


def end(text):
    return results.named(text.lower(), text)


def fact(head, relation, tail):
    return {"head": end(head), "relation": end(relation), "tail": end(tail)}


BIDEN = (
    JudgedHop(**fact("Joe Biden", "born_in", "Scranton"), verdict="in_graph", nearest=None),
    JudgedHop(**fact("Scranton", "city_of", "USA"), verdict="only_inverse", nearest=None),
)


LIKELY = LikelySet(
    level=0.95, answers=(results.likely(end("USA"), 0.89),), size=3, not_in_graph=False
)
NOTHING_LIKELY = LikelySet(level=0.95, answers=(), size=0, not_in_graph=True)
MAYOR = LookedFor(
    topic=end("Joe Biden"),
    hops=BIDEN[:1],
    at=end("Scranton"),
    relation=end("mayor"),
    probability=0.9,
    verified=True,
)


def test_asking_prints_the_answer_alone(command, monkeypatch):
    said = results.answer(supported=False)
    path = replace(said.paths[0], probability=0.58, hops=BIDEN)
    said = replace(said, paths=(path,), answers=(results.likely(end("USA"), 0.89),), seconds=0.1)

    def recipe(values, report, workspace):
        sys.stdout.write("a library that talks\n")
        return replace(said, student=values["student"])

    monkeypatch.setattr(asking, "load_recipe", lambda name: recipe)
    code, out, err = command("ask", "s", "What is Joe Biden's nationality?", "--json")
    assert (code, json.loads(out)) == (0, replace(said, student="s").as_record())
    assert "a library that talks" in err
    _, out, _ = command("ask", "s", "What is Joe Biden's nationality?")
    assert out.splitlines() == [
        "USA  0.89",
        " 0.58  Joe Biden -born_in-> Scranton -city_of-> USA (only inverse)",
        "The path: not in the graph.",
        "(0.10 s)",
    ]


@pytest.mark.parametrize("is_warm", [True, False])
def test_a_question_goes_to_the_resident_where_one_lives(command, monkeypatch, is_warm):
    Workspace().ensure()
    said, asked = replace(results.answer(), seconds=0.1), []

    def call(store, recipe, settings):
        asked.append((store.workspace.root, recipe, settings.question))
        return said

    def run(values, report, workspace):
        asked.append("here")
        return said

    monkeypatch.setattr(asking.resident, "is_warm", lambda store: is_warm)
    monkeypatch.setattr(asking.resident, "call", call)
    monkeypatch.setattr(asking, "load_recipe", lambda name: run)
    code, out, _ = command("ask", "s", "Who?", "--json")
    assert (code, json.loads(out)) == (0, said.as_record())
    there = (Workspace().root, "answer_question", "Who?")
    assert asked == ([there] if is_warm else ["here"])


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (
            {"confidence": 0.97, "likely_set": LIKELY},
            [
                "USA  0.89",
                " 0.58  Joe Biden -born_in-> Scranton -city_of-> USA",
                "The path: in the graph.",
                "How sure that it answers: 0.97; likely at 95%: USA, 2 more.",
            ],
        ),
        (
            {"decision": Decision.UNSURE, "confidence": 0.4, "likely_set": NOTHING_LIKELY},
            [
                "Not sure. It may be:",
                "USA  0.89",
                " 0.58  Joe Biden -born_in-> Scranton -city_of-> USA",
                "The path: in the graph.",
                "How sure that it answers: 0.40; likely at 95%: that the graph does not say.",
            ],
        ),
        (
            {
                "decision": Decision.NOT_IN_GRAPH,
                "answers": (),
                "confidence": 0.97,
                "missing": 0.93,
                "looked_for": MAYOR,
            },
            [
                "The graph does not say.",
                "How sure that the graph does not say: 0.97.",
                "Not found: Scranton has no 'mayor' here, checked (0.90).",
            ],
        ),
        (
            {"looked_for": replace(MAYOR, relation=None, probability=0.02, verified=False)},
            [
                "USA  0.89",
                " 0.58  Joe Biden -born_in-> Scranton -city_of-> USA",
                "The path: in the graph.",
                "Not found: what is asked of Scranton is none of the graph's relations (0.02).",
            ],
        ),
        (
            {"missing": 0.002, "looked_for": replace(MAYOR, probability=0.002)},
            [
                "USA  0.89",
                " 0.58  Joe Biden -born_in-> Scranton -city_of-> USA",
                "The path: in the graph.",
            ],
        ),
    ],
)
def test_path_certainty_and_what_was_not_found_are_told_apart(capsys, changes, wanted):
    said = results.answer()
    hops = tuple(replace(hop, verdict="in_graph") for hop in BIDEN)
    path = replace(said.paths[0], probability=0.58, hops=hops)
    said = replace(said, paths=(path,), answers=(results.likely(end("USA"), 0.89),), seconds=0.1)
    asking.show_answer(replace(said, **changes))
    assert capsys.readouterr().out.splitlines() == [*wanted, "(0.10 s)"]


ANN = Suggestion(question="Who is Ann?", topic=end("Ann"), relations=("is",))


def test_what_names_nothing_or_asks_nothing_is_told_with_what_can_be_asked(capsys):
    said = replace(results.answer(), answers=(), paths=(), supported=False, suggestions=(ANN,),
                   seconds=0.1)  # fmt: skip
    offered = ["What the graph can answer, for example:", "  Who is Ann?", "(0.10 s)"]
    asking.show_answer(replace(said, topics=(), decision=Decision.NOT_IN_GRAPH))
    assert capsys.readouterr().out.splitlines() == [
        "The graph does not say.",
        "Not found: nothing in the question is a name of the graph, or near one.",
        *offered,
    ]
    guessed = replace(said.topics[0], match="common_word")
    namesake = replace(guessed, id="joe_2")
    unclear = replace(said, topics=(guessed,), candidates=(namesake,), decision=Decision.UNSURE)
    asking.show_answer(replace(unclear, asks_nothing=True))
    assert capsys.readouterr().out.splitlines() == [
        "What do you want to know about Joe Biden?",
        "About 'Joe Biden': a guess, for that is also a common word.",
        "It may be about another, whose id --topic takes: Joe Biden (joe_2).",
        *offered,
    ]


def test_where_the_graph_may_not_say_no_answer_is_listed_that_is_all_but_impossible(capsys):
    (path,) = results.answer().paths
    said = replace(results.answer(), decision=Decision.UNSURE, missing=0.99,
                   paths=(replace(path, probability=0.001),),
                   answers=(results.likely(end("USA"), 0.001),), seconds=0.1)  # fmt: skip
    asking.show_answer(said)
    assert capsys.readouterr().out.splitlines() == [
        "Not sure. Perhaps the graph does not say.",
        "(0.10 s)",
    ]


def test_a_trace_is_a_tree_for_each_topic_and_where_they_meet(capsys):
    traced = results.trace()
    first, second = (
        replace(hop, nodes=(replace(hop.nodes[0], frontier_size=1, stop=stop),))
        for hop, stop in zip(traced.hops, (0.0, 1.0), strict=True)
    )
    about_one = replace(traced, hops=(first, second))
    asking.show_trace(about_one)
    one = [
        "Joe Biden",
        "└── 0.60 born_in  1 reached, stop 0.00",
        "    └── 0.58 city_of  1 reached, stop 1.00",
        " 0.58  born_in -> city_of  => USA",
        "(everything else: 0.11)",
    ]
    assert capsys.readouterr().out.splitlines() == one
    topics = (*about_one.topics, results.matched(end("Jill")))
    about_two = replace(about_one, topics=topics, beside=(about_one,))
    meeting = MetPaths(
        probability=0.9, paths=(("born_in",), ("lives_in",)), answers=(end("USA"),), reached=1
    )
    asking.show_trace(replace(about_two, meetings=(meeting,)))
    both = [*one, "Jill", *one[1:]]
    met = " 0.90  born_in & lives_in  => USA"
    assert capsys.readouterr().out.splitlines() == [*both, met]
    asking.show_trace(about_two)
    assert capsys.readouterr().out.splitlines() == [*both, "Their paths meet nowhere."]


def test_a_comparison_is_a_table(capsys):
    labels = ("born_in", "city_of")
    path = ComparedPath(relations=labels, labels=labels, teacher=0.58, student=0.5)
    asking.show_comparison(replace(results.comparison(), paths=(path,), off_graph=0.002))
    out = capsys.readouterr().out
    assert "born_in -> city_of" in out and "0.58" in out and "0.0020" in out


def test_the_demo_ends_in_a_table_and_paths(capsys):
    scores = results.evaluation(**dict.fromkeys(SHOWN, 0.987))
    example = DemoExample(
        question="What is Joe Biden's nationality?",
        language="en",
        answers=(end("USA"),),
        path=BIDEN,
        supported=True,
    )
    made = dict.fromkeys(("teacher", "student", "student_free"), scores)
    demo.show_demo(replace(results.demo_report(), **made, examples=(example,)))
    out = capsys.readouterr().out
    assert out.count("98.7 %") == 15
    assert "USA" in out and "Joe Biden -born_in-> Scranton" in out
    assert "python -m core ask demo" in out


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"decision": Decision.UNSURE, "confidence": 0.4},
         ["Not sure. It may be:", "USA  0.80", "The path: in the graph.", "it answers: 0.40"]),
        ({"decision": Decision.UNSURE, "confidence": 0.6, "missing": 0.9},
         ["Perhaps the graph does not say, or it is:", "that the graph does not say: 0.60"]),
        ({"decision": Decision.NOT_IN_GRAPH, "answers": (), "supported": False, "missing": 0.9,
          "confidence": 0.9, "looked_for": MAYOR},
         ["The graph does not say.", "Scranton has no 'mayor' here"]),
    ],
)  # fmt: skip
def test_the_demo_tells_its_examples_as_ask_does(capsys, changes, wanted):
    said = replace(results.answer(), **changes)
    example = DemoExample(question=said.question, language="en", answers=(), path=(),
                          supported=said.supported, answer=said)  # fmt: skip
    demo.show_demo(replace(results.demo_report(), examples=(example,)))
    out = capsys.readouterr().out
    assert all(sentence in out for sentence in wanted)
    assert "not supported" not in out


def test_labels_are_text_and_cannot_steer_a_terminal():
    assert as_text("[red]\x1b[31mfire\x07").plain == "[red]\ufffd[31mfire\ufffd"


def test_names_are_made_from_files():
    assert making._file_stem({"files": ["/x/kb entity (1).tsv"]}) == "kb-entity-1"
    assert making._file_stem({"files": ["/x/.tsv"]}) == "imported"
