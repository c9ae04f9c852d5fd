"""Backgrounds in shifted datums lie, on the screen, where they belong on the ground."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from api.settings import BaseMap
from geo.geometry.crs import from_storage_xy, reference
from tests.browser.bench import Bench
from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

Places = NDArray[np.float64]

TILE_PX, RADIUS_PX, APART_PX = 256, 5, 140
INK = (255, 0, 255)
PATH = re.compile(r"/(gcj02|bd09|wgs84)/(\d+)/(\d+)/(\d+)\.png")
MOST_PX = {"gcj02": 1.5, "bd09": 3.5, "wgs84": 1.5}
"""How far a disc may lie from its place: what tests/property/test_shift.py tells, and the edges of pixels."""

TILES_ALONE = """async ([lon, lat, zoom]) => {
  const { theMap } = await import("/static/js/map.js");
  for (const [name, pane] of Object.entries(theMap.getPanes())) {
    if (!["mapPane", "tilePane"].includes(name)) pane.style.visibility = "hidden";
  }
  theMap.setView([lat, lon], zoom, { animate: false });
}"""
ALL_LOADED = """() => {
  const tiles = [...document.querySelectorAll("img.leaflet-tile")];
  return tiles.length > 0 && tiles.every((tile) => tile.complete && getComputedStyle(tile).opacity === "1");
}"""
ON_SCREEN = """async (places) => {
  const { theMap } = await import("/static/js/map.js");
  const box = theMap.getContainer().getBoundingClientRect();
  const points = places.map(([lon, lat]) => theMap.latLngToContainerPoint([lat, lon]));
  return points.map(({ x, y }) => [x + box.x, y + box.y]);
}"""


class Marked(BaseHTTPRequestHandler):
    """Gives tiles in some datum: white, with discs at places on the ground."""

    places: Places = np.empty((0, 2))

    def do_GET(self) -> None:
        found = PATH.fullmatch(self.path)
        assert found, self.path
        datum, *numbers = found.groups()
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(tile(self.places, datum, *map(int, numbers)))

    def log_message(self, *_: object) -> None:
        """Stay silent."""


def tile(places: Places, datum: str, zoom: int, column: int, row: int) -> bytes:
    lon, lat = from_storage_xy(*places.T, reference(datum))
    whole = TILE_PX * 2**zoom
    x = (lon / 360 + 0.5) * whole - column * TILE_PX
    y = (0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)) * whole - row * TILE_PX
    image = Image.new("RGB", (TILE_PX, TILE_PX), "white")
    pen = ImageDraw.Draw(image)
    for middle in zip(x.tolist(), y.tolist(), strict=True):
        pen.circle(middle, RADIUS_PX, fill=INK)
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


@pytest.fixture(scope="module")
def tiles() -> Iterator[str]:
    """The address at which marked tiles are served."""
    served = ThreadingHTTPServer(("127.0.0.1", 0), Marked)
    thread = Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture(scope="module")
def tiled_server(planned_url: str, tiles: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The city whose division is changed, with backgrounds in each datum, and one in a wrong datum."""
    named = [("gcj02", "gcj02"), ("wgs84", "wgs84"), ("bd09", "bd09"), ("mistaken", "wgs84")]
    base_maps = tuple(
        BaseMap(
            name=name,
            url=f"{tiles}/{'gcj02' if name == 'mistaken' else name}/{{z}}/{{x}}/{{y}}.png",
            datum=datum,
        )
        for name, datum in named
    )
    with serving(planned_url, tmp_path_factory.mktemp("data"), base_maps) as address:
        yield address


def marked(middle: tuple[float, float], zoom: int) -> Places:
    """Put marks on the tiles, all over the screen and not in line; where they are on the ground."""
    steps = np.arange(-7, 8) * APART_PX
    pixels = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2).astype(float)
    pixels += np.random.default_rng(zoom).uniform(-APART_PX / 4, APART_PX / 4, pixels.shape)
    Marked.places = np.array(middle) + pixels * 360 / TILE_PX / 2**zoom
    return Marked.places


def discs(picture: bytes) -> Places:
    """The middles of the discs on a picture that are seen whole."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), dtype=int)
    rows, columns = np.nonzero(np.abs(pixels - INK).sum(axis=2) < 150)
    left = np.column_stack([columns, rows]) + 0.5
    found = []
    while len(left):
        near = np.hypot(*(left - left[0]).T) <= 3 * RADIUS_PX
        if near.sum() > 0.85 * np.pi * RADIUS_PX**2:
            found.append(left[near].mean(axis=0))
        left = left[~near]
    return np.array(found)


def off_px(page: Any, places: Places) -> Places:
    """How far each disc lies from the place of the nearest mark on the map."""
    page.wait_for_function(ALL_LOADED)
    shown = np.array(page.evaluate(ON_SCREEN, places.tolist()))
    found = discs(page.screenshot())
    assert len(found) > 20
    return np.hypot(*np.moveaxis(found[:, None] - shown[None], -1, 0)).min(axis=1)


def middle_of(bench: Bench) -> tuple[float, float]:
    west, south, east, north = np.array([cell.bounds for cell in bench.grids().values()]).T
    return (west.min() + east.max()) / 2, (south.min() + north.max()) / 2


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "wgs84"])
def test_a_shifted_background_lies_under_what_is_drawn(watch: Any, tiled_server: str, datum: str) -> None:
    bench = Bench(watch(at=tiled_server)).begin("planner", f"Tiles {datum}")
    page, middle = bench.page, middle_of(bench)
    page.click("#tab-layers")
    for zoom in (12, 14, 18):  # not that of the beginning, whose pictures the browser keeps
        page.check("#layers label:has-text('None') [name=base-map]")
        page.evaluate(TILES_ALONE, [*middle, zoom])
        places = marked(middle, zoom)
        page.check(f"#layers label:has-text('{datum}') [name=base-map]")
        assert off_px(page, places).max() < MOST_PX[datum], zoom
    assert bench.watched.complaints == []


def test_without_the_shift_it_would_lie_elsewhere(watch: Any, tiled_server: str) -> None:
    bench = Bench(watch(at=tiled_server)).begin("planner", "Mistaken")
    page, middle = bench.page, middle_of(bench)
    page.click("#tab-layers")
    page.check("#layers label:has-text('None') [name=base-map]")
    page.evaluate(TILES_ALONE, [*middle, 14])
    places = marked(middle, 14)
    page.check("#layers label:has-text('mistaken') [name=base-map]")
    assert np.median(off_px(page, places)) > 10


def test_whoever_moves_on_finds_the_tiles_in_place(watch: Any, tiled_server: str) -> None:
    bench = Bench(watch(at=tiled_server)).begin("planner", "Far away")
    page, (lon, lat) = bench.page, middle_of(bench)
    page.click("#tab-layers")
    page.check("#layers label:has-text('bd09') [name=base-map]")
    page.wait_for_function(ALL_LOADED)
    away = lon + 0.3, lat - 0.2
    places = marked(away, 16)
    with page.expect_response(lambda answer: "/datums/shift?" in answer.url):
        page.evaluate(TILES_ALONE, [*away, 16])
    for _ in range(300):
        if (off := off_px(page, places).max()) < MOST_PX["bd09"]:
            break
        page.wait_for_timeout(100)
    assert off < MOST_PX["bd09"]


def test_what_cannot_be_chosen_is_said(watch: Any, tiled_server: str) -> None:
    bench = Bench(watch(at=tiled_server)).begin("planner", "Said", "zh")
    page = bench.page
    page.click("#tab-layers")
    assert page.locator("#layers [name=base-map]:disabled").count() == 0
    assert "GCJ02，已纠偏" in page.text_content("#layers")
    assert "百度自有分块方案" in page.text_content("#layers")
    page.wait_for_function(ALL_LOADED)
    bench.photograph("backgrounds-zh")


def test_maps_lay_backgrounds_of_any_datum_on_that_of_the_first(watch: Any, tiled_server: str) -> None:
    watched = watch(at=tiled_server)
    watched.become("leader")
    page = watched.open("/maps/issues?lang=en")
    middle = page.evaluate("import('/static/js/map.js').then(({ theMap }) => theMap.getCenter())")
    page.evaluate(TILES_ALONE, [middle["lng"], middle["lat"], 15])
    page.check(".leaflet-control-layers label:has-text('gcj02') input")
    ground = marked((middle["lng"], middle["lat"]), 15)
    on_map = np.column_stack(from_storage_xy(*ground.T, reference("gcj02")))
    for name in ("wgs84", "bd09"):
        page.check(f".leaflet-control-layers label:has-text('{name}') input")
        assert off_px(page, on_map).max() < MOST_PX[name]
    assert (watched.complaints, watched.violations()) == ([], [])
