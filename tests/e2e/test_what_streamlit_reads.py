"""Which texts Streamlit shows as they are: what the reader of the pages' code relies on.

`tests/page_texts.py` lets foreign text into the parameters below as it is. Should a version of
Streamlit begin to read one of them as Markdown, this test says which.
"""

import pytest
from hostile.texts import ALONE, OUTSIDE
from serving import serve

from tests.e2e.test_hostile_text import FOREIGN

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PLAIN = """
import altair as alt, pandas as pd, streamlit as st
from hostile.texts import hostile
x = hostile
st.dataframe([{x("a"): x("b"), "c": [x("d")]}], alt=x("e"), placeholder=x("f"))
st.dataframe([], placeholder=x("f"))
st.dataframe([{"a": 1}], column_config={"a": x("g")})
st.dataframe([{"a": 1}], column_config={"a": st.column_config.NumberColumn(x("h"))})
st.selectbox("l", [x("i")], placeholder=x("j"))
st.multiselect("m", [x("k"), "b"], default=["b"], placeholder=x("l"))
st.selectbox("n", [1], format_func=lambda one: x("m"))
st.text_input("o", x("n"), placeholder=x("o"))
st.text_area("p", x("p"), placeholder=x("q"))
st.number_input("q", None, placeholder=x("r"))
st.code(x("s"), language=None)
st.json({x("u"): x("v")})
st.download_button("r", b"", file_name=x("w"))
frame = pd.DataFrame([{"name": x("x"), "p": 0.5, "side": x("y")}])
st.altair_chart(
    alt.Chart(frame).mark_bar().encode(x="p:Q", y="name:N", color="side:N", tooltip=["name:N"]),
    alt=x("z"),
)
st.markdown("The end.")
"""


def test_plain_parameters_are_plain(tmp_path, monkeypatch, watched):
    script = tmp_path / "plain.py"
    script.write_text(PLAIN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", "tests")
    with serve(tmp_path / "workspace", "--server.address=127.0.0.1", script=str(script)) as server:
        page = watched.page
        page.goto(server.url)
        page.get_by_text("The end.").wait_for()
        for box in page.get_by_test_id("stSelectbox").locator("input").all():
            box.click()
            assert page.evaluate(FOREIGN, [ALONE, OUTSIDE]) == []
            page.keyboard.press("Escape")
        bar = page.get_by_test_id("stVegaLiteChart").locator("path[aria-roledescription=bar]").first
        bar.hover()
        page.locator("#vg-tooltip-element").wait_for()
        assert page.evaluate(FOREIGN, [ALONE, OUTSIDE]) == []
        assert watched.outside == []
