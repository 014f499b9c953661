"""The page Graph: choose, import, read the report, search, walk, delete."""

import os
import shutil
from types import SimpleNamespace

import pytest
import streamlit as st
from family_graph import write_family
from stand_ins.screens import (
    Submitted,
    add_run,
    address,
    as_read,
    button,
    clean,
    make_world,
    open_page,
    words,
)

from core.graph.knowledge_graph import KnowledgeGraph
from core.recipes import check_graph, edit_graph, find_rules, import_graph
from core.report import Silent
from core.runs import client, resident
from core.runs.store.store import RunState, Store
from core.settings import (
    GraphCheckSettings,
    GraphEditSettings,
    GraphImportSettings,
    RuleSettings,
)
from core.sources import place_of
from core.workspace import Workspace


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def submitted(monkeypatch):
    kept = Submitted()
    monkeypatch.setattr(client, "submit", kept)
    return kept


@pytest.fixture
def family(tmp_path):
    """The family as a graph of the workspace, with one row that could not be read."""
    files = write_family(tmp_path)
    with files[0].open("a", encoding="utf-8") as triples:
        triples.write("only two\tcolumns\n")
    settings = GraphImportSettings(name="family", files=tuple(map(str, files)))
    return import_graph.run(settings, Silent(), Workspace()).as_record()


def view(app, name):
    app.button_group(key="graph.view").set_value(name).run()
    return clean(app)


def headings(app):
    return [heading.value for heading in app.main.subheader]


# --- empty, and imports ---------------------------------------------------------------------------


def test_an_empty_workspace_offers_the_sample(submitted):
    app = clean(open_page("graph/graph"))
    assert "There is no graph yet" in words(app)
    button(app, "Load the sample graph").click().run()
    ((recipe, settings),) = submitted
    assert recipe == "import_graph" and settings.name == "sample"
    assert settings.files == tuple(f"sample:{t}.tsv" for t in ("triples", "entities", "relations"))
    assert address(app, "run") == "new-1"
    assert "Place 1 in the queue" in words(clean(app))


def test_files_are_kept_for_the_run(submitted):
    app = open_page("graph/graph")
    app.file_uploader[0].upload("../facts.tsv", b"a\tr\tb\n", "text/plain")
    app.text_input[0].set_value("mine")
    button(app, "Import").click().run()
    ((_, settings),) = submitted
    (source,) = settings.files
    assert source.startswith("upload:") and source.endswith("/1/facts.tsv")
    assert place_of(Workspace(), source).read_text(encoding="utf-8") == "a\tr\tb\n"


def test_files_show_how_they_would_be_read_and_their_columns_can_be_said(submitted):
    app = open_page("graph/graph")
    app.file_uploader[0].upload("facts.tsv", b"a\t*b*\tr\nc\t*b*\tr\n", "text/plain").run()
    assert "as many relations as heads or tails" in clean(app).warning[0].value
    app.text_input[0].set_value("1,3,2").run()
    assert not clean(app).warning
    assert app.dataframe[0].value.to_numpy().tolist() == [["a", "r", "*b*"], ["c", "r", "*b*"]]
    app.text_input[0].set_value("1,3").run()
    assert "does not say which columns" in as_read(clean(app).error[0].value)
    app.text_input[0].set_value("1,3,2")
    app.text_input[1].set_value("mine")
    button(app, "Import").click().run()
    ((_, settings),) = submitted
    assert settings.columns == "1,3,2"


def send(app, name, content):
    app.file_uploader[0].upload("facts.tsv", content, "text/plain")
    app.text_input[0].set_value(name)
    button(app, "Import").click().run()
    return clean(app)


def test_uploads_have_a_quota_that_waits_for_imports_to_end(submitted, monkeypatch):
    monkeypatch.setenv("PATHDISTILL_UPLOADS_MB", "1")
    send(open_page("graph/graph"), "one", b"x" * 600_000)
    app = send(open_page("graph/graph"), "two", b"x" * 600_000)
    assert len(submitted) == 1
    said = words(app)
    assert "These files take 600.0 kB" in said and "1.0 MB together, and 600.0 kB are taken" in said
    assert "PATHDISTILL_UPLOADS_MB" in as_read(said) and "page Runs" in said
    (folder,) = (Workspace().root / "uploads").iterdir()
    os.utime(folder, (1, 1))
    send(open_page("graph/graph"), "two", b"x" * 600_000)
    assert len(submitted) == 1  # the import that waits still needs it
    store = Store(Workspace())
    store.begin("new-1", os.getpid(), 1.0)
    store.finish("new-1", RunState.SUCCEEDED)
    send(open_page("graph/graph"), "two", b"x" * 600_000)
    assert len(submitted) == 2 and not folder.exists()


def test_an_upload_that_the_disk_cannot_take_is_refused(submitted, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=150_000_000))
    app = send(open_page("graph/graph"), "one", b"a\tr\tb\n")
    assert "has only 150.0 MB left" in words(app)
    assert not submitted and not (Workspace().root / "uploads").exists()


@pytest.mark.parametrize(
    ("name", "with_file", "sentence"),
    [("mine", False, "No file was chosen"), ("a/b", True, "cannot be used"), ("", True, "1 to 64")],
)
def test_what_is_missing_is_said(submitted, name, with_file, sentence):
    app = open_page("graph/graph")
    if with_file:
        app.file_uploader[0].upload("facts.tsv", b"a\tr\tb\n", "text/plain")
    app.text_input[0].set_value(name)
    button(app, "Import").click().run()
    assert sentence in clean(app).error[0].value
    assert not submitted


def test_a_finished_import_shows_its_graph(family):
    settings = GraphImportSettings(name="family", files=("x",))
    add_run("import_graph", settings, RunState.SUCCEEDED, result=family)
    app = clean(open_page("graph/graph", run="run-1"))
    assert app.main.selectbox[0].value == "family"
    assert (address(app, "graph"), address(app, "run")) == ("family", None)
    assert "19 facts about 11 entities" in app.toast[0].value


def test_a_failed_import_says_why_and_leads_back():
    settings = GraphImportSettings(name="bad", files=("x",))
    add_run("import_graph", settings, RunState.FAILED, error="bad.tsv: line 1 has 2 columns.")
    app = clean(open_page("graph/graph", run="run-1"))
    assert as_read(app.error[0].value) == "bad.tsv: line 1 has 2 columns."
    button(app, "Back to the form").click().run()
    assert "There is no graph yet" in words(clean(app))


@pytest.mark.parametrize("run", ["nothing", "run-1"])
def test_a_run_that_is_no_import_is_ignored(family, run):
    add_run("train_teacher", GraphImportSettings(name="x", files=("x",)), RunState.SUCCEEDED)
    app = clean(open_page("graph/graph", run=run))
    assert app.main.selectbox[0].value == "family"
    assert address(app, "run") is None


def test_a_graph_that_is_damaged_while_it_is_open_is_refused(family):
    assert not clean(open_page("graph/graph")).error
    file = Workspace().folder("graphs", "family") / "edges.arrow"
    before, content = file.stat(), bytearray(file.read_bytes())
    content[-300] ^= 1
    with file.open("r+b") as stream:
        stream.write(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    said = as_read(clean(open_page("graph/graph")).error[0].value)
    assert "edges.arrow is not what was written; import it again from triples.tsv" in said


# --- overview and report ------------------------------------------------------------------------


def test_a_graph_is_seen_whole_first(family):
    app = clean(open_page("graph/graph"))
    assert address(app, "view") == "overview"
    numbers = {metric.label: metric.value for metric in app.main.metric}
    assert numbers == {"Entities": "11", "Relations": "4", "Facts": "19", "Languages": "en · zh"}
    drawn, between, hubs = (table.value for table in app.main.dataframe)
    assert between["Facts"].sum() == 19 and between["Facts"].is_monotonic_decreasing
    assert set(between["Relation"]) == {"child", "friend", "nationality", "spouse"}
    assert len(drawn) <= len(between)
    assert hubs["Edges"].is_monotonic_decreasing and hubs["Entity"][0] == "Bob Berg"


def test_the_report_names_the_skipped_row(family):
    app = view(open_page("graph/graph"), "report")
    assert app.main.warning[0].value == "1 row was skipped."
    skipped = app.main.dataframe[0].value
    assert (skipped["Line"][0], "columns" in skipped["Why it was skipped"][0]) == (21, True)
    numbers = {metric.label: metric.value for metric in app.main.metric}
    assert numbers["Named, never used"] == "1"
    assert numbers["Facts about themselves"] == "1"
    assert numbers["Shared names"] == "1"


def test_a_damaged_graph_is_one_sentence(family):
    (Workspace().folder("graphs", "family") / "edges.arrow").write_bytes(b"no")
    app = clean(open_page("graph/graph", graph="family"))
    assert "damaged" in app.error[0].value


# --- exploring ------------------------------------------------------------------------------------


def test_search_finds_by_alias_and_opens(family):
    app = open_page("graph/graph", view="explore")
    app.text_input(key="graph.search.text").set_value("captain").run()
    chooser = next(box for box in clean(app).selectbox if "found" in box.label)
    assert chooser.options == ["Bob Berg (bob)"]
    chooser.select_index(0).run()
    assert headings(clean(app)) == ["Bob Berg"]
    assert address(app, "entity") == "bob"


def test_search_says_when_nothing_is_found(family):
    app = open_page("graph/graph", view="explore")
    app.text_input(key="graph.search.text").set_value("nobody").run()
    assert "No name, alias or id" in words(clean(app))


def test_a_hub_is_a_place_to_begin(family):
    app = open_page("graph/graph", view="explore")
    app.button(key="graph.hub.carl").click().run()
    assert headings(clean(app)) == ["Carl Berg"]


def test_the_facts_of_an_entity(family):
    app = clean(open_page("graph/graph", graph="family", entity="emma"))
    facts = [tuple(row) for row in app.main.dataframe[1].value.itertuples(index=False)]
    assert facts == [("friend →", "Finn"), ("← child", "Carl Berg"), ("← friend", "Gina")]


def test_the_trail_leads_back(family):
    app = open_page("graph/graph", graph="family", entity="emma")
    app.session_state["graph.trail"] = ["carl", "gone"]
    app.run().button(key="graph.trail.carl").click().run()
    assert headings(clean(app)) == ["Carl Berg"]
    steps = [b.label for b in app.main.button if str(b.key).startswith("graph.trail")]
    assert steps == ["› Emma"]
    app.button(key="leave").click().run()
    assert address(clean(app), "entity") is None


def test_an_entity_without_facts_says_so(family):
    app = clean(open_page("graph/graph", graph="family", entity="zed"))
    assert "no edge" in app.main.info[0].value


def test_an_unknown_entity_leads_to_the_search(family):
    app = clean(open_page("graph/graph", graph="family", entity="gone"))
    assert address(app, "entity") is None
    assert app.text_input(key="graph.search.text")


def test_two_hops_reach_further(family):
    app = open_page("graph/graph", graph="family", entity="emma")
    near = len(app.main.dataframe[0].value)
    app.button_group(key="graph.hops").set_value(2).run()
    assert len(clean(app).main.dataframe[0].value) > near


def test_chinese_names(family):
    app = clean(open_page("graph/graph", lang="zh", graph="family", entity="emma"))
    assert headings(app) == ["艾玛"]
    assert app.main.dataframe[1].value["关系"][0] == "朋友 →"


def test_labels_of_a_graph_stay_text(tmp_path):
    (tmp_path / "x.tsv").write_text("a\t<b>r</b>\t:red[x] *b*\n", encoding="utf-8")
    settings = GraphImportSettings(name="odd", files=(str(tmp_path / "x.tsv"),))
    import_graph.run(settings, Silent(), Workspace())
    app = clean(open_page("graph/graph", graph="odd", entity=":red[x] *b*"))
    assert headings(app) == [r"\:red\[x\] \*b\*"]


# --- deleting -------------------------------------------------------------------------------------


def test_delete_asks_first(family):
    app = open_page("graph/graph")
    assert "Delete the graph **family** for good?" in words(app)
    button(app, "Yes, delete it").click().run()
    assert Workspace().names("graphs") == []
    assert "There is no graph yet" in words(clean(app))


def test_its_view_is_in_the_address():
    make_world()
    app = clean(open_page("graph/graph", graph="demo", view="report"))
    assert app.segmented_control(key="graph.view").value == "report"
    app.segmented_control(key="graph.view").set_value("overview").run()
    assert address(clean(app), "view") == "overview"


# --- changes --------------------------------------------------------------------------------------


def called(monkeypatch):
    """What the page asks the resident for, done here."""
    asked = []

    def call(store, recipe, settings, timeout=120):
        asked.append(settings)
        return edit_graph.run(settings, Silent(), Workspace())

    monkeypatch.setattr(resident, "call", call)
    return asked


def test_a_fact_is_put_right_after_a_look_and_undone(family, monkeypatch):
    asked = called(monkeypatch)
    first = KnowledgeGraph.open(Workspace().open("graphs", "family"))
    app = view(open_page("graph/graph"), "changes")
    assert "Nothing since the import" in words(app)
    app.text_area[0].set_value("new_one,child,another\n\n")
    button(app, "Show what would change").click().run()
    assert asked[0].look and asked[0].add == ("new_one,child,another",)
    assert "1 facts come" in words(clean(app))
    assert Workspace().read("graphs", "family", "graph.json")["hash"] == first.hash
    button(app, "Change the graph").click().run()
    now = KnowledgeGraph.open(Workspace().open("graphs", "family"))
    assert now.has(now.entity("new_one"), now.relation("child"), now.entity("another"))
    button(clean(app), "Undo").click().run()
    assert KnowledgeGraph.open(Workspace().open("graphs", "family")).hash == first.hash


def test_what_is_no_change_is_a_sentence_on_the_page(family, monkeypatch):
    called(monkeypatch)
    app = view(open_page("graph/graph"), "changes")
    app.text_area[2].set_value("nobody,knows,this")
    button(app, "Show what would change").click().run()
    assert "does not hold the fact" in words(app)


# --- checking -------------------------------------------------------------------------------------


def checked_family():
    """The family with a second Emma, and the check of it, as a run that has succeeded."""
    wanted = {"add": ("emma2,friend,finn", "carl,child,emma2"), "names": ("emma2,label:en,Emma",)}
    edit_graph.run(GraphEditSettings(graph="family", **wanted), Silent(), Workspace())
    settings = GraphCheckSettings(graph="family", certainty=0.5)
    found = check_graph.run(settings, Silent(), Workspace())
    add_run("check_graph", settings, RunState.SUCCEEDED, result=found.as_record())


def test_what_is_odd_is_listed_and_goes_with_the_next_change(family):
    checked_family()
    app = view(open_page("graph/graph"), "check")
    rows = app.main.dataframe[0].value
    assert ("Emma (emma)", "Emma (emma2)") in set(zip(rows["This"], rows["And this"], strict=True))
    assert "Choose rows" in words(app) and "Check this graph" in words(app)
    edit = GraphEditSettings(graph="family", remove=("emma2,friend,finn",))
    edit_graph.run(edit, Silent(), Workspace())
    app = clean(open_page("graph/graph", view="check"))
    assert "was changed since this check" in app.main.info[0].value
    assert "Choose rows" not in words(app)


def test_a_check_is_a_run(family, submitted):
    app = view(open_page("graph/graph"), "check")
    assert "Not checked yet" in words(app)
    button(app, "Check this graph").click().run()
    ((recipe, settings),) = submitted
    assert (recipe, settings.graph) == ("check_graph", "family")


# --- rules ----------------------------------------------------------------------------------------


def test_rules_are_shown_with_how_often_such_are_right(family):
    settings = RuleSettings(graph="family", confidence=0)
    report = find_rules.run(settings, Silent(), Workspace())
    add_run("find_rules", settings, RunState.SUCCEEDED, result=report.as_record())
    app = view(open_page("graph/graph"), "rules")
    rows = app.main.dataframe[0].value
    assert len(rows) == len(report.rules) > 0
    assert "Choose a rule" in words(app)
    assert f"Measured on {report.checked} facts" in words(app)
