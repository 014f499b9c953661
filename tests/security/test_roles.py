"""A guest looks and asks: the pages offer no more, refuse no less, and know no way around."""

import ast
import inspect
import os
from pathlib import Path

import pytest
import streamlit as st
from stand_ins.screens import PAGES, add_run, button, clean, open_page

from core.errors import NotAllowed
from core.runs.store.store import RunState, Store
from core.runs.supervisor import presence
from core.settings import DemoSettings, DistillSettings
from core.workspace import Workspace
from gate.visitors import Role, Visitor
from pages.parts import changes
from pages.parts.forms import importing

ROOT = Path(__file__).parents[2]

READING = {
    "core.runs.chains": set(),
    "core.runs.run_folder": {"log_end"},
    "core.runs.store.curves": {"latest", "names", "thinned", "cursor"},
    "core.runs.store.devices": {"known"},
    "core.runs.supervisor.diagnosis": {"fix", "Cause"},
    "core.runs.supervisor.hangs": {"limit"},
    "core.runs.store.housekeeping": {"disk_use", "size", "leftovers"},
    "core.runs.store.queue": {"chain", "needed", "waiting"},
    "core.runs.resident": {"call", "is_warm"},
    "core.runs.run": {"Event", "Run", "RunState"},
    "core.runs.lifecycle": {"read_changes"},
    "core.runs.store.store": {"Run", "RunState", "Store"},
    "core.runs.supervisor.presence": {"ensure", "present"},
    "core.sources": {"is_named", "most_upload_bytes", "place_of", "upload_bytes"},
}
"""What pages may take, beside constants, from the packages that can change something. `ensure`
starts the supervisor of runs that are there already; `call` asks the resident worker a question."""

READING_STORE = {"controls", "database", "events", "metrics", "run", "runs", "workspace"}
READING_WORKSPACE = {"exists", "extent", "folder", "free_name", "names", "root"}
READING_WORKSPACE |= {"open", "read", "stamp"}
WRITING = {"chmod", "mkdir", "rename", "rmtree", "symlink_to", "touch", "unlink", "write_bytes"}
WRITING |= {"hardlink_to", "open", "publish", "rmdir", "write_json", "write_text", "writing"}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def guest(monkeypatch):
    monkeypatch.setattr(changes, "visitor", lambda: Visitor(Role.GUEST, signed_in=True))


def page_sources():
    files = [ROOT / "studio.py", *(ROOT / "pages").rglob("*.py")]
    return [file for file in sorted(files) if file.name != "changes.py"]


def dotted(node):
    """`a.b.c` of an expression of names, `a().b` of a call in it."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return f"{dotted(node.func)}()"
    return ""


def ways_around(source):
    """Everything in a page's code that could change something for somebody else than the owner."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if "owner_only" in [dotted(one) for one in getattr(function, "decorator_list", [])]:
            function.body = []
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("core.runs"))
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("core"):
            continue
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            if whole in READING:
                modules[alias.asname or alias.name] = whole
            elif node.module in READING:
                if alias.name not in READING[node.module] and not alias.name.isupper():
                    yield whole
            elif node.module.startswith(("core.runs", "core.recipes", "core.export")):
                yield whole
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        owner, name = dotted(node.value), node.attr
        if owner in modules and name not in READING[modules[owner]] and not name.isupper():
            yield f"{owner}.{name}"
        if owner == "store()" and name not in READING_STORE:
            yield f"store().{name}"
        if owner in ("workspace()", "Workspace()") and name not in READING_WORKSPACE:
            yield f"workspace().{name}"
    yield from written(tree)


def written(tree):
    """Calls that write files."""
    calls = {dotted(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    # These are opened to be read.
    for call in sorted(
        calls - {"KnowledgeGraph.open", "space.open", "workspace().open", "Workspace().open"}
    ):
        if call.rpartition(".")[2] in WRITING:
            yield call


@pytest.mark.parametrize("file", page_sources(), ids=lambda file: file.stem)
def test_no_page_knows_a_way_around(file):
    assert list(ways_around(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "from core.runs import client\nclient.submit(s, 'x', y)",
        "from core.runs.client import RunHandle",
        "from core.runs import lifecycle as s\ns.branch(1)",
        "from core.runs.chains import start_chain",
        "from core.runs.worker import attempts",
        "import core.runs.store.store",
        "store().set_control('r', 'alpha', 1)",
        "workspace().delete('graphs', 'g')",
        "Workspace().publish('graphs', 'g')",
        "from core.recipes import import_graph",
        "Path('x').write_text('y')",
        "shutil.rmtree(folder)",
        "open('x', 'w')",
    ],
)
def test_the_reading_of_the_code_sees_each_way(code):
    assert list(ways_around(code))


def test_every_change_is_for_the_owner_only():
    """All that `changes` offers, beside telling who it is, asks who it is first."""
    telling = {"visitor", "is_owner", "owner_only"}
    offered = {
        name: function
        for name, function in inspect.getmembers(changes, inspect.isfunction)
        if function.__module__ == changes.__name__ and name not in telling
    }
    assert {"start", "stop", "delete", "delete_run", "set_control", "prune"} <= set(offered)
    assert all(hasattr(function, "__wrapped__") for function in offered.values())


def test_a_guest_is_refused_before_anything_happens(guest):
    """What a button or a slider does when a guest's browser sends its click all the same."""
    run_id = add_run("distill_student", DistillSettings(name="s", teacher="t"), pid=os.getpid())
    before = Store(Workspace()).run(run_id)
    refused = [
        (changes.start, ("run_demo", DemoSettings())),
        (changes.start_chain, ("g", "q", "t", "s")),
        (changes.stop, (run_id,)),
        (changes.pause, (run_id,)),
        (changes.resume, (run_id,)),
        (changes.branch, (run_id, {"name": "x"}, None)),
        (changes.set_control, (run_id, "alpha", 0.1)),
        (changes.set_priority, (run_id, 3)),
        (changes.delete, ("graphs", "g")),
        (changes.delete_run, (run_id,)),
        (changes.prune, (0,)),
        (importing.keep_uploads, ([],)),
    ]
    for change, given in refused:
        with pytest.raises(NotAllowed, match="Only the owner"):
            change(*given)
    store = Store(Workspace())
    assert store.run(run_id) == before
    assert store.controls(run_id) == []
    assert [run.id for run in store.runs()] == [run_id]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_a_guest(guest, page, lang):
    app = clean(open_page(page, lang=lang))
    assert app.main.title
    assert len(app.sidebar.caption) == 1  # says that they are a guest


def test_a_guest_starts_nothing_on_the_tour(guest):
    app = clean(open_page())
    start = app.main.button(key="tour.start")
    assert start.disabled
    start.proto.disabled = False  # a browser that does not care what is greyed out
    start.click().run()
    assert Store(Workspace()).runs() == []


def test_a_guest_sees_a_run_and_none_of_its_buttons(guest):
    add_run("distill_student", DistillSettings(name="s", teacher="t"), run_id="r1", pid=os.getpid())
    add_run("run_demo", DemoSettings(), RunState.FAILED, run_id="r2", error="It broke.")
    for run_id in ("r1", "r2"):
        app = clean(open_page("runs/runs", run=run_id))
        keys = [one.key for one in app.main.button]
        assert not [key for key in keys if key and key.endswith(f":{run_id}") and "open" not in key]


def test_the_owner_still_has_them(monkeypatch):
    monkeypatch.setattr(changes, "visitor", lambda: Visitor(Role.OWNER, signed_in=True))
    add_run("distill_student", DistillSettings(name="s", teacher="t"), run_id="r1", pid=os.getpid())
    app = clean(open_page("runs/runs", run="r1"))
    assert button(app, "Pause")
    assert [one.label for one in app.sidebar.button] == ["Sign out"]


def test_nobody_signs_out_where_nobody_signs_in(monkeypatch):
    monkeypatch.setattr(changes, "visitor", lambda: Visitor(Role.OWNER, signed_in=False))
    assert not open_page().sidebar.button
