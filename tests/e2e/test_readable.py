"""The main views as axe-core sees them: nothing of ours is seriously wrong, in either theme."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TESTS = Path(__file__).parents[1]
PAGE_MS = 90 * 1000
VIEWS = (
    "",
    "graph?graph=demo&entity=joe_biden",
    "questions?questions=demo",
    "teacher?teacher=demo&view=watch&q=q2&without_step=born_in",
    "teacher?view=train",
    "distil?teacher=demo",
    "soft_labels?student=demo&q=q2",
    "ask?student=demo&ask=Who%3F",
    "compare?questions=demo",
)
THEIRS = {"exclude": [['[data-testid="stSidebarNav"]'], [".katex-display"]]}
"""Streamlit's menu is a list of what are no items, and its formulas scroll where they are wide."""
SERIOUS = ("serious", "critical")
SETTLED = """() =>
  document.querySelector('[data-test-script-state="notRunning"]') &&
  !document.querySelector('[data-testid="stSpinner"], [data-testid="stSkeleton"]')"""


def test_no_view_has_a_serious_fault(made_up, request, watched):
    url, page = request.getfixturevalue("app_url"), watched.page
    page.set_default_timeout(PAGE_MS)
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.goto(url)
        page.get_by_test_id("stSidebarNav").wait_for()
        for view in VIEWS:
            page.goto(f"{url}/{view}")
            page.get_by_test_id("stHeading").first.wait_for()
            page.wait_for_function(SETTLED)
            told = Axe().run(page, THEIRS).response["violations"]
            found += [
                (theme, view, one["id"], node["target"], node["html"][:200])
                for one in told
                if one["impact"] in SERIOUS
                for node in one["nodes"]
            ]
    assert found == []
