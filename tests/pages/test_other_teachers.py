"""Other teachers than trained ones: each way has its form, and starts its run."""

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.screens import Submitted, address, as_read, button, clean, open_page, words

from core.runs import client
from core.settings import (
    LanguageModelTeacherSettings,
    LexicalTeacherSettings,
    MixtureSettings,
    TransferSettings,
)
from core.workspace import Workspace, write_json
from pages.parts.text import t

COMMON = {"graph": "demo", "questions": "demo"}


@pytest.fixture(autouse=True)
def submitted(monkeypatch):
    st.cache_resource.clear()
    st.cache_data.clear()
    found = Submitted()
    monkeypatch.setattr(client, "submit", found)
    return found


@pytest.fixture(autouse=True)
def demo():
    screens.make_world()


def add_teacher(name, **changes):
    """Another teacher like `demo`."""
    made = Workspace().read("teachers", "demo", "card.json") | {"name": name, **changes}
    with Workspace().publish("teachers", name) as folder:
        write_json(folder / "card.json", made)


def way(name, lang="en"):
    app = clean(open_page("teach/teacher", view="train", lang=lang))
    app.session_state["teach.way"] = name
    return clean(app.run())


def test_training_comes_first_and_each_way_says_when_it_is_sensible():
    app = clean(open_page("teach/teacher", view="train"))
    assert "Learns from questions" in words(app)
    assert "Train" in [one.label for one in app.main.button]
    for name in ("lexical", "language_model", "mixture", "transfer"):
        app.button_group(key="teach.way").set_value(name).run()
        assert t(f"other.when.{name}") in words(clean(app))


def test_a_lexical_teacher_is_made(submitted):
    app = way("lexical")
    button(app, "Make it").click().run()
    assert submitted == [("lexical_teacher", LexicalTeacherSettings(name="demo-lexical", **COMMON))]
    assert address(clean(app), "run") == "new-1"


def test_a_language_model_is_named(submitted):
    app = way("language_model")
    button(app, "Make it").click().run()
    assert submitted == []  # which model?
    app.text_input(key="teach.language_model.model").set_value("SmolLM2-135M").run()
    button(app, "Make it").click().run()
    wanted = LanguageModelTeacherSettings(
        name="demo-language-model", model="SmolLM2-135M", **COMMON
    )
    assert submitted == [("language_model_teacher", wanted)]


def test_only_teachers_of_the_same_trees_can_be_mixed(submitted):
    assert "needs two teachers over the same graph" in words(way("mixture"))
    add_teacher("second")
    add_teacher("third", kind="lexical")
    add_teacher("deep", shape={"hops": 4})
    app = way("mixture")
    parts = app.multiselect(key="teach.parts")
    assert parts.options == ["demo", "second", "third"]
    parts.set_value(["second"]).run()
    assert "at least two" in words(clean(app))
    app.multiselect(key="teach.parts").set_value(["second", "third"]).run()
    app.text_area(key="teach.mixture.weights").set_value("2\n1").run()
    button(app, "Make it").click().run()
    wanted = MixtureSettings(name="second-mixture", teachers=("second", "third"), weights=(2, 1))
    assert submitted == [("mix_teachers", wanted)]


def test_a_weight_that_is_none_is_said(submitted):
    add_teacher("second")
    app = way("mixture")
    app.multiselect(key="teach.parts").set_value(["demo", "second"]).run()
    app.text_area(key="teach.mixture.weights").set_value("much").run()
    assert "weights.0" in as_read(app.error[0].value)
    button(app, "Make it").click().run()
    assert submitted == []


def test_a_trained_teacher_is_taken_to_another_graph(submitted):
    add_teacher("plain", kind="lexical")
    app = way("transfer")
    assert app.selectbox(key="teach.transfer.teacher").options == ["demo"]
    app.selectbox(key="teach.transfer.questions").set_value("demo").run()
    button(app, "Make it").click().run()
    wanted = TransferSettings(name="demo-transferred", teacher="demo", **COMMON)
    assert submitted == [("transfer_teacher", wanted)]


def test_without_a_trained_teacher_there_is_nothing_to_take():
    Workspace().delete("teachers", "demo")
    assert "Only a trained teacher" in words(way("transfer"))
