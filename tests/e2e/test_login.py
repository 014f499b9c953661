"""Signing in and out in a real browser, as the owner and as a guest."""

import pytest
from serving import serve

from core import passwords
from core.workspace import Workspace

OWNERS, GUESTS = "the owner's own words", "what guests are told"

pytestmark = pytest.mark.e2e


@pytest.fixture
def locked(tmp_path):
    home = tmp_path / "locked"
    passwords.set_password(Workspace(home), "owner", OWNERS)
    passwords.set_password(Workspace(home), "guest", GUESTS)
    with serve(home, "--server.address=0.0.0.0") as server:
        yield server


def sign_in(page, password):
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_studio_opens_to_whoever_signs_in(watched, locked):
    page = watched.page
    page.goto(f"{locked.url}/?lang=en")
    sign_in(page, "not the password")
    assert page.get_by_role("alert").inner_text() == "That is not the password."
    sign_in(page, OWNERS)
    page.get_by_role("button", name="Run the whole loop").wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Password").wait_for()
    page.goto(f"{locked.url}/runs?lang=en")
    sign_in(page, GUESTS)
    page.get_by_role("heading", name="Runs").wait_for()
    page.goto(f"{locked.url}/?lang=en")
    page.get_by_text("You are a guest").wait_for()
    assert page.get_by_role("button", name="Run the whole loop").is_disabled()
    page.wait_for_load_state("networkidle")
    assert watched.outside == []
    # The browser notes that it was turned away, also with what it was still loading when it signed
    # out; nothing else went wrong, no script was refused.
    turned_away = ("status of 40", "Failed to fetch dynamically imported module")
    assert [one for one in watched.problems if not any(said in one for said in turned_away)] == []
