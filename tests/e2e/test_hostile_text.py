"""An enemy's workspace, seen page by page in a real browser: nothing is loaded, nothing is built.

Whatever text there is in a workspace or an address comes from somebody else here (`tests/hostile`).
Every page is opened in its states and in both languages, what is folded away is opened, and each
time the browser is asked: did anything leave this machine, is there an element that is not ours,
did anything run?
"""

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hostile import world
from hostile.texts import ALONE, FORMULA, OUTSIDE, hostile

from pages.parts.pictures.graph_drawing import graph_html

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TESTS = Path(__file__).parents[1]
PAGE_MS = 60 * 1000

FOREIGN = """([alone, outside]) => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  const leads = (one) => ["src", "href", "action", "data", "poster"].some((name) => {
    const written = one.getAttribute(name);
    if (!written || !URL.canParse(written, document.baseURI)) return false;
    const to = new URL(written, document.baseURI);
    return to.hostname.endsWith(outside) || !/^(https?|data|blob):/.test(to.protocol);
  });
  const bad = (one) =>
    one.id === "pwned" || alone.includes(one.textContent.trim()) || leads(one);
  const found = all(document).filter(bad).map((one) => one.outerHTML.slice(0, 300));
  return window.pwned === undefined ? found : [...found, "a script of theirs has run"];
}"""
"""Elements that are not ours: with an enemy's mark, made of his Markdown, or leading outside."""

WIDE = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
  .filter((one) => one && one.scrollWidth > one.clientWidth + 1).length"""

HOST = quote(hostile("address"))
STATES = [
    "?run=untoured",
    *(f"?run=toured&step={step}" for step in (2, 3, 4, 5, 6)),
    "graph?graph=demo",
    f"graph?graph={HOST}&entity={HOST}&run={HOST}",
    "graph?graph=demo&entity=joe_biden",
    f"graph?graph=demo&entity={quote(FORMULA)}",
    "graph?run=imported",
    "questions?questions=demo&question=q0",
    f"questions?questions={HOST}&question={HOST}&run={HOST}",
    "teacher?teacher=demo&view=watch&q=q2",
    f"teacher?teacher=demo&view=watch&q=q2&without_fact={HOST}",
    "teacher?teacher=demo&view=report",
    "teacher?view=train",
    "teacher?view=train&run=failed",
    f"teacher?view={HOST}&teacher={HOST}&q={HOST}&run={HOST}",
    "distil",
    "distil?run=running",
    "distil?run=distilled",
    f"distil?run={HOST}",
    "soft_labels?student=demo&q=q2",
    "soft_labels?student=astray",
    "compare?questions=demo",
    "compare?view=curves&runs=failed,running,evaluated",
    *(f"runs?run={run}" for run in ("waiting", "running", "paused", "stopped", "failed", "lost")),
    "runs?run=exported",
    f"runs?run={HOST}",
    "ask?student=demo",
    "ask?student=astray",
    "models?student=demo",
    "models?run=exported",
]
PRESSED = {"graph?graph=demo", "teacher?view=train", "compare?questions=demo"}
ASKED = {"ask?student=demo"}


@pytest.fixture
def enemys_home(tmp_path, monkeypatch):
    """The app on the workspace of the enemy, its answers made up."""
    path = os.pathsep.join([str(TESTS / "hostile"), str(TESTS.parent), str(TESTS)])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "workspace"))
    world.make(tmp_path)


@pytest.fixture
def hostile_url(enemys_home, request):
    return request.getfixturevalue("app_url")


class Look:
    """A browser on the workspace, and what was found in it so far."""

    def __init__(self, watched, url):
        self.watched, self.page, self.url = watched, watched.page, url
        self.found, self.shown = [], 0

    def at(self, state, language):
        """Open a page."""
        joint = "&" if "?" in state else "?"
        self.page.goto(f"{self.url}/{state}{joint}lang={language}")
        self.settle()
        self.note(f"{language} {state}")

    def unfold(self, state):
        """Open what is folded away on the page, and do there what shows more."""
        for button in self.page.get_by_test_id("stPopoverButton").all():
            if not button.is_visible():  # folded away itself
                continue
            button.click()
            self.note(f"{state}, a popover")
            self.page.keyboard.press("Escape")
        if state in PRESSED:
            self.press(state)
        if state in ASKED:
            self.ask(state)

    def press(self, where):
        """Choose whatever can be chosen with a press: views of a graph, ways to a teacher."""
        for button in self.page.get_by_test_id("stMain").get_by_role("radio").all():
            button.click()
            self.settle()
            self.note(f"{where}, {button.inner_text()}")

    def ask(self, where):
        """Put a question to the student."""
        self.page.get_by_test_id("stTextInput").locator("input").first.fill(hostile("typed"))
        self.page.get_by_test_id("stFormSubmitButton").locator("button").first.click()
        self.page.get_by_test_id("path-strip").first.wait_for()
        self.settle()
        self.note(f"{where}, answered")

    def settle(self):
        """Wait until the page has run and shows what it has to show."""
        self.page.get_by_test_id("stMain").get_by_test_id("stHeading").first.wait_for()
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
        self.page.get_by_test_id("stSpinner").wait_for(state="detached")

    def note(self, where):
        self.shown += "[pwned-link](" in self.page.get_by_test_id("stMain").inner_text()
        for element in self.page.evaluate(FOREIGN, [ALONE, OUTSIDE]):
            self.found.append(f"{where}: {element}")
        for address in self.watched.outside:
            self.found.append(f"{where}: {address}")
        self.watched.outside.clear()
        if self.page.evaluate(WIDE):
            self.found.append(f"{where}: the page is wider than its window")
        if self.page.get_by_test_id("stException").count():
            said = self.page.get_by_test_id("stException").first.inner_text()
            self.found.append(f"{where}: {said[:300]}")


def test_nothing_of_theirs_is_loaded_built_or_run(hostile_url, watched):
    look = Look(watched, hostile_url)
    look.page.set_default_timeout(PAGE_MS)
    look.page.goto(hostile_url)
    look.page.get_by_test_id("stSidebarNav").wait_for()
    for state in STATES:
        look.at(state, "zh")
        look.at(state, "en")
        look.unfold(state)
    assert not look.found, "\n".join(look.found)
    assert look.shown > len(STATES), "his text should be there to be read, as text"


def test_a_drawing_that_was_downloaded_is_no_better_place(watched):
    nodes = [{"id": hostile("node"), "label": hostile("label"), "role": "topic"} for _ in range(3)]
    ends = {"source": nodes[0]["id"], "target": nodes[1]["id"]}
    edges = [{**ends, "label": hostile("edge"), "title": hostile("title")}]
    watched.page.set_content(graph_html(nodes, edges))
    watched.page.locator("canvas").first.wait_for()
    assert watched.page.evaluate(FOREIGN, [ALONE, OUTSIDE]) == []
    assert watched.outside == []
