"""The page Runs: the list, its filters, and one run in full."""

import os

import pytest
import streamlit as st
from stand_ins import results
from stand_ins.screens import (
    acknowledge,
    add_run,
    address,
    as_read,
    button,
    clean,
    open_page,
    words,
)

from core.runs.store import queue
from core.runs.store.store import RunState, Store
from core.settings import DemoSettings, DistillSettings, EvaluateSettings, TeacherSettings
from core.workspace import Workspace, write_json

STUDENT = DistillSettings(name="s", teacher="t", alpha=0.25)


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def three_runs():
    training = TeacherSettings(name="t", graph="g", questions="q")
    add_run("distill_student", STUDENT, run_id="r1", pid=os.getpid())
    add_run("train_teacher", training, RunState.FAILED, run_id="r2", error="It broke.")
    add_run(
        "run_demo",
        DemoSettings(),
        RunState.SUCCEEDED,
        run_id="r3",
        result=results.demo_report().as_record(),
    )


def store() -> Store:
    return Store(Workspace())


def opened(app) -> list[str]:
    return [b.key.removeprefix("open:") for b in app.main.button if b.key.startswith("open:")]


def test_empty_leads_to_the_tour():
    said = words(clean(open_page("runs/runs")))
    assert "Nothing has run yet." in said
    assert "Open the tour" in said


def test_the_list_is_newest_first(three_runs):
    assert opened(clean(open_page("runs/runs"))) == ["r3", "r2", "r1"]


def test_filters(three_runs):
    app = clean(open_page("runs/runs"))
    app.button_group(key="runs.state").set_value(RunState.FAILED).run()
    assert opened(clean(app)) == ["r2"]
    app.button_group(key="runs.kind").set_value("run_demo").run()
    assert "No run matches" in words(clean(app))


def test_a_click_puts_the_run_into_the_address_and_back(three_runs):
    app = clean(open_page("runs/runs"))
    app.button(key="open:r2").click().run()
    assert address(app, "run") == "r2"
    assert [as_read(e.value) for e in clean(app).error] == ["It broke."]
    button(app, "All runs").click().run()
    assert opened(clean(app)) == ["r3", "r2", "r1"]


def test_one_run_in_full(three_runs):
    acknowledge("r1", "alpha", 0.5, 0.25, step=7)
    app = clean(open_page("runs/runs", run="r1"))
    lines = [code.value for code in app.main.code]
    assert "python -m core distill --name s --teacher t --alpha 0.25" in lines
    tables = [table.value for table in app.main.dataframe]
    events = next(table for table in tables if "said" in table)
    assert list(events["kind"]) == ["Step", "Change"]
    assert "Change it while it learns" in words(app)


def test_a_finished_run_leads_to_what_it_made(three_runs):
    assert "Open what it made" in words(clean(open_page("runs/runs", run="r3")))
    assert "Open what it made" not in words(clean(open_page("runs/runs", run="r2")))


def test_pausing_and_going_on(three_runs):
    app = clean(open_page("runs/runs", run="r1"))
    button(app, "Pause").click().run()
    assert store().run("r1").state is RunState.PAUSED
    button(app, "Go on").click().run()
    assert store().run("r1").state is RunState.RUNNING
    clean(app)


def test_a_run_without_memory_is_resumed_with_a_smaller_batch():
    run = {"error": "Out of memory.", "cause": "memory"}
    add_run("distill_student", STUDENT, RunState.FAILED, run_id="r1", **run)
    app = clean(open_page("runs/runs", run="r1"))
    assert "What went wrong: **out of memory**" in words(app)
    button(app, r"Resume with batch\_size \= 16").click().run()
    resumed = store().run("r1")
    assert (resumed.state, resumed.settings["batch_size"]) == (RunState.QUEUED, 16)
    assert "asked\\: go on" in words(clean(app))


def test_what_is_refused_is_said(three_runs):
    app = clean(open_page("runs/runs", run="r1"))
    store().finish("r1", RunState.SUCCEEDED)
    button(app, "Pause").click().run()
    assert any("only a running one can be paused" in e.value for e in clean(app).error)


def test_how_it_came_to_this_is_told(three_runs):
    lost = {"cause": "killed", "exit_code": -9, "attempt": 1, "resumes": True}
    told = {"lost": lost, "attempt": {"attempt": 2}, "resumed": {"step": 40}}
    rows = [{"at": 0.0, "kind": kind, "payload": payload} for kind, payload in told.items()]
    store().write("r1", {}, rows)
    said = words(clean(open_page("runs/runs", run="r1")))
    assert "Attempt 1 was lost\\: killed from outside; it is tried again" in said
    assert "Went on from the checkpoint at step 40" in said


def test_every_change_is_kept_with_who(three_runs):
    store().set_control("r1", "alpha", 0.3, who="ada")
    app = clean(open_page("runs/runs", run="r1"))
    (table,) = [t.value for t in app.main.dataframe if "who" in t.value]
    assert list(table.loc[0, ["who", "setting", "new"]]) == ["ada", "alpha", 0.3]


def test_a_chain_is_shown_and_walked(three_runs):
    evaluation = EvaluateSettings(model="s")
    add_run("evaluate", evaluation, RunState.QUEUED, run_id="r4", after=["r1"])
    app = clean(open_page("runs/runs", run="r4"))
    assert "It waits for s." in words(app)
    app.button(key="chain:r1").click().run()
    assert address(app, "run") == "r1"


def test_the_queue_is_put_in_order(three_runs):
    for run_id in ("r4", "r5"):
        add_run("evaluate", EvaluateSettings(model=run_id), RunState.QUEUED, run_id=run_id)
    app = clean(open_page("runs/runs"))
    app.button(key="first:r5").click().run()
    assert [run.id for run in queue.waiting(store())] == ["r5", "r4"]
    assert "No supervisor is there" in words(clean(app))


def test_deleting_asks_once_more(three_runs):
    app = clean(open_page("runs/runs", run="r2"))
    app.button(key="delete.runs.r2").click().run()
    assert address(app, "run") is None
    assert opened(clean(app)) == ["r3", "r1"]


def test_a_branch_is_a_new_run():
    add_run("distill_student", STUDENT, RunState.FAILED, run_id="r1")
    app = clean(open_page("runs/runs", run="r1"))
    name, changes = [one for one in app.main.text_input if one.label]
    name.set_value("s9")
    changes.set_value("alpha=0.1")
    button(app, "Start the branch").click().run()
    new = store().run(address(clean(app), "run"))
    assert (new.parent, new.settings["name"], new.settings["alpha"]) == ("r1", "s9", 0.1)


def test_a_chain_is_started():
    workspace = Workspace()
    for kind, file in (("graphs", "import.json"), ("questions", "set.json")):
        with workspace.publish(kind, "films") as folder:
            write_json(folder / file, {"graph": "films", "counts": {}, "report": {}})
    app = clean(open_page("runs/runs"))
    button(app, "Queue all four").click().run()
    runs = store().runs()[::-1]
    recipes = [run.recipe for run in runs]
    assert recipes == ["train_teacher", "label_questions", "distill_student", "evaluate"]
    assert address(clean(app), "run") == runs[0].id
    app = clean(open_page("runs/runs"))
    app.text_input[0].set_value("../t")
    button(app, "Queue all four").click().run()
    assert any("cannot be used" in error.value for error in clean(app).error)
    assert len(store().runs()) == 4


def test_in_chinese(three_runs):
    app = clean(open_page("runs/runs", lang="zh"))
    assert set(app.button_group(key="runs.state").options) == {"进行中", "失败", "已完成"}


@pytest.mark.parametrize("path", ["runs/runs", "distil/distil"])
def test_a_store_that_is_gone_is_said(three_runs, path):
    clean(open_page(path))
    (Workspace().root / "store.sqlite").unlink()
    assert "store.sqlite was moved, deleted or replaced" in words(clean(open_page(path)))
