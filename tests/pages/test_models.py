"""The page Models: a student's card and scores, its export, and what came out."""

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.results import evaluation, export_report
from stand_ins.screens import Submitted, add_run, address, button, clean, open_page, words

from core.results.evaluation import Honesty, LevelScore, LikelySets
from core.results.student import PromptExample
from core.runs import client
from core.runs.store.store import RunState
from core.settings import ExportSettings
from core.workspace import Workspace, write_json


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def test_an_empty_workspace_leads_to_distilling():
    said = words(clean(open_page("models/models")))
    assert "There is no student yet" in said and "Go to Distil" in said


def test_a_student_is_told_and_exported(monkeypatch):
    screens.make_world()
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = clean(open_page("models/models"))
    assert "529,024 weights" in words(app) and "It has not been evaluated yet" in words(app)
    assert 'open_student("demo")' in app.main.code[0].value
    assert not any("adapter" in toggle.key for toggle in app.main.toggle)  # it has none
    button(app, "Export").click().run()
    assert submitted == [("export_student", ExportSettings(student="demo"))]
    assert not app.main.text_input.values or all("to" not in one.key for one in app.main.text_input)
    assert address(clean(app), "run") == "new-1"


def test_scores_stand_in_a_table():
    screens.make_world()
    found = evaluation("student", decoding="free", hits_at_1=0.95)
    with Workspace().publish("evaluations", "one") as folder:
        write_json(folder / "evaluation.json", found.as_record())
    app = clean(open_page("models/models"))
    (table,) = app.main.dataframe
    assert table.value["Right (Hits@1)"].tolist() == [0.95]
    assert "It has not been evaluated yet" not in words(app)


def test_levels_honesty_and_likely_sets_have_tables_of_their_own():
    screens.make_world()
    told = evaluation(
        "student",
        levels=(LevelScore("iid", 50, 0.99), LevelScore("zero-shot", 40, 0.81)),
        honesty=Honesty(unanswerable=30, unanswerable_answered=0.05, answerable_refused=0.02,
                        wrong_and_sure=0.01, auroc=0.98765),
        likely_sets=(LikelySets(level=0.9, coverage=0.91, size=1.234),
                     LikelySets(level=0.95, coverage=0.96, size=1.5)),
    )  # fmt: skip
    with Workspace().publish("evaluations", "one") as folder:
        write_json(folder / "evaluation.json", told.as_record())
    app = clean(open_page("models/models"))
    _, levels, honesty, sets = (table.value for table in app.main.dataframe)
    assert levels["i.i.d."].tolist() == [0.99] and levels["Zero-shot"].tolist() == [0.81]
    assert levels["Compositional"].isna().all()
    assert honesty.iloc[0].tolist()[2:] == [0.05, 0.02, 0.01, 0.988, 30]
    assert sets["Held a right one"].tolist() == [0.91, 0.96]
    assert sets["Mean size"].tolist() == [1.23, 1.5]


def test_what_came_out_is_shown():
    screens.make_world()
    example = PromptExample(prompt="Who is <topic>?<path>", topic="a", path=("spouse", "child"))
    made = export_report(folder="/out", files={"a.gguf": 2_500_000}, example=example, export="demo")
    with Workspace().publish("exports", "demo") as folder:
        (folder / "demo.zip").write_bytes(b"x" * 1500)
    settings = ExportSettings(student="demo")
    add_run("export_student", settings, RunState.SUCCEEDED, result=made.as_record(), stage="export")
    app = clean(open_page("models/models", run="run-1"))
    assert "demo is exported." in words(app)
    shown = [code.value for code in app.main.code]
    assert "/out" not in shown and "Who is <topic>?<path>  =>  spouse -> child" in shown
    assert app.main.dataframe[0].value["Size"].tolist() == ["2.50 MB"]
    (download,) = app.main.get("link_button")
    assert (download.proto.label, download.proto.url) == ("Download (1.5 kB)", "/exports/demo.zip")
    button(app, "Back to the students").click().run()
    assert "run" not in clean(app).query_params


def test_a_page_is_downloaded_as_it_is():
    screens.make_world()
    made = export_report(format="html", files={"demo.html": 1500}, export="demo")
    settings = ExportSettings(student="demo", format="html")
    add_run("export_student", settings, RunState.SUCCEEDED, result=made.as_record(), stage="export")
    with Workspace().publish("exports", "demo") as folder:
        (folder / "demo.html").write_bytes(b"x" * 1500)
    (download,) = clean(open_page("models/models")).main.get("link_button")
    assert (download.proto.label, download.proto.url) == ("Download (1.5 kB)", "/exports/demo.html")
    app = clean(open_page("models/models", run="run-1"))
    assert app.main.get("link_button")[0].proto.url == "/exports/demo.html"
    assert "example question of its card" not in words(app)


def test_exports_are_kept_until_they_are_deleted():
    screens.make_world()
    with Workspace().publish("exports", "demo-2") as folder:
        (folder / "demo-2.zip").write_bytes(b"x" * 1500)
    app = clean(open_page("models/models"))
    assert "Exports that are kept here" in words(app) and "This deletes 2 files (1.8 kB)." in words(
        app
    )
    button(app, "Yes, delete it").click().run()
    assert Workspace().names("exports") == [] and "kept here" not in words(clean(app))


def test_a_damaged_export_is_not_sent_and_can_be_deleted():
    screens.make_world()
    with Workspace().publish("exports", "demo-2") as folder:
        (folder / "demo-2.zip").write_bytes(b"x" * 1500)
    (Workspace().folder("exports", "demo-2") / "demo-2.zip").write_bytes(b"y" * 1500)
    app = clean(open_page("models/models"))
    assert "demo-2.zip is not what was written; make it again" in app.main.error[0].value.replace(
        "\\", ""
    )
    assert not app.main.get("link_button")
    button(app, "Yes, delete it").click().run()
    assert Workspace().names("exports") == []


def test_a_guest_takes_no_export_away(guest):
    screens.make_world()
    with Workspace().publish("exports", "demo") as folder:
        (folder / "demo.zip").write_bytes(b"x")
    app = clean(open_page("models/models"))
    assert not app.main.get("link_button") and "kept here" not in words(app)


def test_in_chinese():
    screens.make_world()
    assert "把学生带到别处" in words(clean(open_page("models/models", lang="zh")))
