"""The film at the top of README: a teacher thinks, a fact is taken away, labels soften, one learns.

    make film FILE=assets/film.webp

Made like the pictures (`screenshots.py`), of the workspace that `PATHDISTILL_HOME` names, where the
demonstration has to have run. Each frame is taken when the page rests, so the film is the same on a
slow machine.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from core.runs.store.store import Store
from core.workspace import Workspace
from tests.e2e.real_app import SWITCHES, chromium, serving
from tests.e2e.screenshots import MOVES_MS, PATIENCE_MS, QUESTIONS, SETTLED

WINDOW = {"width": 1280, "height": 640}
MENU = 330
"""Pixels at the left that are not in the film."""
QUESTION = quote(QUESTIONS["en"])
QUALITY = 70
HEAT = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.05, 1.2, 1.35, 1.2, 0.9, 0.6, 0.3, 0.0)
"""Logarithms of the temperatures that the labels are softened by."""
FRAMES = 24
"""Of a training, evenly chosen."""


def main() -> None:
    """Make the film."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="Where it goes; an animated WebP.")
    wanted = parser.parse_args()
    runs = Store(Workspace()).runs(recipe="run_demo")
    if "demo-student" not in Workspace().names("students") or not runs:
        sys.exit("There is no demonstration to show: run `python -m core demo` first.")
    with tempfile.TemporaryDirectory() as logs:
        with serving(Workspace().root, Path(logs) / "app.log") as url:
            shots = list(take(url, runs[0].id))
    first, *others = [picture for picture, _ in shots]
    first.save(
        wanted.file,
        save_all=True,
        append_images=others,
        duration=[milliseconds for _, milliseconds in shots],
        loop=0,
        quality=QUALITY,
        method=6,
    )


def take(url: str, run: str) -> Iterator[tuple[Image.Image, int]]:
    """Frames, each with how long it is seen, in milliseconds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        page = browser.new_context(color_scheme="light", viewport=WINDOW, locale="en-US").new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        page.get_by_test_id("stHeading").first.wait_for()
        for milliseconds in played(page, url, run):
            page.mouse.move(0, 0)  # what is pointed at is lit
            shown = {"x": MENU, "y": 0, "width": WINDOW["width"] - MENU, "height": WINDOW["height"]}
            shot = Image.open(io.BytesIO(page.screenshot(clip=shown)))
            yield shot.convert("RGB"), milliseconds
        browser.close()


def played(page, url: str, run: str) -> Iterator[int]:
    """Play the scenes; pauses where a frame is to be taken, and says how long it is seen."""
    stage = opened(page, f"{url}/teacher?teacher=demo-teacher&view=watch&ask={QUESTION}")
    drawing = stage.locator("svg.drawing")
    drawing.press("Home")
    for key in ("", "ArrowRight", "ArrowRight", "ArrowRight"):
        if key and not stage.get_by_role("button", name="One hop on").is_enabled():
            break
        if key:
            drawing.press(key)
        drawing.blur()
        page.wait_for_timeout(MOVES_MS)
        yield 1100
    stage.locator(".mark.relation .relation").first.click()  # what if there were no such fact?
    page.locator('[class*="outcome"]').wait_for()
    page.mouse.move(0, 0)
    rest(page)
    yield 3000
    stage = opened(page, f"{url}/soft_labels?student=demo-student&ask={QUESTION}")
    heat = stage.get_by_label("Temperature T")
    yield 700
    for value in HEAT:
        heat.evaluate(f"one => {{ one.value = {value}; one.dispatchEvent(new Event('input')); }}")
        yield 160
    stage = opened(page, f"{url}/runs?run={run}")
    scrub = stage.get_by_label("Which frame is shown")
    last = int(scrub.get_attribute("max") or 0)
    for nth in range(FRAMES + 1):
        at = round(nth * last / FRAMES)
        scrub.evaluate(f"one => {{ one.value = {at}; one.dispatchEvent(new Event('input')); }}")
        page.wait_for_timeout(250)
        yield 220
    opened(page, f"{url}/ask?student=demo-student&ask={QUESTION}", '[class*="st-key-answer"]')
    yield 2800


def opened(page, address: str, seen: str = '[data-testid="stage"]'):
    """A page whose stage is drawn, scrolled to what is to be seen of it; gives the stage."""
    page.goto(f"{address}&lang=en")
    page.get_by_test_id("stHeading").first.wait_for()
    stage = page.locator('[data-testid="stage"][data-ready="true"]').first
    stage.wait_for()
    rest(page)
    page.locator(seen).first.evaluate("one => one.scrollIntoView({ block: 'start' })")
    page.wait_for_timeout(MOVES_MS)
    return stage


def rest(page) -> None:
    """Wait until the page is drawn and nothing moves."""
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(MOVES_MS)


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[2])
    main()
