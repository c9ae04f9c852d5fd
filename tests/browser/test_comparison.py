"""A meeting compares: two maps in step, a border between them, the figures, and the files to take along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from shapely.geometry import shape

from tests.browser.bench import drag
from tests.pdfs import Pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

SCREENSHOTS = Path(__file__).parent / "screenshots"
SCREENS = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
BOTH = """
  const { theMap } = await import("/static/js/map.js");
  const { twin } = await import("/static/js/comparison/comparison.js");"""
PIXELS_APART = f"""async () => {{{BOTH}
  if (theMap.getZoom() !== twin.getZoom()) return Infinity;
  return theMap.latLngToContainerPoint(twin.getCenter()).distanceTo(theMap.getSize().divideBy(2));
}}"""
PLACE = f"async () => {{{BOTH} return [theMap.getCenter().lng, theMap.getCenter().lat, theMap.getZoom()]; }}"
COME_IN_STEP = f"async () => (await ({PIXELS_APART})()) <= 1.5"
CLIP = "getComputedStyle(document.getElementById('twin')).clipPath"
SEND = """async ([path, body]) => {
  const { send } = await import("/static/js/ask.js");
  return send(path, body);
}"""


@pytest.fixture
def compare(watch: Callable[..., Any], planned_server: str) -> Callable[..., Any]:
    """Open the comparison of the division in force with a new plan that divides a grid of it."""

    def opened(language: str, view: str = "sides") -> Any:
        watched = watch(**SCREENS["desk"], at=planned_server)
        watched.become("planner")
        page = watched.open("/workbench")
        plan = page.evaluate(SEND, ["/api/v1/plans", {"name": "朝阳社区优化方案"}])
        path = f"/api/v1/plans/{plan['id']}"
        grids = page.evaluate("async (path) => (await fetch(path)).json()", f"{path}/grids")["features"]
        page.evaluate(SEND, [f"{path}/operations", divided(grids[5])])
        sides = f"before=generation:{plan['base_generation_id']}&after=plan:{plan['id']}"
        watched.open(f"/comparison?{sides}&view={view}&lang={language}")
        page.wait_for_selector("#twin .leaflet-overlay-pane canvas")
        return watched

    return opened


def divided(grid: dict[str, Any]) -> dict[str, Any]:
    """What divides a grid from west to east."""
    ground = shape(grid["geometry"])
    west, _, east, _ = ground.bounds
    y = ground.representative_point().y
    line = {"type": "LineString", "coordinates": [[west - 0.001, y], [east + 0.001, y]]}
    return {
        "revision": 0,
        "kind": "split",
        "parameters": {"key": grid["id"], "lines": line},
        "force": True,
    }


def in_step(page: Any) -> bool:
    """Tell whether both maps show the same place, to the pixel."""
    return bool(page.evaluate(PIXELS_APART) <= 1.5)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("view", ["sides", "swipe"])
def test_a_comparison_is_whole(compare: Callable[..., Any], language: str, view: str) -> None:
    watched = compare(language, view)
    page = watched.page
    for screen, size in SCREENS.items():
        page.set_viewport_size(size)
        page.wait_for_load_state("networkidle")
        file = f"comparison-{view}-{language}-{screen}.png"
        page.screenshot(path=SCREENSHOTS / file, full_page=screen == "phone")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.wait_for_function(COME_IN_STEP)  # a map learns of its new size a frame later
    assert page.locator("#grids tbody tr").count() == 3
    assert (watched.outside, watched.violations(), watched.complaints) == ([], [], [])
    assert watched.ran() is None


def test_both_maps_stay_in_step(compare: Callable[..., Any]) -> None:
    page = compare("en").page
    start = page.evaluate(PLACE)
    twin = page.locator("#twin").bounding_box()
    x, y = twin["x"] + twin["width"] / 2, twin["y"] + twin["height"] / 2
    drag(page, (x, y), (x - 80, y - 40))
    assert page.evaluate(PLACE)[:2] != start[:2]
    assert in_step(page)
    page.click(".leaflet-control-zoom-in")
    page.wait_for_function(f"async (zoom) => (await ({PLACE})())[2] === zoom", arg=start[2] + 1)
    assert in_step(page)
    page.focus("#twin")
    moved = page.evaluate(PLACE)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"async (lng) => (await ({PLACE})())[0] < lng", arg=moved[0])
    page.wait_for_function(COME_IN_STEP)


def test_the_border_is_moved_by_keys_and_by_hand(compare: Callable[..., Any]) -> None:
    page = compare("en", "swipe").page
    assert page.evaluate(CLIP) == "inset(0px 0px 0px 50%)"
    page.focus("#swipe")
    for key, share in (("ArrowRight", "52"), ("PageDown", "42"), ("End", "100"), ("Home", "0")):
        page.keyboard.press(key)
        assert page.get_attribute("#swipe", "aria-valuenow") == share
        assert page.evaluate(CLIP) == f"inset(0px 0px 0px {share}%)"
    pair = page.locator("#pair").bounding_box()
    y = pair["y"] + 200
    drag(page, (pair["x"] + 5, y), (pair["x"] + pair["width"] / 4, y))
    assert page.get_attribute("#swipe", "aria-valuenow") == "25"


def test_the_view_stands_in_the_address(compare: Callable[..., Any]) -> None:
    page = compare("zh").page
    page.click("button[data-view=swipe]")
    page.wait_for_url("**view=swipe**")
    assert page.get_attribute("button[data-view=swipe]", "aria-pressed") == "true"
    assert in_step(page)
    assert "view=swipe" in page.get_attribute(".tongue", "href")
    page.reload()
    assert page.get_attribute("#pair", "data-view") == "swipe"
    before, after = (page.input_value(f"select[name={side}]") for side in ("before", "after"))
    with page.expect_navigation():
        page.click("text=对调")
    assert [page.input_value(f"select[name={side}]") for side in ("before", "after")] == [after, before]
    page.select_option("select[name=before]", before)
    page.wait_for_selector(".empty")
    assert "没有差别" in page.text_content(".empty")
    assert page.get_attribute("#pair", "data-view") == "swipe"


def test_a_row_shows_its_grid_on_both_maps(compare: Callable[..., Any]) -> None:
    page = compare("en").page
    start = page.evaluate(PLACE)
    page.click("#grids tbody tr:nth-child(2) button.show")
    assert page.get_attribute("#grids tbody tr:nth-child(2) button.show", "aria-pressed") == "true"
    assert page.evaluate(PLACE) != start
    assert in_step(page)


def test_files_are_taken_along(compare: Callable[..., Any], tmp_path: Path) -> None:
    page = compare("en").page
    page.click("main summary")
    with page.expect_download() as form:
        page.click("text=A3 landscape")
    pdf = Pdf(Path(form.value.path()).read_bytes())
    assert {one.size_mm for one in pdf.pages} == {(420, 297)}
    assert "Comparison of divisions" in pdf.text
    with page.expect_download() as told:
        page.click("text=XLSX")
    told.value.save_as(tmp_path / "told.xlsx")
    book = load_workbook(tmp_path / "told.xlsx")
    assert book.sheetnames == ["As a whole", "What moved", "Grids that changed", "Ground that changed hands"]
    assert book["Ground that changed hands"].max_row >= 4
