"""The list of pages and the frame that they share; `app.py` serves it."""

from pathlib import Path

import streamlit as st

from pages.parts.catalogues import LANGUAGES
from pages.parts.changes import is_owner, visitor
from pages.parts.context import carry, context_choices
from pages.parts.settling import settle
from pages.parts.text import choose_language, keep_language, language, literal, t

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="PathDistill", page_icon=ASSETS / "icon.svg", layout="wide")
keep_language()


def page(section: str, name: str, icon: str, *, default: bool = False) -> st.Page:
    """A page by its file; its address is the file's name in every language."""
    return st.Page(
        f"pages/{section}/{name}.py",
        title=t(f"page.{name}"),
        icon=f":material/{icon}:",
        url_path=name,
        default=default,
    )


navigation = st.navigation(
    {
        t("nav.start"): [page("start", "tour", "explore", default=True)],
        t("nav.graph"): [page("graph", "graph", "hub")],
        t("nav.questions"): [page("questions", "questions", "quiz")],
        t("nav.teach"): [page("teach", "teacher", "school")],
        t("nav.distil"): [
            page("distil", "distil", "filter_alt"),
            page("distil", "soft_labels", "equalizer"),
            page("distil", "weak_spots", "healing"),
        ],
        t("nav.runs"): [page("runs", "runs", "timeline")],
        t("nav.ask"): [page("ask", "ask", "forum")],
        t("nav.compare"): [page("compare", "compare", "leaderboard")],
        t("nav.models"): [page("models", "models", "deployed_code")],
    }
)

# Streamlit's own hint inside text boxes knows no Chinese and lies over the text on a phone; and
# its white is not to be read on the light blue of the dark theme's buttons.
st.html("""<style>
[data-testid="InputInstructions"] { display: none; }
button[kind^="primary"] { color: light-dark(#ffffff, #10161d); }
</style>""")
st.logo(ASSETS / "logo.svg", size="large", icon_image=ASSETS / "icon.svg")
carry()
with st.sidebar:
    context_choices()
with st.sidebar, st.container(horizontal=True, vertical_alignment="bottom"):
    st.segmented_control(
        t("frame.language"),
        list(LANGUAGES),
        default=language(),
        required=True,
        format_func=lambda code: literal(LANGUAGES[code]),
        key="language_switch",
        on_change=lambda: choose_language(st.session_state["language_switch"]),
        width="content",
    )
    if visitor().signed_in:
        # Streamlit sends the browser to the address where the gate signs it out.
        st.button(t("frame.sign_out"), type="tertiary", on_click=st.logout)
        if not is_owner():
            st.caption(t("frame.guest"))

navigation.run()
settle(navigation.url_path)
