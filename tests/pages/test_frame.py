"""The frame: every page opens, in both languages, by a deep link too, and keeps its language."""

from pathlib import Path

import pytest
import streamlit as st
from stand_ins.screens import PAGES, address, clean, open_page, words

ROOT = Path(__file__).parents[2]
TITLES = {"graph/graph": ("Explore the graph", "浏览图谱"), "ask/ask": ("Ask", "提问")}


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def test_what_is_in_a_section_is_a_page_of_the_menu_or_part_of_one():
    files = [path for path in (ROOT / "pages").glob("*/*.py") if path.parent.name != "parts"]
    named = {f"{path.parent.name}/{path.stem}" for path in files}
    assert set(PAGES) <= named
    for path in files:
        if f"{path.parent.name}/{path.stem}" not in PAGES:
            others = [other.read_text("utf-8") for other in path.parent.glob("*.py")]
            line = f"from pages.{path.parent.name}.{path.stem} import "
            assert any(line in other for other in others), f"no page shows {path.name}"
    names = [page.partition("/")[2] for page in PAGES]
    assert len(set(names)) == len(names), "a page's address is its file's name"


def test_no_page_lies_flat_in_the_folder():
    assert not list((ROOT / "pages").glob("*.py")), "Streamlit would run it without studio.py"


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_a_deep_link_opens_in_an_empty_workspace(page, lang):
    app = clean(open_page(page, lang=lang))
    assert app.main.title
    assert address(app, "lang") == lang
    if page in TITLES:
        assert app.main.title[0].value == TITLES[page][lang == "zh"]


def test_the_switch_changes_the_language_and_the_address():
    app = open_page("ask/ask")
    app.sidebar.button_group(key="language_switch").set_value("zh").run()
    assert clean(app).main.title[0].value == "提问"
    assert address(app, "lang") == "zh"


def test_an_empty_page_says_where_to_go():
    assert "The tour makes one" in words(clean(open_page("ask/ask")))
    assert "Load one first" in words(clean(open_page("questions/questions")))
