"""A page takes names, never paths of the server, in whatever field and by whatever way."""

import ast
from pathlib import Path

import pytest
from pydantic import ValidationError
from stand_ins import screens
from stand_ins.screens import PAGES, Submitted, add_run, button, clean, open_page, words

from core.catalogue import CATALOGUE
from core.errors import CallerError, SettingsError
from core.runs import client, resident
from core.runs.store.store import RunState
from core.runs.supervisor import presence
from core.settings import MODEL, PATH, DistillSettings, GraphImportSettings, Settings, path_fields
from core.sources import place_of
from core.workspace import Workspace
from gate.visitors import Role, Visitor
from pages.parts import changes
from pages.parts.names_only import names_only

ROOT = Path(__file__).parents[2]
KINDS = [entry.settings for entry in CATALOGUE]

SERVER_PATHS = [
    "/etc/passwd",
    "../../etc/passwd",
    "..",
    "~/models",
    "./model",
    "folder/sub/model",
    "C:\\models\\x",
    "\\\\host\\share",
    "//host/share",
    "file:///etc/passwd",
    "FILE:/etc/passwd",
    "http://127.0.0.1/x",
    "s3://bucket/x",
    "upload:../../etc/passwd",
    "model.gguf",
    "owner/model.GGUF",
    "a/../b",
    "core/graph",  # as an id of the hub it would do, but a worker finds this folder
    "a\nb",
    "owner/name\u202e",
    "a" * 900,
]

NAMES_OF_MODELS = ["tiny", "SmolLM2-135M", "Qwen/Qwen2.5-0.5B-Instruct", "gpt2", "all-MiniLM-L6-v2"]

NOT_PATHS = {
    "name", "graph", "questions", "teacher", "teachers", "student", "model", "replay", "branch",
    "topic", "also", "question", "more", "without_edges", "without_entities", "without_words",
    "with_edges",
    "licence", "columns", "add", "remove", "names", "merge",
    "sparql", "around", "rule", "version", "source",
}  # fmt: skip
"""Settings of text that name things of the workspace, entities, or say something."""


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    """No gate stands before the pages, and no supervisor is started behind them."""
    monkeypatch.setattr(changes, "visitor", lambda: Visitor(Role.OWNER, signed_in=False))
    monkeypatch.setattr(presence, "ensure", lambda store: None)


@pytest.fixture
def submitted(monkeypatch):
    kept = Submitted()
    monkeypatch.setattr(client, "submit", kept)
    return kept


def with_value(kind, field, value):
    """Settings of a kind whose field has a value, whatever else they need made up."""
    wanted = kind.model_fields[field].annotation
    several = "tuple" in str(wanted)
    needed = {name: "x" for name, one in kind.model_fields.items() if one.is_required()}
    needed |= {name: ("x", "y") for name in needed if "tuple" in str(kind.model_fields[name])}
    return kind(**{**needed, field: (value,) if several else value})


MARKED = [(kind, name, mark) for kind in KINDS for name, mark in path_fields(kind).items()]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_setting_of_text_is_marked_as_a_path_or_known_to_be_none(kind):
    fields = {name: str(field.annotation) for name, field in kind.model_fields.items()}
    texts = {name for name, kept in fields.items() if "str" in kept and "Literal" not in kept}
    assert texts - set(path_fields(kind)) <= NOT_PATHS


@pytest.mark.parametrize("value", SERVER_PATHS, ids=ascii)
@pytest.mark.parametrize(
    ("kind", "field", "mark"), MARKED, ids=lambda one: getattr(one, "__name__", str(one))
)
def test_cve_2026_2614_no_path_is_a_source_of_what_a_page_starts(
    kind, field, mark, value, submitted
):
    """MLflow: a page's request named a path of the server as its source, and it was read."""
    try:
        settings = with_value(kind, field, value)
    except ValidationError:
        return  # refused before a page looks
    if value.startswith("upload:") and mark is PATH:
        with pytest.raises(CallerError):
            place_of(Workspace(), value)
        return
    with pytest.raises(SettingsError, match="takes no path of the server"):
        changes.start("any", settings)
    assert not submitted


def test_models_go_by_preset_or_hub_id(submitted):
    for kind, field, mark in MARKED:
        for name in NAMES_OF_MODELS if mark is MODEL else ():
            names_only(with_value(kind, field, name))


def test_a_folder_beside_the_program_is_no_id(tmp_path, monkeypatch):
    settings = DistillSettings(name="s", teacher="t", student="owner/model")
    names_only(settings)
    (tmp_path / "owner" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="takes no path"):
        names_only(settings)


def test_pages_start_runs_at_one_place_alone():
    """What starts or changes a run, or asks the resident, is behind the check of names."""
    behind = {
        ("local", "submit"): {"changes.py"},
        ("local", "start_at_once"): set(),
        ("steering", "branch"): {"changes.py"},
        ("resident", "call"): {"asking.py"},
        ("requests", "post"): set(),
    }
    for path in [*(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                allowed = behind.get((node.value.id, node.attr))
                assert allowed is None or path.name in allowed, f"{path}, line {node.lineno}"


WAYS = {"teach/teacher": [{"view": view} for view in ("watch", "report", "train")]}


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_field_for_a_path(page):
    if page != "graph/graph":  # its form of imports shows itself where there is none
        screens.make_world()
    files = {name for _, name, mark in MARKED if mark is PATH}
    assert files == {"files", "split_file", "phrases", "to"}
    for query in WAYS.get(page, [{}]):
        app = clean(open_page(page, **query))
        typed = [*app.text_input, *app.text_area]
        assert not {one.key for one in typed if one.key and one.key.rpartition(".")[2] in files}


def test_a_typed_path_is_refused_on_the_page(submitted):
    screens.make_world()
    app = clean(open_page("distil/distil"))
    app.text_input(key="distil.form.student").set_value("/etc").run()
    said = words(clean(app)).replace("\\", "")
    assert "takes no path of the server on a page (given: /etc)" in said
    button(app, "Distil").click().run()
    assert not submitted and not clean(app).query_params.get("run")


def test_a_typed_path_is_not_even_looked_at(submitted, monkeypatch, tmp_path):
    """The estimate beside the form reads a model's files; not those that a page names."""
    from core import sizing

    def look(student):
        raise AssertionError(f"{student} was looked at")

    screens.make_world()
    app = clean(open_page("distil/distil"))
    monkeypatch.setattr(sizing, "architecture", look)
    app.text_input(key="distil.form.student").set_value(str(tmp_path)).run()
    clean(app)


def test_a_branch_may_keep_a_path_of_the_terminal_but_not_take_one(submitted):
    screens.make_world()
    begun = DistillSettings(name="s", teacher="demo", student="/home/me/model")
    add_run("distill_student", begun, RunState.STOPPED)
    app = clean(open_page("runs/runs", run="run-1"))
    given = next(one for one in app.text_input if one.placeholder == "alpha=0.3 seed=1")
    given.set_value("student=/etc")
    button(app, "Start the branch").click().run()
    assert "takes no path" in words(clean(app)) and not submitted
    given = next(one for one in app.text_input if one.placeholder == "alpha=0.3 seed=1")
    given.set_value("alpha=0.3")
    button(app, "Start the branch").click().run()
    ((_, settings),) = submitted
    assert (settings.student, settings.alpha) == ("/home/me/model", 0.3)


def test_a_question_goes_to_the_resident_without_paths(monkeypatch):
    from core.settings import AskSettings
    from pages.parts import asking

    def call(*_):
        raise AssertionError("it was asked")

    said = []
    monkeypatch.setattr(resident, "call", call)
    monkeypatch.setattr(resident, "is_warm", lambda store: True)
    monkeypatch.setattr(asking.st, "error", lambda text, **_: said.append(text))
    asked = AskSettings(student="s", question="?", embedder="/etc")
    assert asking.ask_resident(asked) is None
    assert "takes no path" in said[0]


def test_an_upload_lands_in_no_place_that_its_sender_chose(submitted):
    app = open_page("graph/graph")
    app.file_uploader[0].upload("../../../graphs/x/graph.json", b"a\tr\tb\n", "text/plain")
    app.text_input[0].set_value("mine")
    button(app, "Import").click().run()
    ((_, settings),) = submitted
    root = Workspace().root
    written = [path.relative_to(root).parts[0] for path in root.rglob("graph.json")]
    assert written == ["uploads"]
    assert isinstance(settings, GraphImportSettings) and isinstance(settings, Settings)
