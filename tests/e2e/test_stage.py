"""The stage in a real browser: stepped through and played by keyboard, and labels stay text."""

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from stand_ins import results
from stand_ins.films import LAST, START
from stand_ins.screens import add_run

from core.frames import write_frame
from core.runs.store.store import RunState
from core.settings import DistillSettings
from core.workspace import Workspace

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TESTS = Path(__file__).parents[1]
PAGE_MS = 90 * 1000
SENDING = """() => {
  window.__sent = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...what) {
    window.__sent += 1;
    return send.apply(this, what);
  };
}"""
"""Counts from here on what goes to the server."""
DRAG = """async (slider) => {
  const took = [];
  for (let step = 0; step < 40; step += 1) {
    slider.value = -1 + step * 0.08;
    const began = performance.now();
    slider.dispatchEvent(new Event("input"));
    took.push(performance.now() - began);
    await new Promise(requestAnimationFrame);
  }
  await new Promise((done) => setTimeout(done, 500));
  return took.sort((a, b) => a - b)[20];
}"""
"""Moves a slider without letting go; gives the median of what a step takes, in milliseconds."""
SEEN = """() => [...document.querySelectorAll(".frame")]
  .map((one) => getComputedStyle(one).opacity).join()"""
"""How much is seen of each frame of an animation."""
MOVED = """(before) =>
  document.querySelector('[data-testid="stMetricValue"]').textContent !== before"""


@pytest.fixture
def stage(made_up, request, watched):
    """Opens a page and gives its stage."""
    url = request.getfixturevalue("app_url")
    page = watched.page
    page.set_default_timeout(PAGE_MS)
    page.goto(url)
    page.get_by_test_id("stSidebarNav").wait_for()

    def opened(address):
        page.goto(f"{url}/{address}")
        page.locator('[data-testid="stage"][data-ready="true"]').wait_for()
        return page.get_by_test_id("stage")

    return opened


def chips(drawing):
    return drawing.locator(".chip:not(.end) .label").all_text_contents()


def test_a_reasoning_is_stepped_through_and_played_by_keyboard(stage, watched):
    drawing = stage("teacher?teacher=demo&view=watch&q=q2")
    page, svg = watched.page, drawing.locator("svg.drawing")
    svg.focus()
    page.keyboard.press("Home")
    drawing.get_by_text("Start", exact=True).wait_for()
    page.get_by_text("The teacher starts at Joe Biden").wait_for()  # the words beside keep step
    page.locator(".chip.relation").first.wait_for(state="detached")
    assert chips(drawing) == ["Joe Biden"]
    page.keyboard.press("ArrowRight")
    drawing.get_by_text("Hop 1 / 2").wait_for()
    page.get_by_text("What message passing changed").wait_for()
    assert "born_in" in drawing.locator(".said").inner_text()
    page.keyboard.press("Space")
    drawing.get_by_text("Hop 2 / 2").wait_for()
    page.get_by_text("The best paths").wait_for()
    assert drawing.locator(".chip.end .label").first.text_content() == "USA +2"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert drawing.locator(".chip.chosen .label").text_content() == "<b>Biden</b… +2"
    page.keyboard.press("Delete")  # what if the teacher could not go there?
    page.get_by_text("The answer becomes Delaware").wait_for()
    assert drawing.locator(".chip.gone .label").first.text_content() == "<b>Biden</b… +2"
    assert drawing.locator(".band.before:not(.still)").count() > 0
    drawing.get_by_role("button", name="Undo: − born_in").click()
    page.get_by_text("The answer becomes Delaware").wait_for(state="detached")
    drawing.get_by_role("button", name="nationality").press("Enter")
    page.get_by_text("Nothing changes").wait_for()
    assert watched.outside == []


def test_labels_of_an_enemy_stay_text(stage):
    drawing = stage("teacher?teacher=demo&view=watch&q=q2")
    assert drawing.locator("b, script, img").count() == 0
    assert "<script>" in drawing.locator(".words span").all_text_contents()
    drawing.locator(".chip.relation").first.hover()
    assert results.HTML_ESCAPE in drawing.locator(".tip").inner_text()


def test_the_drawing_is_saved_as_a_file_of_its_own(stage, watched, tmp_path):
    drawing = stage("teacher?teacher=demo&view=watch&q=q2")
    with watched.page.expect_download() as saved:
        drawing.get_by_role("button", name="Download the drawing as an SVG file").click()
    saved.value.save_as(tmp_path / "path.svg")
    file = (tmp_path / "path.svg").read_text(encoding="utf-8")
    assert file.startswith("<svg") and "born_in" in file and "class=" not in file
    with watched.page.expect_download() as saved:
        drawing.get_by_role("button", name="Download the drawing as a PNG picture").click()
    saved.value.save_as(tmp_path / "path.png")
    picture = (tmp_path / "path.png").read_bytes()
    assert picture[1:4] == b"PNG" and int.from_bytes(picture[16:20], "big") > 1000
    with watched.page.expect_download() as saved:
        drawing.get_by_role("button", name="plays by itself").click()
    saved.value.save_as(tmp_path / "thinking.svg")
    drawing.get_by_text("Hop 2 / 2").wait_for()  # the page is where it was
    film = base64.b64encode((tmp_path / "thinking.svg").read_bytes()).decode()
    watched.page.goto(f"data:image/svg+xml;base64,{film}")  # it plays with no server behind it
    for seen in ("1,0,0", "0,1,0", "0,0,1"):
        watched.page.wait_for_function(f"({SEEN})() === '{seen}'")
    last = watched.page.locator(".frame").last
    assert "Hop 2 / 2" in last.text_content() and "nationality" in last.text_content()


def test_soft_labels_follow_the_hand_and_tell_the_server_nothing_meanwhile(stage, watched):
    drawing = stage("soft_labels?student=demo&q=q2")
    page = watched.page
    page.get_by_text("KL of the choices at T").wait_for()
    heat = drawing.get_by_label("Temperature T")
    band = drawing.locator(".band.teacher").first
    page.evaluate(SENDING)
    before, told = band.get_attribute("d"), drawing.locator(".reveal").text_content()
    halo = drawing.locator(".chip.topic .halo")
    wide = halo.evaluate("one => one.style.strokeWidth")
    assert float(wide.removesuffix("px")) == pytest.approx(2 * 6 * 0.193, abs=0.01)
    pull = drawing.locator(".row .pull").first.get_attribute("title")
    milliseconds = heat.evaluate(DRAG)
    assert band.get_attribute("d") != before
    assert drawing.locator(".reveal").text_content() != told
    assert halo.evaluate("one => one.style.strokeWidth") != wide
    assert drawing.locator(".row .pull").first.get_attribute("title") != pull
    assert page.evaluate("window.__sent") == 0
    assert milliseconds < 50
    doubt = page.get_by_test_id("stMetricValue").first.text_content()
    heat.dispatch_event("change")  # the hand lets go: now the numbers below follow
    page.wait_for_function(MOVED, arg=doubt)
    alpha = drawing.get_by_label("Alpha")
    alpha.evaluate("one => { one.value = 1; one.dispatchEvent(new Event('input')); }")
    assert drawing.locator(".row .pull").first.get_attribute("title") == "0.500"
    alpha.dispatch_event("change")
    page.wait_for_url("**alpha=1.00**")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the address of this view").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "q=q2" in copied and "t=" in copied
    drawing = stage(copied.rsplit("/", 1)[-1])  # as a fresh browser would
    assert drawing.locator(".knobs output").all_text_contents()[1] == "1.00"


def test_a_film_of_a_finished_run_is_scrubbed(stage, watched):
    run = add_run("distill_student", DistillSettings(name="s", teacher="demo"), RunState.SUCCEEDED)
    for frame in (START, replace(LAST, step=30), LAST):
        write_frame(Workspace().root / "runs" / run, frame)
    drawing, page = stage(f"runs?run={run}"), watched.page
    born = drawing.locator(".mark.relation .number.student").first
    drawing.get_by_text("Step 60").wait_for()
    assert born.text_content() == "0.50"
    drawing.get_by_label("Which frame is shown").press("Home")
    drawing.get_by_text("Step 0").wait_for()
    assert born.text_content() == "0.20"
    drawing.locator("svg.plot").click()  # in its middle: another way to a step
    drawing.get_by_text("Step 30").wait_for()
    drawing.locator("svg.drawing").press("Space")
    drawing.get_by_text("Step 60").wait_for()
    page.reload()
    page.locator('[data-testid="stage"][data-ready="true"]').wait_for()
    drawing.get_by_text("Step 60").wait_for()
    assert watched.outside == []
