"""The page Compare: one table of students, teachers and baselines, and what is seen of it."""

import os
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import streamlit as st
from hostile.texts import hostile
from stand_ins import screens
from stand_ins.results import evaluation
from stand_ins.screens import (
    Submitted,
    add_run,
    address,
    as_read,
    button,
    clean,
    open_page,
    say,
    words,
)

from core.results.evaluation import Decisions, Honesty, LevelScore, PartScore, WrongHop
from core.runs import client
from core.runs.store.store import RunState
from core.settings import BaselineSettings, DistillSettings, EvaluateSettings, SweepSettings
from core.workspace import Workspace, write_json
from pages.compare.contenders import Contender, Scored
from pages.compare.cost_view import cost_rows

SAID = Decisions(answered=0.8, unsure=0.15, refused=0.05, precision=0.96)
TOLD = Honesty(unanswerable=9, unanswerable_answered=0.1, answerable_refused=0.02,
               wrong_and_sure=0.01, auroc=0.9)  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def keep(name, found):
    with Workspace().publish("evaluations", name, replace=True) as folder:
        write_json(folder / "evaluation.json", found.as_record())


@pytest.fixture
def scored():
    """The student, its teacher and one baseline, all scored on the test part."""
    screens.make_world()
    student = evaluation(
        "student", decoding="constrained", hits_at_1=0.9, answering=4.0, decisions=SAID,
        honesty=TOLD, levels=(LevelScore("iid", 50, 0.99), LevelScore("zero-shot", 40, 0.8)),
        hops=(PartScore("1", 60, 0.97), PartScore("2", 140, 0.85)),
        languages=(PartScore("en", 100, 0.95), PartScore("zh", 100, 0.85)),
    )  # fmt: skip
    keep("s", student)
    keep("t", replace(student, kind="teacher", decoding="exact", hits_at_1=0.95, answering=1.0))
    keep("b", replace(student, kind="baseline", model="any-path", decoding="exact", hits_at_1=0.2,
                      decisions=None, honesty=None, answering=None, levels=()))  # fmt: skip


def tables(app):
    return [one.value for one in app.main.dataframe]


def test_an_empty_workspace_leads_somewhere():
    said = words(clean(open_page("compare/compare")))
    assert "There are no questions to compare models on yet" in said and "Go to Graph" in said


def test_all_stand_in_one_table_the_best_first(scored):
    (table,) = tables(clean(open_page("compare/compare")))
    assert [*table["model"]] == ["demo (teacher)", "demo (student)", "Baseline: any path"]
    assert [*table["hits"]] == [0.95, 0.9, 0.2]
    of_student = table.iloc[1]
    assert of_student[["answered", "unsure", "refused", "precision"]].to_list() == [
        0.8, 0.15, 0.05, 0.96,
    ]  # fmt: skip
    assert of_student["invented"] == 0.1 and of_student["time"] == 20.0
    assert of_student["size"] > 0
    assert table.iloc[2][["precision", "size", "time"]].isna().all()


def test_only_the_chosen_models_of_the_address_are_shown(scored):
    app = clean(open_page("compare/compare", models="student:demo,student:nobody"))
    (table,) = tables(app)
    assert [*table["model"]] == ["demo (student)"]
    assert address(app, "models") == "student:demo"


def test_what_is_missing_is_queued_with_one_click(scored, monkeypatch):
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = clean(open_page("compare/compare"))
    assert "Not scored yet" in words(app)
    button(app, "Score 1 model").click().run()
    wanted = BaselineSettings(baseline="frequent-paths", questions="demo")
    assert submitted == [("score_baseline", wanted)]
    said = words(clean(app))
    assert "Score 1 model" not in said and "Open the run" in said


def test_every_model_is_scored_on_another_part(scored, monkeypatch):
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = clean(open_page("compare/compare", split="dev"))
    assert "None of these has been scored" in words(app) and not tables(app)
    button(app, "Score all 4").click().run()
    clean(app)
    asked = {"questions": "demo", "split": "dev"}
    assert [settings for _, settings in submitted] == [
        EvaluateSettings(model="demo", role="student", **asked),
        EvaluateSettings(model="demo", role="teacher", **asked),
        BaselineSettings(baseline="frequent-paths", **asked),
        BaselineSettings(baseline="any-path", **asked),
    ]


def test_a_run_that_failed_says_why_and_can_be_tried_again(scored):
    settings = BaselineSettings(baseline="frequent-paths", questions="demo")
    add_run("score_baseline", settings, RunState.FAILED, error="It *broke*.")
    app = clean(open_page("compare/compare"))
    assert "It \\*broke\\*." in words(app)
    assert app.button(key="compare.score.baseline:frequent-paths")


def test_what_was_made_anew_is_to_be_scored_again(scored):
    later = Workspace().folder("evaluations", "s") / "evaluation.json"
    os.utime(later, (1, 1))
    said = words(clean(open_page("compare/compare")))
    assert "Made anew since it was scored" in said
    assert "demo \\(student\\)" in said and "Score all 2" in said


def test_parts_and_reliability(scored):
    app = clean(open_page("compare/compare", view="parts"))
    levels, hops, languages, bins = tables(app)
    assert [*levels.columns] == ["model", "Path seen in training (50)", "New relation (40)"]
    assert levels.iloc[0].to_list()[1:] == [0.99, 0.8] and levels.iloc[2].isna().sum() == 2
    assert [*hops.columns[1:]] == ["1 hop (60)", "2 hops (140)"]
    assert [*languages.columns[1:]] == ["en (100)", "zh (100)"]
    assert len(bins) == 3 * len(evaluation().reliability)


def test_where_models_first_go_wrong_leads_to_the_stage(scored):
    wrong = (WrongHop(hop=1, questions=3, examples=("q1", "gone")),
             WrongHop(hop=2, questions=1, examples=("q4",)))  # fmt: skip
    one = evaluation("student", decoding="constrained", wrong_hops=wrong)
    keep("s", one)
    keep("t", replace(one, kind="teacher", decoding="exact", wrong_hops=wrong[:1]))
    app = clean(open_page("compare/compare", view="parts"))
    (counts,) = [one for one in tables(app) if "Hop 1" in one.columns]
    assert counts[["Hop 1", "Hop 2"]].to_numpy().tolist() == [[3, 1], [3, 0]]
    links = [one.proto for one in app.main.get("page_link")]
    assert [one.label for one in links] == ["What is Joe Biden's nationality?",
                                            "乔·拜登的国籍是什么？"]  # fmt: skip
    assert {one.query_string for one in links} == {"student=demo&q=q1", "student=demo&q=q4"}
    assert "At hop 1, 3 questions" in words(app)


def test_what_a_score_costs_is_told_where_it_is_known():
    one = evaluation("student", answering=4.0, hits_at_1=0.9)
    rows = [
        Scored(Contender("student", "demo"), one, 2_000_000, False),
        Scored(Contender("student", "old"), replace(one, answering=None), 2_000_000, False),
        Scored(Contender("baseline", "any-path"), one, None, False),
    ]
    (told,) = cost_rows(rows)
    assert (told["hits"], told["time"], told["size"]) == (0.9, 20.0, 2.0)


def student(name, alpha, temperature, **changes):
    """A student like `demo`, but for alpha and T."""
    card = Workspace().read("students", "demo", "card.json")
    settings = DistillSettings(name=name, teacher="demo", alpha=alpha, temperature=temperature)
    told = {**settings.model_dump(mode="json"), **changes}
    with Workspace().publish("students", name) as folder:
        write_json(folder / "card.json", {**card, "name": name, "settings": told})


def test_the_map_holds_students_that_differ_in_nothing_else(scored):
    student("hot", 0.5, 4.0)
    student("gold", 1.0, 1.0)
    student("longer", 0.2, 1.0, epochs=99)
    learning = DistillSettings(name="soon", teacher="demo", alpha=0.0)
    add_run("distill_student", learning, pid=os.getpid())
    keep("hot", evaluation("student", model="hot", decoding="constrained", hits_at_1=0.7))
    (table,) = tables(clean(open_page("compare/compare", view="sweep")))
    assert [*table["Model"]] == ["soon", "demo", "hot", "gold"]
    assert [*table["Right"].fillna(-1)] == [-1, 0.9, 0.7, -1]


def test_the_map_says_its_best_and_how_sure_that_is(scored):
    student("hot", 0.5, 4.0)
    keep("hot", evaluation("student", model="hot", decoding="constrained", hits_at_1=0.88))
    app = clean(open_page("compare/compare", view="sweep"))
    said = as_read(words(app))
    assert (
        "**Best: demo** (alpha 0.5, T 1): 90.0% of 191 questions right" in said
    )  # 9 have no answer
    assert "(95 % interval: 84.9% to 93.5%). 1 other student lies within that" in said
    assert "with one seed" in said and "are scored on this part" not in said


def test_a_cell_of_the_address_leads_to_its_run(scored):
    student("hot", 0.5, 4.0)
    settings = DistillSettings(name="hot", teacher="demo", temperature=4.0)
    add_run("distill_student", settings, RunState.SUCCEEDED, run_id="made-hot", result={})
    app = clean(open_page("compare/compare", view="sweep", cell="hot"))
    links = {one.proto.query_string for one in app.main.get("page_link")}
    assert "run=made-hot" in links and "**hot**: alpha 0.5, T 4" in as_read(words(app))
    gone = clean(open_page("compare/compare", view="sweep", cell="demo"))
    assert "Its run has been deleted" in words(gone)


def test_a_sweep_is_begun_from_its_form(scored, monkeypatch):
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = clean(open_page("compare/compare", view="sweep"))
    app.text_area(key="compare.sweep_new.alphas").set_value("0\n0.5")
    button(app, "Begin the sweep").click().run()
    wanted = SweepSettings(student="demo", alphas=(0, 0.5))
    assert submitted == [("sweep_knobs", wanted)]
    links = {one.proto.query_string for one in clean(app).main.get("page_link")}
    assert "run=new-1" in links


def test_without_a_sweep_it_says_how_to_make_one(scored):
    said = words(clean(open_page("compare/compare", view="sweep")))
    assert "A map of alpha and T needs two students" in said


def test_runs_side_by_side():
    for run_id, alpha in (("r1", 0.25), ("r2", 0.75)):
        settings = DistillSettings(name=run_id, teacher="t", alpha=alpha)
        add_run("distill_student", settings, RunState.FAILED, run_id=run_id)
        say(run_id, "distil/loss", [3.0, alpha])
    app = clean(open_page("compare/compare", view="curves", runs="r1,r2"))
    settings, latest = tables(app)
    assert [*settings["name"]] == ["name", "alpha"]
    assert latest.loc[0].to_list() == ["distil/loss", "0.25", "0.75"]
    assert address(app, "runs") == "r1,r2"


def downloaded(scored, monkeypatch, view):
    """What the page hands to a download button, by the file's name."""
    files = {}
    plain = st.download_button

    def kept(label, data, **options):
        files[options["file_name"]] = data
        return plain(label, data, **options)

    monkeypatch.setattr(st, "download_button", kept)
    clean(open_page("compare/compare", **view))
    return files


def test_the_table_as_csv_computes_nothing(scored, monkeypatch):
    files = downloaded(scored, monkeypatch, {"lang": "zh"})
    lines = files["comparison.csv"].decode("utf-8-sig").splitlines()
    assert lines[0].startswith("模型,答对") and len(lines) == 4
    assert lines[1].startswith("demo (教师),0.95")


def test_the_report_stands_alone_and_keeps_text_text(scored, monkeypatch):
    name = hostile("part")
    found = evaluation("teacher", languages=(PartScore(name, 3, 0.5),))
    keep("t", found)
    page = downloaded(scored, monkeypatch, {})["comparison.html"].decode()
    seen = Seen()
    seen.feed(page)
    assert seen.tags <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table",
                         "tr", "th", "td", "svg", "rect", "path", "polyline", "circle",
                         "text"}  # fmt: skip
    assert not seen.attributes & {"src", "href", "onload", "onerror", "id"}
    assert "default-src 'none'" in page and "url(" not in page and "@import" not in page
    assert "95.0%" in page and "demo (teacher)" in page


class Seen(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
