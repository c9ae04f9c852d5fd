"""The page of a plan as a planner uses it, and lines to be drawn on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

SCREENSHOTS = Path(__file__).parent / "screenshots"
PLACE_ON_SCREEN = """async ([lon, lat]) => {
  const { theMap } = await import("/static/js/map.js");
  const { x, y } = theMap.latLngToContainerPoint([lat, lon]);
  const box = theMap.getContainer().getBoundingClientRect();
  return [x + box.x, y + box.y];
}"""
POINTED_AT = """() => {
  if (!window.pointedAt) {
    window.pointedAt = [-1, -1];
    const note = ({ clientX, clientY }) => { window.pointedAt = [clientX, clientY]; };
    addEventListener("pointermove", note, true);
  }
  return window.pointedAt;
}"""
"""Where the last move of the pointer came to, of which the page was told since it was asked first."""
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
        self.page.mouse.click(*self.on_screen(place))

    def on_screen(self, place: shapely.Point) -> tuple[float, float]:
        x, y = self.page.evaluate(PLACE_ON_SCREEN, [place.x, place.y])
        return x, y

    def point(self, place: shapely.Point, wanted: str) -> None:
        """Point at a place until the page shows something."""
        point_at(self.page, self.on_screen(place), lambda: self.page.is_visible(wanted))

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
        """What the change that waits tells; a border through a building is meant."""
        self.page.wait_for_selector("#pending:not([hidden]), #cut[open]")
        if self.page.is_visible("#cut"):
            self.page.click("#cut [value=force]")
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

    def unit_soon(self, place: shapely.Point, newest: int) -> str:
        """The code of the unit grid at a place, as soon as lookups know the newest generation."""
        path = f"/api/v1/locate?lon={place.x}&lat={place.y}"
        for _ in range(300):
            found = self.ask(path)
            if found["generation"]["id"] == newest:
                return str(found["chain"][-1]["code"])
            self.page.wait_for_timeout(100)
        raise AssertionError(f"generation {newest} is not known")

    def revision(self) -> str:
        return str(self.page.text_content("#plan-facts"))

    def step(self, step: str) -> None:
        self.page.click(f"[data-step={step}]")
        self.then(lambda: self.page.click("#step [value=go]"))

    def state(self) -> str:
        return str(self.page.get_attribute("#plan-state", "data-state"))

    def photograph(self, name: str) -> None:
        self.page.screenshot(path=SCREENSHOTS / f"workbench-{name}.png")


def point_at(page: Any, place: tuple[float, float], is_seen: Callable[[], bool] = lambda: True) -> None:
    """Point at a place on the screen until the page was told: a move may be lost, but no hand is still."""
    x, y = place
    for moves in range(600):
        page.mouse.move(x, y + moves % 2)  # up and down: a line stays as steep
        if math.dist(page.evaluate(POINTED_AT), place) < 3 and is_seen():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"nothing is seen at {place}")


def drag(
    page: Any,
    start: tuple[float, float],
    end: tuple[float, float],
    is_seen: Callable[[], bool] = lambda: True,
) -> None:
    """Press the mouse at one place on the screen, and let it go at another once the page was told of that."""
    point_at(page, start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    point_at(page, end, is_seen)
    page.mouse.up()


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
