"""Two people with a browser each steer one run: both see what either has changed."""

import subprocess
import threading
from contextlib import contextmanager

import pytest

from core.runs.processes import start_time
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.worker.store_report import StoreReport
from core.settings import DistillSettings
from core.workspace import Workspace

PAGE_MS = 60 * 1000

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@contextmanager
def distillation(store):
    """A run that does what it is asked for at its next step; gives its id."""
    settings = DistillSettings(name="s", teacher="t", alpha=0.5, temperature=2.0)
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    store.add("r1", "distill_student", settings.model_dump(mode="json"), "Distil: s", None)
    store.begin("r1", process.pid, start_time(process.pid))
    over = threading.Event()

    def work():
        report, now, step = StoreReport(store, "r1"), settings.model_dump(), 0
        report.stage("distil")
        while not over.wait(0.05):
            step += 1
            for key, value in report.controls().items():
                report.event("control", key=key, old=now[key], new=value, step=step)
                now[key] = value

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield "r1"
    finally:
        over.set()
        worker.join()
        store.finish("r1", RunState.STOPPED)
        process.kill()
        process.wait()


def test_both_see_both_changes(app_url, watched, tmp_path):
    store = Store(Workspace(tmp_path / "workspace"))
    first = watched.page
    second = first.context.browser.new_context(locale="en-US").new_page()
    with distillation(store) as run_id:
        for page in (first, second):
            page.set_default_timeout(PAGE_MS)
            page.goto(app_url)
            page.get_by_test_id("stSidebarNav").wait_for()
            page.goto(f"{app_url}/runs?run={run_id}")
        turn(first, "Alpha", "ArrowRight")
        second.get_by_text("alpha 0.5 → 0.55").first.wait_for()
        turn(second, "Temperature", "ArrowRight")
        for page in (first, second):
            page.get_by_text("alpha 0.5 → 0.55").first.wait_for()
            page.get_by_text("temperature 2 → 2.25").first.wait_for()
        asked = [(one.key, one.value, one.old) for one in store.controls(run_id)]
        assert asked == [("alpha", 0.55, 0.5), ("temperature", 2.25, 2.0)]
    assert watched.outside == []
    store.close()


def handle(page, label):
    """What the keyboard moves of a slider in the live controls; it cannot be seen."""
    return page.locator(".st-key-live_controls").get_by_label(label).locator("input[type=range]")


def turn(page, label, key):
    handle(page, label).wait_for(state="attached")
    handle(page, label).press(key)
