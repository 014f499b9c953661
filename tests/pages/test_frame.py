"""The frame: every page opens, in both languages, by a deep link too, and keeps its language."""

import re
from pathlib import Path

import pytest
import streamlit as st
from stand_ins.screens import address, clean, open_page, words

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    f"{path.parent.name}/{path.stem}"
    for path in (ROOT / "pages").glob("*/*.py")
    if path.parent.name != "parts"
)
TITLES = {"graph/graph": ("Explore the graph", "浏览图谱"), "ask/ask": ("Ask", "提问")}


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def test_every_page_is_in_the_menu_and_the_other_way_round():
    listed = re.findall(r'page\("(\w+)", "(\w+)"', (ROOT / "studio.py").read_text(encoding="utf-8"))
    assert sorted("/".join(place) for place in listed) == PAGES
    names = [name for _, name in listed]
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
