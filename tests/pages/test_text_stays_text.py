"""Foreign text reaches the screen as text: read in the code of the pages, element by element."""

import pytest

from pages.parts.table import cell
from pages.parts.text import Words, literal, t
from tests.page_texts import findings

HEAD = "import streamlit as st\nfrom pages.parts.text import Html, Words, literal, t\n"


def test_nothing_but_safe_text_is_read_as_markdown():
    assert findings() == []


@pytest.mark.parametrize(
    "code",
    [
        "st.error(str(error))",
        "st.error(run.error or t('run.failed'))",
        "st.info(body=run.error)",
        "st.caption(f'`{run.id}`')",
        "st.caption(f'{run.id:>10}')",
        "st.markdown('**' + name + '**')",
        "st.markdown('%s' % name)",
        "st.markdown('{}'.format(name))",
        "st.markdown(', '.join(names))",
        "st.markdown(', '.join([literal(one), two]))",
        "st.button(label, help=t('x'))",
        "st.button(t('x'), help=explained)",
        "st.metric(t('x'), value)",
        "st.progress(0.5, text=note)",
        "st.tabs([one, t('x')])",
        "left.metric(t('x'), f'{value}')",
        "st.pills(t('x'), names)",
        "st.pills(t('x'), names, format_func=str)",
        "st.pills(t('x'), names, format_func=lambda one: one)",
        "st.segmented_control(t('x'), names, format_func=names.__getitem__)",
        "st.column_config.NumberColumn(t('x'), help=name)",
        "st.write(t('x'))",
        "show = st.error",
        "st.button(**words)",
        "st.toast(*words)",
        "st.dataframe(rows)",
        "from streamlit import error",
        "st.html(f'<b>{name}</b>')",
        "st.html(literal(name))",
        "Words(name)",
        "Html(f'<b>{t(name)}</b>')",
        "st.chat_message(name, avatar=picture)",
        "name = t('x')\nname = other\nst.caption(name)",
        "name = t('x')\nname += other\nst.caption(name)",
        "for name in names:\n    st.caption(name)",
        "for name, t_ in pairs:\n    st.caption(name)",
        "def show(name: str):\n    st.caption(name)",
        "def show(name):\n    st.caption(name or t('x'))",
        "def show(name: Words):\n    st.caption(name)\nshow(other)",
        "def show(name: Words):\n    st.caption(name)\nshow(name=other)",
        "def told() -> Words:\n    return other",
        "def told() -> list[Words]:\n    return [t('x'), other]",
        "def told() -> Iterator[Html]:\n    yield other",
        "class Look(NamedTuple):\n    sign: Words\nst.caption(look.sign)\nLook(other)",
        "class Look(NamedTuple):\n    sign: str\nst.caption(look.sign)",
        "problem = name\nst.error(problem)",
    ],
)
def test_other_text_is_found(code):
    assert findings(HEAD + code)


@pytest.mark.parametrize(
    "code",
    [
        "st.caption(t('x', name=name) + ' ' + literal(name))",
        "st.caption(f'**{t(key)}** {value:.1%} {count:,}')",
        "names = [literal(one) for one in names]\nst.caption(' · '.join([t('x'), *names]))",
        "name = t('x') if one else literal(two)\nst.caption(name)",
        "st.pills(t('x'), names, format_func=lambda one: literal(one))",
        "st.segmented_control(t('x'), [1, 2])",
        "st.selectbox(t('x'), names, placeholder=t('x'))",
        "def told() -> Words:\n    return Words(f'*{literal(x)}*')\nst.caption(told())",
        "def show(name: Words | None):\n    st.caption(name or t('x'))\nshow(t('x'))",
        "st.html(Html(f'<b>{html.escape(name)}</b>'))",
    ],
)
def test_safe_text_is_let_through(code):
    assert findings(HEAD + code) == []


def test_a_value_in_a_text_is_foreign_unless_it_is_a_number_or_known_safe():
    assert (
        t("common.deleted", name="![x](http://y)") == rf"{literal('![x](http://y)')} was deleted."
    )
    assert t("common.deleted", name=Words("**x**")) == "**x** was deleted."
    assert t("common.deleted", name=-1.5) == "-1.5 was deleted."


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_is_a_formula(text):
    assert cell(text) == "'" + text.strip()


def test_other_cells_stay_as_they_are():
    assert [cell(one) for one in ("a=b", "← founder", -1, -0.5, None, True)] == [
        *("a=b", "← founder", -1, -0.5, None, True)
    ]
    assert cell(["=1", "x"]) == ["'=1", "x"]
    assert len(cell("x" * 10_000)) == 2000
