"""Pictures of every page as a reader sees it, in both languages, both themes and two widths.

    make screenshots FOLDER=pictures

They are of the workspace that `PATHDISTILL_HOME` names, where the demonstration has to have run.
Made by hand, to be looked at after a change.
"""

import argparse
import os
import sys
import tempfile
from itertools import product
from pathlib import Path
from urllib.parse import quote

from core.workspace import Workspace
from tests.e2e.real_app import SWITCHES, chromium, serving

QUESTIONS = {"en": "What is Joe Biden's nationality?", "zh": "乔·拜登的国籍是什么？"}
PAGES = {
    "tour": "",
    "graph": "graph?graph=demo&entity=joe_biden",
    "questions": "questions?questions=demo",
    "teacher": "teacher?teacher=demo-teacher&view=watch&ask={question}",
    "what_if": "teacher?teacher=demo-teacher&view=watch&ask={question}&without_step=born_in",
    "report": "teacher?teacher=demo-teacher&view=report",
    "distil": "distil?teacher=demo-teacher",
    "soft_labels": "soft_labels?student=demo-student&ask={question}",
    "weak_spots": "weak_spots?student=demo-student",
    "runs": "runs",
    "ask": "ask?student=demo-student&ask={question}",
    "compare": "compare",
    "sweep": "compare?view=sweep",
    "models": "models",
}
HEIGHTS = {1280: 960, 390: 844}
PATIENCE_MS = 120 * 1000
MOVES_MS = 800
"""Of transitions, once all is there."""
SETTLED = """() =>
  document.querySelector('[data-test-script-state="notRunning"]') &&
  !document.querySelector('[data-testid="stSpinner"], [data-testid="stSkeleton"]')"""


def main() -> None:
    """Take them all, or those of some pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="Where the pictures go.")
    parser.add_argument("pages", nargs="*", default=[*PAGES], help=f"Of: {', '.join(PAGES)}.")
    wanted = parser.parse_args()
    if unknown := {*wanted.pages} - {*PAGES}:
        parser.error(f"no such page: {', '.join(unknown)}")
    if "demo-student" not in Workspace().names("students"):
        sys.exit("There is no demonstration to show: run `python -m core demo` first.")
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as logs:
        with serving(Workspace().root, Path(logs) / "app.log") as url:
            take(url, wanted.folder, wanted.pages)


def take(url: str, folder: Path, pages: list[str]) -> None:
    """Take pictures of some pages of the app: `ask-en-dark-390.png`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        for language, theme, width in product(QUESTIONS, ("light", "dark"), HEIGHTS):
            context = browser.new_context(
                color_scheme=theme, viewport={"width": width, "height": HEIGHTS[width]}
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(url)  # a deep link that comes first is said not to exist, over the page
            page.get_by_test_id("stHeading").first.wait_for()
            for name in pages:
                address = PAGES[name].format(question=quote(QUESTIONS[language]))
                join = "&" if "?" in address else "?"
                page.goto(f"{url}/{address}{join}lang={language}")
                page.get_by_test_id("stHeading").first.wait_for()
                page.wait_for_function(SETTLED)
                for nth in range(page.get_by_test_id("stage").count()):
                    page.locator('[data-testid="stage"][data-ready="true"]').nth(nth).wait_for()
                page.wait_for_timeout(MOVES_MS)
                page.screenshot(path=folder / f"{name}-{language}-{theme}-{width}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[2])
    main()
