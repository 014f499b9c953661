"""What is worked with: chosen once, carried from page to page, named in the address."""

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.screens import address, clean, open_page

from core.graph.knowledge_graph import KnowledgeGraph
from core.workspace import Workspace, write_json


@pytest.fixture
def two_worlds():
    """Beside `demo` a graph `films` with a teacher `critic` and a student `fan`."""
    st.cache_resource.clear()
    st.cache_data.clear()
    screens.make_world()
    space = Workspace()
    graph = KnowledgeGraph.build("films", [("dune", "directed_by", "villeneuve")])
    with space.publish("graphs", "films") as folder:
        graph.save(folder)
        write_json(folder / "import.json", space.read("graphs", "demo", "import.json"))
    for kind, name, more in (
        ("teachers", "critic", {}),
        ("students", "fan", {"teacher": "critic"}),
    ):
        made = space.read(kind, "demo", "card.json")
        with space.publish(kind, name) as folder:
            write_json(folder / "card.json", made | {"name": name, "graph": "films"} | more)


def carried(app):
    return [app.sidebar.selectbox(key=f"context.{one}").value
            for one in ("graph", "teacher", "student")]  # fmt: skip


def test_a_student_of_the_address_brings_its_teacher_and_its_graph(two_worlds):
    assert carried(clean(open_page("ask/ask", student="fan"))) == ["films", "critic", "fan"]


def test_what_is_chosen_on_one_page_is_there_on_another(two_worlds):
    app = open_page("ask/ask")
    app.selectbox(key="ask.student").set_value("fan").run()
    assert carried(clean(app)) == ["films", "critic", "fan"]
    app.query_params.clear()  # as the browser does when a page is opened from the menu
    app.switch_page("pages/teach/teacher.py").run()
    assert clean(app).selectbox(key="teach.teacher").value == "critic"
    assert address(app, "teacher") == "critic"


def test_what_is_chosen_beside_the_page_is_what_the_page_shows(two_worlds):
    app = open_page("ask/ask", student="demo")
    app.sidebar.selectbox(key="context.graph").set_value("films").run()
    assert clean(app).selectbox(key="ask.student").value == "fan"
    assert address(app, "student") == "fan"
    app.sidebar.selectbox(key="context.student").set_value("demo").run()
    assert clean(app).selectbox(key="ask.student").value == "demo"
    assert carried(app) == ["demo", "demo", "demo"]


def test_where_there_is_nothing_to_choose_there_is_no_list():
    st.cache_resource.clear()
    st.cache_data.clear()
    screens.make_world()
    assert not open_page("ask/ask").sidebar.selectbox


def test_an_address_of_what_does_not_exist_chooses_nothing(two_worlds):
    assert carried(clean(open_page("ask/ask", student="nobody")))[2] == "demo"
