"""The page Teacher: the report of how it learned and how far it can be believed."""

import json
from dataclasses import replace

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.results import EXAMPLES, calibrated, evaluation, trained_teacher
from stand_ins.screens import Submitted, add_run, as_read, button, clean, open_page, say, words

from core.results.evaluation import Evaluation, Honesty
from core.results.teacher import TeacherReport
from core.runs import client
from core.runs.store.store import RunState, Store
from core.settings import EvaluateSettings, TeacherSettings
from core.workspace import Workspace, write_json
from pages.teach.teacher_report import training_run
from tests.resealed import rewrite

TRAINING = TeacherSettings(name="demo", graph="demo", questions="demo")


@pytest.fixture(autouse=True)
def fresh():
    st.cache_resource.clear()
    st.cache_data.clear()


def reported(lang: str = "en", result: TeacherReport | None = None) -> screens.AppTest:
    """The report of the teacher `demo`; `result` is what came of making it."""
    screens.make_world()
    if result is not None:
        path = Workspace().folder("teachers", "demo") / "card.json"
        rewrite(path, result=result.as_record())
    return clean(open_page("teach/teacher", lang=lang, view="report"))


def evaluated(name: str, told: Evaluation) -> None:
    with Workspace().publish("evaluations", name) as folder:
        write_json(folder / "evaluation.json", told.as_record())


def table(app: screens.AppTest, column: str):
    return next(one.value for one in app.main.dataframe if column in one.value)


def test_without_a_teacher_it_leads_to_the_tour():
    assert "There is no teacher yet" in words(clean(open_page("teach/teacher", view="report")))


def test_the_figures_that_matter_come_first():
    metrics = reported().main.metric
    assert {metric.label: as_read(metric.value) for metric in metrics} == {
        "Hits@1": "97.5%",
        "Retrieval ceiling": "99.0%",
        "ECE": "2.4%",
        "Answered confidently": "90.0%",
    }
    assert all(metric.help for metric in metrics)


def test_calibration_in_words_and_as_a_plot():
    app = reported()
    said = words(app)
    assert "Temperature **1.65** brought the calibration error (ECE) from 4.8% to **2.4%**" in said
    assert (
        "To have 95% of its answers right, let it answer only from a confidence of **52%** on"
        in said
    )
    assert "that is **90%** of the questions" in said
    bins = table(app, "Confidence between")
    assert list(bins["Questions"]) == [10, 90]
    assert list(bins["Right"]) == ["30.0%", "96.0%"]
    (plot,) = app.main.get("vega_lite_chart")
    spec = json.loads(plot.proto.spec)
    marks = [layer["mark"]["type"] for layer in spec["layer"]]
    assert marks == ["rect", "line", "text", "rule"]


def test_where_no_confidence_is_precise_enough_it_says_so():
    doubtful = replace(calibrated(), threshold=None, coverage=0.0)
    app = reported(result=replace(trained_teacher(), calibration=doubtful))
    assert "At no level of confidence are 95% of its answers right." in words(app)
    (plot,) = app.main.get("vega_lite_chart")
    assert len(json.loads(plot.proto.spec)["layer"]) == 3


def test_what_became_of_the_questions_in_plain_words():
    counts = table(reported(), "How many").set_index("What")["How many"]
    assert counts["Used"] == 1798
    assert counts["Of these, about several topics"] == 12
    assert counts["No path reaches an answer"] == 0
    assert counts["Relations without a label (ids are read)"] == 7


def test_a_teacher_taken_from_another_graph_says_what_it_proved_there():
    app = reported(result=EXAMPLES["transfer_teacher"])
    said = "by itself 41.0% right, the lexical teacher 80.0%, the two as they are mixed now 83.0%"
    assert said in words(app)
    assert "not known yet" not in words(app)


def test_one_that_was_taken_before_anything_was_proved_says_so():
    app = reported(result=replace(EXAMPLES["transfer_teacher"], calibration=None))
    assert "How reliable this teacher's confidence is on this graph is not known yet" in words(app)


def test_curves_are_drawn_while_the_run_is_known():
    add_run("train_teacher", TRAINING, RunState.SUCCEEDED, result={"name": "demo"})
    say("run-1", "teacher/dev_hits_at_1", [0.5, 0.9])
    say("run-1", "distil/loss", [3.0, 1.0])  # a demonstration trains a student as well
    app = reported()
    assert "**350** steps, 14.0 passes over the questions, 2 min 19 s" in words(app)
    assert "no longer known" not in words(app)
    assert len(app.main.get("vega_lite_chart")) == 2
    Store(Workspace()).close()


def test_without_its_run_there_are_no_curves():
    add_run("train_teacher", TRAINING, RunState.FAILED, run_id="run-2", error="no")
    assert "The run that trained it is no longer known" in words(reported())


def test_the_run_of_a_teacher_is_found_by_what_it_made():
    other = TRAINING.model_copy(update={"name": "other"})
    add_run("train_teacher", other, RunState.SUCCEEDED, run_id="b", result={"name": "other"})
    assert training_run("demo") is None
    add_run(
        "run_demo", TRAINING, RunState.SUCCEEDED, run_id="c", result={"names": {"teacher": "demo"}}
    )
    assert training_run("demo").id == "c"
    add_run("train_teacher", TRAINING, RunState.SUCCEEDED, run_id="d", result={"name": "demo"})
    assert training_run("demo").id == "d"


def test_its_evaluations_are_listed_and_no_others():
    evaluated("demo.demo.test.exact", evaluation(questions=202))
    evaluated("demo.demo.dev.exact", evaluation(split="dev"))
    evaluated("student", evaluation("student"))
    evaluated("other", evaluation(model="other"))
    app = reported()
    scores = table(app, "Exact paths")
    assert list(scores["Split"]) == ["dev", "test"]
    assert list(scores["How many"]) == [200, 202]
    assert list(scores["Questions"]) == ["demo", "demo"]
    assert app.selectbox(key="report.evaluation").options == ["demo · dev", "demo · test"]
    assert len(app.main.get("vega_lite_chart")) == 2


def test_whether_it_knows_what_the_graph_does_not_say_is_told():
    known = Honesty(unanswerable=3, unanswerable_answered=0.0, answerable_refused=None,
                    wrong_and_sure=0.0, auroc=None)  # fmt: skip
    evaluated("demo.demo.test.exact", evaluation(honesty=known))
    found = table(reported(), "Without answer, answered")
    assert found["Without answer, answered"].tolist() == [0.0]
    assert found["With answer, refused"].isna().all()


def test_an_evaluation_that_cannot_be_read_is_named():
    with Workspace().publish("evaluations", "odd") as folder:
        write_json(folder / "evaluation.json", {**evaluation().as_record(), "f1": "good"})
    said = as_read(reported().error[0].value)
    assert said.startswith("evaluations/odd/evaluation.json: A stored result cannot be read")
    assert "'f1'" in said


def test_one_click_scores_it(monkeypatch):
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = reported()
    assert "It has not been scored on its test questions yet." in words(app)
    button(app, "Score it on the test questions").click().run()
    assert submitted == [("evaluate", EvaluateSettings(model="demo", role="teacher"))]


def test_its_settings_are_named():
    values = table(reported(), "Setting").set_index("Setting")["Value"]
    assert values["Rounds of message passing"] == "2"
    assert values["Pretrained text encoder"] == "auto"
    assert (values == "–").any(), "what is left empty"


def test_in_chinese():
    app = reported(lang="zh")
    assert "温度 **1.65** 使校准误差" in words(app)
    assert "用上的" in list(table(app, "项目")["项目"])
