"""The real app in a real browser, with nothing outside this machine within reach."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
HERE = {"localhost", "127.0.0.1", "[::1]", "::1"}


@pytest.fixture
def app_url(tmp_path) -> Iterator[str]:
    """The app as a process of its own on a free port, with an empty workspace."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    log = tmp_path / "app.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", "--server.address=127.0.0.1"],
            cwd=ROOT,
            env={**os.environ, "PATHDISTILL_HOME": str(tmp_path / "workspace")},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_health(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        _stop_runs(tmp_path / "workspace")


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
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("there is no chromium on this machine to drive the app with")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=switches)
        context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
        yield Watched(context.new_page())
        browser.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(URLError, OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _stop_runs(home: Path) -> None:
    """End what the app has started and left running, the resident worker among it."""
    from core.runs.client import RunHandle
    from core.runs.store.store import RESIDENT, Store
    from core.runs.supervisor import presence
    from core.workspace import Workspace

    store = Store(Workspace(home))
    presence.end(store)
    for run in [*store.runs(), *store.runs(recipe=RESIDENT)]:
        RunHandle(store, run.id).stop(hard=True)
