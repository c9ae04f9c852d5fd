"""The workbench without a mouse: by touch on a tablet, and by keys alone."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import shapely
from playwright.sync_api import Error

from tests.browser.bench import Bench, cutting, neighbours, widest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

FOCUS_IS_SEEN = """() => {
  const { outlineStyle, outlineWidth, borderColor } = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
}"""

FOCUSED = """() => {
  const { activeElement: one } = document;
  return one === document.body ? "" : one.dataset.tool ?? (one.id || one.className);
}"""


@pytest.fixture
def tablet(watch: Any, planned_server: str) -> Bench:
    return Bench(watch(1024, 768, at=planned_server, has_touch=True))


CORNER = ".leaflet-marker-pane .marker-icon:not(.cursor-marker)"
"""One of what is being drawn."""


def tap(bench: Bench, place: shapely.Point) -> None:
    bench.page.touchscreen.tap(*bench.on_screen(place))


def double_tap(bench: Bench, end: shapely.Point) -> None:
    """Tap twice at the end of a line, again where a busy machine was slower than a hand is."""
    for _ in range(10):
        tap(bench, end)
        tap(bench, end)
        with suppress(Error):
            bench.page.wait_for_selector(CORNER, state="detached", timeout=2_000)
            return


def take(page: Any, tool: str) -> None:
    """Tap on a tool, and wait until it is at hand: a tap is told later than it was made."""
    page.tap(f"[data-tool={tool}]")
    page.wait_for_selector(f"[data-tool={tool}][aria-pressed=true]")


class Finger:
    """One finger on the glass, as the browser gets it from the screen."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.glass = page.context.new_cdp_session(page)

    def touch(self, kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        self.glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> None:
        self.touch("touchStart", start)
        for n in range(1, steps + 1):
            self.touch("touchMove", tuple(a + (b - a) * n / steps for a, b in zip(start, end, strict=True)))
        self.touch("touchEnd")


def test_a_grid_is_split_by_touch(tablet: Bench) -> None:
    page = tablet.begin("planner", "Tablet").page
    before = tablet.grids()
    ground = before[widest(before)]
    tap(tablet, ground.representative_point())
    page.wait_for_selector("#selection tbody tr")
    take(page, "split")
    start, end = map(shapely.Point, cutting(ground).coords)
    tap(tablet, start)
    page.wait_for_selector(CORNER)
    page.wait_for_timeout(300)  # two taps within 200 ms are a double tap to Leaflet, wherever they are
    double_tap(tablet, end)
    tablet.pending()
    tablet.photograph("tablet-en")
    tablet.then(lambda: page.tap("#accept"))
    after = tablet.grids()
    assert len(after) == len(before) + 1
    assert shapely.coverage_is_valid(list(after.values()))
    assert tablet.watched.complaints == []


def test_a_corner_is_dragged_by_touch(tablet: Bench) -> None:
    page = tablet.begin("planner", "Tablet corner").page
    before = tablet.grids()
    one, _, border = neighbours(tablet.features())
    tap(tablet, one.representative_point())
    page.wait_for_selector("#selection tbody tr")
    take(page, "vertex")
    x, y = tablet.on_screen(shapely.Point(border.coords[len(border.coords) // 2]))
    Finger(page).drag((x, y), (x + 14, y + 10))
    tablet.pending()
    tablet.then(lambda: page.tap("#accept"))
    after = tablet.grids()
    changed = [key for key in before if shapely.symmetric_difference(before[key], after[key]).area > 1e-12]
    assert len(changed) >= 2
    assert shapely.coverage_is_valid(list(after.values()))


def test_a_brush_is_a_finger(tablet: Bench) -> None:
    page = tablet.begin("planner", "Tablet brush").page
    before = tablet.grids()
    one, other, border = neighbours(tablet.features())
    middle = border.interpolate(0.5, normalized=True)
    place = shapely.line_interpolate_point(
        shapely.shortest_line(middle, other.centroid), 0.2, normalized=True
    )
    tap(tablet, one.representative_point())
    page.wait_for_selector("#selection tbody tr")
    take(page, "blocks")
    x, y = tablet.on_screen(place)
    Finger(page).drag((x, y), (x + 4, y), steps=3)
    tablet.pending()
    assert page.evaluate("document.scrollingElement.scrollTop") == 0
    tablet.then(lambda: page.tap("#accept"))
    to = next(key for key, cell in before.items() if cell == one)
    assert tablet.grids()[to].covers(place)


def test_several_grids_are_selected_by_long_presses(tablet: Bench) -> None:
    page = tablet.begin("planner", "Tablet select").page
    one, other, _ = neighbours(tablet.features())
    tap(tablet, one.representative_point())
    page.wait_for_selector("#selection tbody tr")
    finger = Finger(page)
    finger.touch("touchStart", tablet.on_screen(other.representative_point()))
    page.wait_for_selector("#selection tbody tr:nth-child(2)")
    finger.touch("touchEnd")


def centred(bench: Bench, place: shapely.Point) -> None:
    """Bring a place under the cross by the arrow keys, as near as they go."""
    bench.page.evaluate(
        """async ([lon, lat]) => {
          const { theMap } = await import("/static/js/map.js");
          theMap.setView([lat, lon], theMap.getZoom(), { animate: false });
        }""",
        [place.x, place.y],
    )


def test_a_grid_is_split_by_keys_alone(bench: Bench) -> None:
    page = bench.begin("planner", "Keys").page
    before = bench.grids()
    ground = before[widest(before)]
    line = cutting(ground)
    page.focus(".folium-map")
    page.keyboard.press("ArrowUp")
    assert page.is_visible(".crosshair")
    page.keyboard.press("v")
    centred(bench, ground.representative_point())
    page.keyboard.press("Space")
    assert page.locator("#selection tbody tr").count() == 1
    page.keyboard.press("s")
    for place in line.coords:
        centred(bench, shapely.Point(place))
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    bench.accept()
    assert len(bench.grids()) == len(before) + 1


def test_everything_is_reached_by_tab_and_seen(bench: Bench) -> None:
    page = bench.begin("planner", "Tab").page
    page.focus(".brand")
    wanted = page.locator("#tools button:not(:disabled)").count()
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found and found not in reached:
            assert page.evaluate(FOCUS_IS_SEEN), found
        reached.add(found)
    tools = {
        button.get_attribute("data-tool") for button in page.locator("#tools button:not(:disabled)").all()
    }
    assert len(tools) == wanted
    assert tools <= reached
    assert "tab-selection" in reached
