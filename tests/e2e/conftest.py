"""The real app in a real browser, with nothing outside this machine within reach."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from stand_ins.screens import make_world

from tests.e2e.real_app import SWITCHES, chromium, serving

TESTS = Path(__file__).parents[1]
HERE = {"localhost", "127.0.0.1", "[::1]", "::1"}


@pytest.fixture
def app_url(tmp_path) -> Iterator[str]:
    """The app as a process of its own on a free port, with an empty workspace."""
    with serving(tmp_path / "workspace", tmp_path / "app.log") as url:
        yield url


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """A small world, and an app that makes up what its models say."""
    path = os.pathsep.join([str(TESTS / "e2e" / "made_up"), str(TESTS.parent), str(TESTS)])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "workspace"))
    make_world()


class Watched:
    """A browser page, and everything that went wrong on it or reached beyond this machine."""

    def __init__(self, page) -> None:
        self.page = page
        self.outside: list[str] = []
        self.problems: list[str] = []
        page.context.route("**/*", self._let_in_or_block)
        page.context.on("weberror", lambda error: self.problems.append(str(error.error)))
        page.on("console", self._note)

    def assert_clean(self) -> None:
        """Nothing left the machine, no error was logged, no traceback is shown."""
        assert self.outside == []
        assert self.problems == []
        assert self.page.get_by_test_id("stException").count() == 0
        assert "Traceback" not in self.page.inner_text("body")

    def _let_in_or_block(self, route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in ("data", "blob") or parts.hostname in HERE:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _note(self, message) -> None:
        if message.type == "error":
            self.problems.append(message.text)


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A fresh browser in English."""
    executable = chromium()
    if executable is None:
        pytest.skip("there is no chromium on this machine to drive the app with")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
        yield Watched(context.new_page())
        browser.close()
