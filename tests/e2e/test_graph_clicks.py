"""A drawing under a real mouse: passing over it takes nothing, and the first press on it counts."""

import pytest
from stand_ins.screens import make_world

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PAGE_MS = 60 * 1000
PLACE_OF = """(id) => {
  const view = Object.values(window.__pathdistill_graph)[0];
  view.root.scrollIntoView({ block: "center" });
  const { x, y } = view.network.canvasToDOM(view.network.getPositions([id])[id]);
  const frame = view.canvas.getBoundingClientRect();
  return [frame.x + x, frame.y + y];
}"""
SCALE = "() => Object.values(window.__pathdistill_graph)[0].network.getScale()"


def test_the_mouse_on_a_drawing(app_url, watched, tmp_path, monkeypatch):
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "workspace"))
    make_world()
    page = watched.page
    page.set_default_timeout(PAGE_MS)
    page.goto(app_url)
    page.get_by_test_id("stSidebarNav").wait_for()
    page.goto(f"{app_url}/graph?graph=demo&entity=joe_biden")
    page.locator('[data-testid="graph-view"][data-ready="true"]').wait_for()

    x, y = page.evaluate(PLACE_OF, "scranton")
    before = page.evaluate(SCALE)
    page.mouse.move(x, y, steps=4)
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.evaluate(SCALE) == before

    page.mouse.click(*page.evaluate(PLACE_OF, "scranton"))
    page.wait_for_url("**entity=scranton**")
