"""A newcomer's first minutes: from an empty workspace through the tour to a verified answer."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

LOOP_MS = 30 * 60 * 1000
"""The whole loop takes a few minutes; a slow, busy one may take ten times that."""
PAGE_MS = 60 * 1000

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def run_of(page) -> str:
    """The run that the address names."""
    return parse_qs(urlsplit(page.url).query)["run"][0]


def await_loop(page, expected) -> None:
    """Wait for what the loop comes to, unless it fails on the way."""
    failed = page.get_by_text("What to do:")
    expected.or_(failed).first.wait_for(timeout=LOOP_MS)
    assert failed.count() == 0, page.inner_text("body")


def test_tour_from_nothing_to_a_verified_answer(app_url, watched):
    page = watched.page
    page.set_default_timeout(PAGE_MS)
    page.goto(app_url)
    page.get_by_role("button", name="Run the whole loop").click()

    page.wait_for_url(re.compile(r"[?&]run="), timeout=PAGE_MS)
    run = run_of(page)
    practising = page.get_by_text(re.compile("The teacher learns|The student learns from"))
    await_loop(page, practising)

    page.reload()
    page.get_by_text("The whole loop, as it happens").wait_for()
    assert run_of(page) == run
    assert page.get_by_role("button", name="Run the whole loop").count() == 0

    await_loop(page, page.get_by_role("heading", name="The graph holds the facts"))
    assert run_of(page) == run
    page.get_by_test_id("graph-view").locator("canvas").first.wait_for()

    for heading in (
        "Questions come from the graph itself",
        "The teacher walks the graph",
        "The student learned how sure the teacher is",
        "The student answers, and the graph checks",
    ):
        page.get_by_role("button", name="Next", exact=False).last.click()
        page.get_by_role("heading", name=heading).wait_for()
        page.get_by_test_id("stSpinner").wait_for(state="detached", timeout=2 * PAGE_MS)
        watched.assert_clean()

    english = page.locator('[class*="st-key-tour-answer-en"]')
    english.get_by_role("heading", name="USA").wait_for(timeout=2 * PAGE_MS)
    strip = english.get_by_test_id("path-strip")
    assert "Joe Biden" in strip.inner_text()
    assert "USA" in strip.inner_text()
    english.get_by_text("every step of the path").wait_for()
    assert english.locator(".pd-bad").count() == 0

    page.get_by_role("button", name="Next").last.click()
    page.get_by_role("heading", name="How good are they?").wait_for()
    watched.assert_clean()
