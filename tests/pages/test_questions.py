"""The page Questions: make, import, browse, see one drawn, delete."""

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.results import generated_questions
from stand_ins.screens import Submitted, add_run, address, button, clean, open_page, words

from core.questions.question_sets import QuestionSet, load_questions
from core.records import Question
from core.runs import client
from core.runs.store.store import RunState
from core.settings import QuestionGenerationSettings, QuestionImportSettings
from core.workspace import Workspace
from tests.resealed import rewrite

PATH = (("born_in", "city_of"),)
SKIPPED = {
    "skipped": 1,
    "findings": [{"file": "q.tsv", "line": 7, "found": "x", "why": "no such entity"}],
}


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
def world():
    """The small world, its questions replaced by four that differ in all that is filtered."""
    screens.make_world()
    old = load_questions(Workspace(), "demo")
    found = (
        Question(
            "a",
            "Where was *Biden* born?",
            "en",
            ("joe_biden",),
            ("scranton",),
            (PATH[0][:1],),
            "train",
        ),
        Question("b", "His nationality?", "en", ("joe_biden",), ("usa",), PATH, "test"),
        Question("c", "拜登的国籍？", "zh", ("joe_biden",), ("usa",), (), "test"),
        Question("d", "Nonsense?", "en", ("joe_biden",), ("usa",), (("city_of",),), "dev"),
    )
    with Workspace().publish("questions", "demo", replace=True) as folder:
        QuestionSet("demo", "demo", old.graph_hash, "grouped", found).save(folder, SKIPPED)


def rows(app):
    table = next(one.value for one in app.main.dataframe if "Question" in one.value.columns)
    return list(table["Question"])


def chosen(question, lang="en"):
    return clean(open_page("questions/questions", lang=lang, questions="demo", question=question))


# --- empty, made, imported ------------------------------------------------------------------------


def test_without_questions_they_are_made_from_the_graph(submitted):
    screens.make_world()
    Workspace().delete("questions", "demo")
    app = clean(open_page("questions/questions"))
    assert "There are no questions yet" in words(app)
    app.selectbox(key="generate_questions.split").set_value("levels").run()
    app.number_input(key="generate_questions.unanswerable_share").set_value(0.3).run()
    button(app, "Make questions").click().run()
    settings = QuestionGenerationSettings(
        name="demo-questions", graph="demo", split="levels", unanswerable_share=0.3
    )
    assert submitted == [("generate_questions", settings)]
    assert address(app, "run") == "new-1"


def test_a_file_is_imported(submitted, world):
    app = open_page("questions/questions")
    app.button_group(key="questions.way").set_value("import").run()
    app.file_uploader[0].upload("q.jsonl", b"{}\n", "text/plain")
    next(box for box in app.text_input if box.label == "Name").set_value("mine")
    next(box for box in app.selectbox if box.label == "Format").select("metaqa")
    button(app, "Import").click().run()
    ((recipe, settings),) = submitted
    assert recipe == "import_questions"
    assert settings == QuestionImportSettings(
        name="mine", graph="demo", files=settings.files, format="metaqa", split="grouped"
    )
    assert settings.files[0].startswith("upload:") and settings.files[0].endswith("/1/q.jsonl")


def test_an_import_without_a_file_says_so(submitted, world):
    app = open_page("questions/questions")
    app.button_group(key="questions.way").set_value("import").run()
    next(box for box in app.text_input if box.label == "Name").set_value("mine")
    button(app, "Import").click().run()
    assert "No file was chosen" in clean(app).error[0].value
    assert not submitted


def test_a_finished_run_shows_its_set(world):
    settings = QuestionGenerationSettings(name="demo", graph="demo")
    made = generated_questions(questions=4)
    add_run("generate_questions", settings, RunState.SUCCEEDED, result=made.as_record())
    app = clean(open_page("questions/questions", run="run-1"))
    assert app.toast[0].value == "demo: 4 questions."
    assert (address(app, "questions"), address(app, "run")) == ("demo", None)


def test_a_result_of_a_newer_version_is_one_sentence_and_the_page_goes_on(world):
    settings = QuestionGenerationSettings(name="demo", graph="demo")
    newer = generated_questions().as_record() | {"version": 9}
    add_run("generate_questions", settings, RunState.SUCCEEDED, result=newer)
    app = clean(open_page("questions/questions", run="run-1"))
    assert "was written by a newer version" in app.main.error[0].value
    assert app.main.metric and not app.toast


# --- browsing -------------------------------------------------------------------------------------


def test_counts_per_split_and_hop(world):
    app = clean(open_page("questions/questions"))
    assert {m.label: m.value for m in app.main.metric} == {
        "Questions": "4",
        "Train": "1",
        "Dev": "1",
        "Test": "2",
    }
    table = app.main.dataframe[0].value
    assert table.to_dict("list") == {
        "Hops": ["unknown", "1", "2"],
        "Train": [0, 1, 0],
        "Dev": [0, 1, 0],
        "Test": [1, 0, 1],
    }


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("language", "zh", ["拜登的国籍？"]),
        ("hops", 2, ["His nationality?"]),
        ("split", "dev", ["Nonsense?"]),
        ("gold", False, ["拜登的国籍？"]),
    ],
)
def test_filters(world, name, value, left):
    app = open_page("questions/questions")
    app.selectbox(key=f"questions.filter.{name}").set_value(value).run()
    assert rows(clean(app)) == left


def test_filter_by_words(world):
    app = open_page("questions/questions")
    next(box for box in app.main.text_input if box.label == "Text").set_value("NATION").run()
    assert rows(clean(app)) == ["His nationality?"]


def test_skipped_rows_are_listed(world):
    app = clean(open_page("questions/questions"))
    assert "1 row was left out" in words(app)
    table = next(one.value for one in app.main.dataframe if "Line" in one.value.columns)
    assert list(table["Why it was skipped"]) == ["no such entity"]


# --- one question ---------------------------------------------------------------------------------


def test_the_question_of_the_address_is_drawn(world):
    app = chosen("b")
    assert app.main.subheader[0].value == r"His nationality?"
    assert "Answers: usa" in words(app)
    drawn = next(one.value for one in app.main.dataframe if "From" in one.value.columns)
    facts = [tuple(row)[:3] for row in drawn.itertuples(index=False)]
    assert facts == [("joe biden", "born in", "scranton"), ("scranton", "city of", "usa")]


@pytest.mark.parametrize(
    ("question", "sentence"), [("c", "its path is withheld"), ("d", "does not lead to the answers")]
)
def test_what_cannot_be_drawn_is_said(world, question, sentence):
    assert sentence in words(chosen(question))


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (("∄city_of",), "Looked for in vain: **city of**"),
        (("born_in", "∄born_in"), "Looked for in vain: **born in**, after born in"),
        (("∄",), "Looked for in vain: **none of the graph's relations**"),
    ],
)
def test_what_the_graph_does_not_say_is_named(world, path, sentence):
    old = load_questions(Workspace(), "demo")
    lacking = Question("n", "Who is its mayor?", "en", ("joe_biden",), (), (path,), "test")
    with Workspace().publish("questions", "demo", replace=True) as folder:
        QuestionSet("demo", "demo", old.graph_hash, "levels", (lacking,)).save(folder, SKIPPED)
    said = words(chosen("n"))
    assert "The graph does not say" in said
    assert sentence in said
    assert "Answers:" not in said


def test_foreign_text_is_inert(world):
    assert r"Where was \*Biden\* born?" in chosen("a").main.subheader[0].value


def test_a_changed_graph_is_told(world):
    rewrite(Workspace().folder("questions", "demo") / "set.json", graph_hash="other")
    assert "has changed since" in words(chosen("b"))


def test_a_missing_graph_is_told(world):
    Workspace().delete("graphs", "demo")
    screens.KnowledgeGraph.build("x", [("a", "r", "b")])
    with Workspace().publish("graphs", "other") as folder:
        screens.KnowledgeGraph.build("other", [("a", "r", "b")]).save(folder)
    assert "nothing named 'demo'" in words(chosen("b"))


def test_a_damaged_set_is_one_sentence(world):
    (Workspace().folder("questions", "demo") / "questions.jsonl").write_text("{")
    assert "damaged" in clean(open_page("questions/questions")).error[0].value


def test_delete_asks_first(world):
    app = open_page("questions/questions")
    button(app, "Yes, delete it").click().run()
    assert Workspace().names("questions") == []
    assert "There are no questions yet" in words(clean(app))
