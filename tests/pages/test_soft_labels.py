"""The page Soft labels, and the small mathematics of softening."""

import math

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.screens import address, as_read, clean, open_page, words

from core.labels.choices import entropy
from core.runs import resident
from pages.parts.answers.soft_label_view import divergence, products, softened

QUESTION = "What is Joe Biden's nationality?"
NODES = results.comparison().nodes


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setattr(resident, "call", results.resident_call)
    monkeypatch.setattr(resident, "is_warm", lambda store: True)


def test_empty_workspace_leads_to_distil():
    assert "Go to Distil" in words(clean(open_page("distil/soft_labels")))


def test_teacher_beside_student():
    screens.make_world()
    app = clean(open_page("distil/soft_labels", student="demo"))
    app.text_input(key="soft.question").set_value(QUESTION).run()
    metrics = {metric.label: as_read(metric.value) for metric in clean(app).main.metric}
    expected = 0.8 * math.log(0.8 / 0.5) + 0.2 * math.log(0.2 / 0.5)
    assert metrics["KL of the choices at T"] == f"{expected:.3f}"
    assert metrics["KL of the paths"] == "0.250"
    assert metrics["Entropy of the teacher (bits)"] == "0.72"
    assert metrics["Entropy of the student (bits)"] == "1.00"
    assert metrics["Outside the graph"] == "1.0%"
    assert metrics["Not shown"] == "2.0%"


def test_the_temperature_softens_both():
    screens.make_world()
    app = open_page("distil/soft_labels")
    app.text_input(key="soft.question").set_value(QUESTION).run()
    app.session_state["soft.stage"] = {"temperature": 2.0}
    app.run()
    doubt = next(m.value for m in clean(app).main.metric if m.label.startswith("Entropy of the t"))
    high = 2 / 3  # sqrt(0.8) : sqrt(0.2) is 2 : 1
    assert as_read(doubt) == f"{entropy([high, 1 - high]):.2f}"


def test_a_typed_question_comes_from_a_copied_address_and_leaves_with_another():
    screens.make_world()
    app = clean(open_page("distil/soft_labels", ask="Who is it?\0", t="2"))
    assert app.text_input(key="soft.question").value.startswith("Who is it?")
    assert address(app, "t") == "2.00"
    app.text_input(key="soft.question").set_value(QUESTION).run()
    assert "ask" not in clean(app).query_params
    assert address(app, "q")


def test_masses_are_products_of_choices():
    choices = softened(NODES, "teacher", 1.0)
    assert products(NODES, choices) == pytest.approx({0: 1, 1: 0.8, 2: 0.2, 3: 0.8, 4: 0.2})


def test_divergence_is_nothing_where_both_agree():
    choices = {side: softened(NODES, "teacher", 1.5) for side in ("teacher", "student")}
    masses = {side: products(NODES, choices[side]) for side in choices}
    assert divergence(NODES, choices, masses) == pytest.approx(0)


def test_in_chinese():
    screens.make_world()
    app = open_page("distil/soft_labels", lang="zh")
    app.text_input(key="soft.question").set_value(QUESTION).run()
    assert any(metric.label == "路径的 KL" for metric in clean(app).main.metric)
