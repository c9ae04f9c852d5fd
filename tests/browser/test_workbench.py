"""A planner at work: redraws the demo city, has it approved, publishes it, and lookups answer from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

SCREENSHOTS = Path(__file__).parent / "screenshots"
PLACE_ON_SCREEN = """async ([lon, lat]) => {
  const { theMap } = await import("/static/js/map.js");
  const { x, y } = theMap.latLngToContainerPoint([lat, lon]);
  const box = theMap.getContainer().getBoundingClientRect();
  return [x + box.x, y + box.y];
}"""
ASK = "async (path) => (await fetch(path)).json()"


@dataclass
class Bench:
    """The page of a plan, and what its draft looks like."""

    watched: Any

    @property
    def page(self) -> Any:
        return self.watched.page

    @property
    def path(self) -> str:
        return f"/api/v1/plans/{self.page.url.split('?')[0].rsplit('/', 1)[1]}"

    def open(self, username: str, address: str, language: str) -> Bench:
        self.watched.become(username)
        self.page.goto(f"{address.split('?', maxsplit=1)[0]}?lang={language}")
        return self.ready()

    def begin(self, username: str, name: str, language: str = "en") -> Bench:
        self.watched.become(username)
        self.watched.open(f"/workbench?lang={language}")
        self.page.fill("#new-plan [name=name]", name)
        self.page.click("#new-plan button")
        self.page.wait_for_url("**/workbench/*")
        return self.ready()

    def ready(self) -> Bench:
        self.page.wait_for_selector("[data-tool=select][aria-pressed=true]")
        return self

    def ask(self, path: str) -> Any:
        return self.page.evaluate(ASK, path)

    def grids(self) -> dict[str, shapely.Geometry]:
        return {grid["id"]: shape(grid["geometry"]) for grid in self.features()}

    def features(self) -> list[dict[str, Any]]:
        return list(self.ask(f"{self.path}/grids")["features"])

    def click(self, place: shapely.Point) -> None:
        x, y = self.page.evaluate(PLACE_ON_SCREEN, [place.x, place.y])
        self.page.mouse.move(x - 25, y - 25)
        self.page.mouse.move(x, y, steps=5)
        self.page.wait_for_timeout(200)  # as a hand rests: what to snap to is looked for ten times a second
        self.page.mouse.click(x, y)

    def select(self, *grounds: shapely.Geometry) -> None:
        self.page.keyboard.press("v")
        self.click(grounds[0].representative_point())
        self.page.keyboard.down("Shift")
        for ground in grounds[1:]:
            self.click(ground.representative_point())
        self.page.keyboard.up("Shift")

    def draw(self, tool: str, path: shapely.LineString) -> None:
        self.page.keyboard.press(tool)
        for place in path.coords:
            self.click(shapely.Point(place))
        self.page.keyboard.press("Enter")

    def pending(self) -> str:
        self.page.wait_for_selector("#pending:not([hidden])")
        return str(self.page.text_content("#pending"))

    def accept(self) -> None:
        self.pending()
        self.then(lambda: self.page.keyboard.press("Enter"))

    def then(self, act: Callable[[], None]) -> None:
        """Act, and wait until the page shows the next revision."""
        before = self.revision()
        act()
        self.page.wait_for_function(
            "(before) => document.querySelector('#plan-facts').textContent !== before", arg=before
        )

    def unit_soon(self, place: shapely.Point) -> str:
        """The code of the unit grid at a place, as soon as lookups know the newest division."""
        newest = self.ask(self.path)["published_generation_id"]
        path = f"/api/v1/locate?lon={place.x}&lat={place.y}"
        for _ in range(50):
            found = self.ask(path)
            if found["generation"]["id"] == newest:
                break
            self.page.wait_for_timeout(100)
        return str(found["chain"][-1]["code"])

    def revision(self) -> str:
        return str(self.page.text_content("#plan-facts"))

    def step(self, step: str) -> None:
        self.page.click(f"[data-step={step}]")
        self.then(lambda: self.page.click("#step [value=go]"))

    def state(self) -> str:
        return str(self.page.get_attribute("#plan-state", "data-state"))

    def photograph(self, name: str) -> None:
        self.page.screenshot(path=SCREENSHOTS / f"workbench-{name}.png")


@pytest.fixture
def bench(watch: Any, planned_server: str) -> Bench:
    return Bench(watch(at=planned_server))


def cutting(ground: shapely.Geometry) -> shapely.LineString:
    """A line from south to north across a grid, a little off its middle."""
    west, south, east, north = ground.bounds
    inside = ground.representative_point().y
    across = shapely.intersection(ground, shapely.LineString([(west, inside), (east, inside)]))
    x, beyond = across.interpolate(0.45, normalized=True).x, 0.02 * (north - south)
    return shapely.LineString([(x, south - beyond), (x, north + beyond)])


def widest(grids: dict[str, shapely.Geometry]) -> str:
    return max(grids, key=lambda key: grids[key].area)


def neighbours(features: list[dict[str, Any]]) -> tuple[shapely.Geometry, ...]:
    """Two grids of one parent with the longest border in common, and that border."""
    parents = {grid["id"]: grid["properties"]["parent"] for grid in features}
    grids = {grid["id"]: shape(grid["geometry"]) for grid in features}
    pairs = [(one, other) for one, other in combinations(grids, 2) if parents[one] == parents[other]]
    borders = {
        pair: shapely.line_merge(shapely.intersection(grids[pair[0]].boundary, grids[pair[1]].boundary))
        for pair in pairs
    }
    lines = {pair: border for pair, border in borders.items() if border.geom_type == "LineString"}
    one, other = max(lines, key=lambda pair: lines[pair].length)
    return grids[one], grids[other], lines[one, other]


def bent(border: shapely.LineString, into: shapely.Geometry) -> shapely.LineString:
    """A path between two points of a border that makes a way round through one of its sides."""
    start, middle, end = (border.interpolate(share, normalized=True) for share in (0.2, 0.5, 0.8))
    aside = shapely.LineString([middle, into.centroid]).interpolate(0.4, normalized=True)
    return shapely.LineString([start, aside, end])


def split_the_widest(bench: Bench) -> list[str]:
    """Split a grid by a line, with a look at what is to come; the keys of its parts."""
    before = bench.grids()
    ground = before[widest(before)]
    bench.select(ground)
    bench.draw("s", cutting(ground))
    assert "Change to be accepted" in bench.pending()
    assert bench.page.evaluate("document.activeElement.id") == "accept"
    bench.photograph("pending-en")
    assert bench.grids() == before
    bench.accept()
    return sorted(bench.grids().keys() - before.keys())


def bend_a_border(bench: Bench) -> dict[str, shapely.Geometry]:
    """Redraw the border of two grids; all grids as they are then."""
    one, other, border = neighbours(bench.features())
    bench.select(one, other)
    bench.draw("b", bent(border, one))
    bench.accept()
    return bench.grids()


def merge_and_undo(bench: Bench, keys: list[str]) -> None:
    """Merge grids, undo that and the step before, and do that one again."""
    grids = bench.grids()
    bench.select(*(grids[key] for key in keys))
    bench.page.keyboard.press("m")
    bench.accept()
    assert len(bench.grids()) == len(grids) - 1
    for keystroke in ("Control+z", "Control+z", "Control+y"):
        bench.then(lambda: bench.page.keyboard.press(keystroke))  # noqa: B023  # pressed at once
    assert bench.grids() == grids


def look_around(bench: Bench) -> None:
    """Open each part of the panel."""
    bench.page.click("#tab-operations")
    assert bench.page.locator(".operations .undone").count() == 1
    bench.page.click("#tab-checks")
    bench.page.wait_for_selector("#checks .notice:not(.wrong)")
    bench.page.fill("#checks [name=high]", "300")
    bench.page.press("#checks [name=high]", "Enter")
    bench.page.wait_for_selector("#checks summary:has-text('Households out of range')")
    bench.photograph("checks-en")
    bench.page.click("#tab-comparison")
    bench.page.wait_for_selector("#comparison table")
    bench.photograph("comparison-en")


def test_from_draft_to_lookup(watch: Any, bench: Bench, planned_server: str) -> None:
    bench.begin("planner", "Autumn redivision")
    before = bench.grids()
    halves = split_the_widest(bench)
    moved = bend_a_border(bench)
    merge_and_undo(bench, halves)
    look_around(bench)
    bench.step("submit")
    assert bench.page.is_disabled("[data-tool=split]")

    leader = Bench(watch(at=planned_server)).open("leader", bench.page.url, "zh")
    leader.photograph("submitted-zh")
    leader.step("approve")
    bench.open("planner", bench.page.url, "en").step("publish")
    assert bench.state() == "published"

    here = moved[halves[0]].representative_point()
    assert bench.unit_soon(here) not in before
    for page in (bench.watched, leader.watched):
        assert (page.outside, page.violations(), page.complaints, page.ran()) == ([], [], [], None)


def test_a_change_can_be_rejected(bench: Bench) -> None:
    bench.begin("planner", "Thought better of it")
    grids = bench.grids()
    bench.select(grids[widest(grids)])
    bench.draw("s", cutting(grids[widest(grids)]))
    bench.pending()
    bench.page.keyboard.press("Escape")
    bench.page.wait_for_selector("#pending", state="hidden")
    assert bench.grids() == grids
    assert bench.watched.complaints == []


def test_what_is_refused_is_told_and_shown(bench: Bench) -> None:
    page = bench.begin("planner", "Across a border").page
    grids = bench.grids()
    bench.select(grids[widest(grids)])
    page.keyboard.press("l")
    bench.accept()
    bench.draw("s", cutting(grids[widest(grids)]))
    page.wait_for_selector("#alert:not(:empty)")
    assert "locked" in page.text_content("#alert")
    assert page.is_hidden("#pending")


def test_what_another_planner_does_is_seen(watch: Any, bench: Bench, planned_server: str) -> None:
    page = bench.begin("planner", "Two at once").page
    other = Bench(watch(at=planned_server)).open("admin", page.url, "en")
    grids = bench.grids()
    other.select(grids[widest(grids)])
    other.page.keyboard.press("l")
    other.accept()
    page.wait_for_function("document.querySelector('#hint').textContent.includes('admin')", timeout=10_000)
    assert "revision 1" in bench.revision()


def test_who_comes_too_late_may_choose(watch: Any, bench: Bench, planned_server: str) -> None:
    bench.watched.page.route("**/events", lambda route: route.abort())
    page = bench.begin("planner", "Too late").page
    other = Bench(watch(at=planned_server)).open("admin", page.url, "en")
    grids = bench.grids()
    ground = grids[widest(grids)]
    for one, name in ((other, "First"), (bench, "Second")):
        one.select(ground)
        one.page.fill("#selection [name=name]", name)
        one.page.click("#selection form button")
        if one is other:
            one.accept()
    page.wait_for_selector("#stale[open]")
    page.click("#stale [value=rebase]")
    assert "Second" in bench.pending()
    bench.accept()
    assert "revision 2" in bench.revision()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_tool_has_its_key(bench: Bench, language: str) -> None:
    page = bench.begin("planner", "方案", language).page
    page.keyboard.press("?")
    assert page.is_visible("#sheet")
    assert page.locator("#shortcuts dt").count() == page.locator("button[aria-keyshortcuts]").count()
    bench.photograph(f"keys-{language}")
    page.keyboard.press("Escape")
    assert page.is_hidden("#sheet")
    for button in page.locator("[data-tool][aria-pressed]").all():
        page.keyboard.press(button.get_attribute("aria-keyshortcuts").lower())
        assert button.get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", [(1440, 900), (1024, 768), (390, 844)], ids=["desk", "tablet", "phone"])
def test_the_page_fits(watch: Any, planned_server: str, screen: tuple[int, int], language: str) -> None:
    bench = Bench(watch(*screen, at=planned_server)).begin("planner", "Fit", language)
    bench.page.wait_for_timeout(600)
    bench.photograph(f"{screen[0]}-{language}")
    assert bench.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    bench.watched.open("/workbench")
    bench.page.wait_for_selector("#plans tbody tr")
    bench.photograph(f"plans-{screen[0]}-{language}")
    assert bench.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert bench.watched.complaints == []
