"""The tools of the workbench, one by one, as a planner uses them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from tests.browser.bench import Bench, bent, cutting, drag, neighbours, point_at, widest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.network]

EVERYWHERE = "-180,-90,180,90"
ALERT = "#alert:not(:empty)"
TWO_FIGURES = ".following:not([hidden]) tr:nth-child(2)"


def context(bench: Bench, layer: str) -> list[dict[str, Any]]:
    return list(bench.ask(f"/api/v1/context/{layer}?bbox={EVERYWHERE}")["features"])


def siblings(bench: Bench) -> tuple[str, str]:
    """The keys of two grids of one parent with a long border in common."""
    one, other, _ = neighbours(bench.features())
    grids = bench.grids()
    return next(key for key, cell in grids.items() if cell == one), next(
        key for key, cell in grids.items() if cell == other
    )


def halves(cell: shapely.Geometry, road: shapely.Geometry) -> bool:
    """Whether a road parts a grid in two, neither of which is small."""
    parts = shapely.get_parts(shapely.difference(cell, road.buffer(2e-6)))
    return sum(part.area > 0.2 * cell.area for part in parts) == 2


def same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Whether two grids are the same ground, but for vertices that a neighbour has given to one."""
    return bool(shapely.symmetric_difference(one, other).area < 1e-12)


DRAWN = """async (layer) => {
  const { colour, theMap } = await import("/static/js/map.js");
  const isOf = ({ ink }) => [ink?.fill, ink?.line].includes(colour(`ground-${layer}`));
  return Object.values(theMap._layers).some(isOf);
}"""


def shown(bench: Bench, layer: str) -> None:
    """Switch a layer off and on, and wait until it is drawn."""
    bench.page.click("#tab-layers")
    bench.page.uncheck(f"#layers [name={layer}]")
    bench.page.check(f"#layers [name={layer}]")
    bench.page.wait_for_function(DRAWN, arg=layer)


def test_the_figures_of_both_sides_follow_the_pointer(bench: Bench) -> None:
    page = bench.begin("planner", "On the way").page
    one, other, border = neighbours(bench.features())
    start, aside, _ = bent(border, one).coords
    bench.select(one, other)
    page.keyboard.press("b")
    bench.click(shapely.Point(start))
    bench.point(shapely.Point(aside), TWO_FIGURES)
    assert "→" in page.text_content(".following")
    assert "households" in page.text_content(".following")
    assert page.is_hidden("#pending")
    page.keyboard.press("Escape")
    page.wait_for_selector(".following", state="hidden")
    assert bench.revision().endswith("revision 0")
    assert bench.watched.complaints == []


FIGURES = """() => [...document.querySelectorAll(".following tr")].map((row) =>
  [...row.querySelectorAll("td")].map((cell) => cell.textContent))"""
NUMBER = re.compile(r"([0-9,.]+)(\*?)[^0-9]*$")


def followed(bench: Bench) -> list[tuple[float, float, bool]]:
    """Households and hectares of each row beside the pointer, and whether they are guessed."""
    rows = [[NUMBER.search(cell).groups() for cell in row] for row in bench.page.evaluate(FIGURES)]
    return [(*(float(told.replace(",", "")) for told, _ in row), row[1][1] == "*") for row in rows]


@pytest.mark.parametrize("tool", ["b", "s", "r"])
def test_figures_are_guessed_while_the_server_is_slow(bench: Bench, tool: str) -> None:
    page = bench.begin("planner", f"Slow {tool}").page
    one, other, border = neighbours(bench.features())
    _, south, _, north = one.bounds
    x, beyond = cutting(one).coords[0][0], 0.2 * (north - south)  # where no border is near enough to snap to
    path, selected = {
        "b": ([*bent(border, one).coords], [one, other]),
        "s": ([(x, south - beyond), (x, north + beyond)], [one]),
        "r": ([*bent(border, one).coords, *other.representative_point().coords], [other, one]),
    }[tool]
    bench.select(*selected)
    held: list[Any] = []
    page.route("**/figures", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page.keyboard.press(tool)
    for corner in path[:-1]:
        bench.click(shapely.Point(corner))
    bench.point(shapely.Point(path[-1]), TWO_FIGURES)
    guessed = followed(bench)
    assert all(is_guessed for *_, is_guessed in guessed)

    page.route("**/figures", lambda route: route.continue_())
    for route in held:
        route.continue_()
    page.wait_for_function("() => !document.querySelector('.following').textContent.includes('* ha')")
    told = followed(bench)
    assert not any(is_guessed for *_, is_guessed in told)
    assert len(told) == len(guessed)
    for guess, figure in zip(sorted(guessed), sorted(told), strict=True):
        assert guess[0] == pytest.approx(figure[0], rel=0.2, abs=25)
        assert guess[1] == pytest.approx(figure[1], rel=0.05, abs=0.2)
    assert bench.watched.complaints == []


def test_what_is_not_finished_makes_no_complaint(bench: Bench) -> None:
    page = bench.begin("planner", "Unfinished").page
    ground = bench.grids()[widest(bench.grids())]
    bench.select(ground)
    page.keyboard.press("s")
    bench.click(ground.representative_point())
    with page.expect_response(lambda answer: answer.url.endswith("/figures")) as answered:
        x, y = bench.on_screen(ground.representative_point())
        point_at(page, (x + 6, y + 6))
    assert answered.value.json()["refused"]
    assert page.is_hidden(".following")
    assert page.text_content("#alert") == ""
    assert bench.watched.complaints == []


def test_a_tool_that_is_left_at_once_stays_left(bench: Bench) -> None:
    """Another tool, before the one that has drawn a shape is ready for the next."""
    page = bench.begin("planner", "Left").page
    grids = bench.grids()
    west, south, east, north = grids[widest(grids)].bounds
    page.keyboard.press("q")
    for place in ((west, south), (east, south), (east, north)):
        bench.click(shapely.Point(place))
    is_drawing = page.evaluate(
        """async () => {
          const { theMap } = await import("/static/js/map.js");
          theMap.pm.Draw.Polygon._finishShape();
          document.querySelector("[data-tool=select]").click();
          await new Promise((later) => setTimeout(later, 50));
          return theMap.pm.globalDrawModeEnabled();
        }"""
    )
    assert not is_drawing


def test_a_quick_click_lands_where_the_pointer_is(bench: Bench) -> None:
    """A pointer that has snapped to a border, and clicks elsewhere before it was seen to move."""
    page = bench.begin("planner", "Quick").page
    ground = bench.grids()[widest(bench.grids())]
    page.keyboard.press("s")
    corner = bench.on_screen(
        shapely.Point(
            ground.exterior.coords[0] if ground.geom_type == "Polygon" else ground.geoms[0].exterior.coords[0]
        )
    )
    point_at(page, corner)
    wanted = ground.representative_point()
    x, y = bench.on_screen(wanted)
    placed = page.evaluate(
        """async ([x, y]) => {
          const { theMap } = await import("/static/js/map.js");
          let placed = null;
          theMap.pm.Draw.Line._layer.on("pm:vertexadded", ({ latlng }) => (placed = latlng));
          const click = new MouseEvent("click", { bubbles: true, view: window, clientX: x, clientY: y });
          document.elementFromPoint(x, y).dispatchEvent(click);
          return [placed.lng, placed.lat];
        }""",
        [x, y],
    )
    assert bench.on_screen(shapely.Point(placed)) == pytest.approx((x, y), abs=2)


def test_a_corner_is_dragged_and_the_neighbours_follow(bench: Bench) -> None:
    page = bench.begin("planner", "Corner").page
    before = bench.grids()
    one, other, border = neighbours(bench.features())
    bench.select(one)
    page.keyboard.press("x")
    corner = shapely.Point(border.coords[len(border.coords) // 2])
    x, y = bench.on_screen(corner)
    drag(page, (x, y), (x + 12, y + 9), lambda: page.is_visible(".following"))
    assert "→" in bench.pending()
    bench.accept()
    after = bench.grids()
    changed = {key for key in before if not same(after[key], before[key])}
    assert {key for key, cell in before.items() if cell in (one, other)} <= changed
    assert shapely.coverage_is_valid(list(after.values()))


def test_ground_is_handed_over_only_from_the_grid_that_was_named(bench: Bench) -> None:
    page = bench.begin("planner", "Hand over").page
    to, source = siblings(bench)
    before = bench.grids()
    border = shapely.intersection(before[to].boundary, before[source].boundary)
    middle = shapely.line_merge(border).interpolate(0.5, normalized=True)
    patch = shapely.intersection(middle.buffer(0.0006, quad_segs=1), before[source]).envelope
    bench.select(before[to], before[source])
    page.keyboard.press("r")
    for place in patch.exterior.coords:
        bench.click(shapely.Point(place))
    bench.accept()
    after = bench.grids()
    assert after[to].area > before[to].area
    assert {key for key in before if not same(after[key], before[key])} <= {to, source}
    assert after[to].area + after[source].area == pytest.approx(before[to].area + before[source].area)


def test_a_new_grid_asks_which_ones_give(bench: Bench) -> None:
    page = bench.begin("planner", "Draw").page
    before = bench.grids()
    one, other = siblings(bench)
    border = shapely.line_merge(shapely.intersection(before[one].boundary, before[other].boundary))
    square = border.interpolate(0.5, normalized=True).buffer(0.0008, quad_segs=1).envelope
    page.keyboard.press("d")
    for place in square.exterior.coords:
        bench.click(shapely.Point(place))
    page.wait_for_selector("#givers[open]")
    names = page.locator("#givers-list label").all_text_contents()
    assert len(names) >= 2
    for box in page.locator("#givers-list input").all():
        box.set_checked(box.get_attribute("value") == one)
    page.fill("#givers-name", "新设网格")
    bench.photograph("givers-en")
    page.click("#givers [value=go]")
    bench.accept()
    after = bench.features()
    fresh = next(grid for grid in after if grid["properties"]["name"] == "新设网格")
    assert shape(fresh["geometry"]).area < square.area
    assert same(bench.grids()[other], before[other])
    assert not same(bench.grids()[one], before[one])


def test_a_stroke_of_the_brush_hands_buildings_over(bench: Bench) -> None:
    page = bench.begin("planner", "Brush").page
    before = bench.grids()
    to, source = siblings(bench)
    inside = [one for one in context(bench, "building") if before[source].contains(shape(one["geometry"]))]
    near = sorted(inside, key=lambda one: shape(one["geometry"]).distance(before[to]))[:1]
    shown(bench, "building")
    bench.select(before[to])
    page.keyboard.press("p")
    x, y = bench.on_screen(shape(near[0]["geometry"]).centroid)
    with page.expect_request(lambda request: request.url.endswith("/operations")) as asked:
        drag(page, (x - 2, y), (x + 2, y))
    parameters = json.loads(asked.value.post_data)["parameters"]
    assert (parameters["to"], parameters["sources"]) == (to, [source])
    assert near[0]["id"] in parameters["buildings"]
    bench.pending()
    bench.photograph("brush-en")
    bench.accept()
    after = bench.grids()
    painted = [shape(one["geometry"]) for one in inside if one["id"] in parameters["buildings"]]
    assert all(after[to].covers(building.centroid) for building in painted)
    assert bench.watched.complaints == []


def test_a_stroke_over_blocks_hands_the_ground_between_roads_over(bench: Bench) -> None:
    page = bench.begin("planner", "Blocks").page
    before = bench.grids()
    to, source = siblings(bench)
    border = shapely.line_merge(shapely.intersection(before[to].boundary, before[source].boundary))
    inward = shapely.shortest_line(border.interpolate(0.5, normalized=True), before[source].centroid)
    place = inward.interpolate(0.15, normalized=True)
    bench.select(before[to])
    page.keyboard.press("o")
    x, y = bench.on_screen(place)
    drag(page, (x, y), (x + 1, y))
    bench.accept()
    after = bench.grids()
    assert after[to].covers(place)
    assert shapely.coverage_is_valid(list(after.values()))


def test_a_grid_is_split_along_a_road(bench: Bench) -> None:
    page = bench.begin("planner", "Road").page
    before = bench.grids()
    roads = [shape(one["geometry"]) for one in context(bench, "road")]
    key, road = next((key, road) for key, cell in before.items() for road in roads if halves(cell, road))
    shown(bench, "road")
    bench.select(before[key])
    page.keyboard.press("w")
    bench.click(road.intersection(before[key]).interpolate(0.5, normalized=True))
    bench.accept()
    after = bench.grids()
    assert key not in after
    assert len(after) > len(before)


def test_grids_are_selected_by_a_polygon(bench: Bench) -> None:
    page = bench.begin("planner", "Lasso").page
    grids = bench.grids()
    chosen = grids[widest(grids)]
    around = chosen.envelope.buffer(2e-4, join_style="mitre")
    page.keyboard.press("q")
    for place in around.exterior.coords:
        bench.click(shapely.Point(place))
    page.wait_for_selector("#selection tbody tr")
    held = sum(around.contains(cell) for cell in grids.values())
    assert held <= page.locator("#selection tbody tr").count() < len(grids)


def test_keys_lead_to_name_code_and_parent(bench: Bench) -> None:
    page = bench.begin("planner", "Labels").page
    page.keyboard.press("e")
    assert "one grid" in page.text_content("#alert")
    bench.select(bench.grids()[widest(bench.grids())])
    for key, field in (("e", "name"), ("c", "code"), ("t", "parent")):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.name") == field
        page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    page.keyboard.type("山前网格")
    page.keyboard.press("Enter")
    assert "山前网格" in bench.pending()
    bench.accept()
    page.keyboard.press("c")
    page.keyboard.type("990106001009")
    page.keyboard.press("Enter")
    bench.accept()
    properties = [grid["properties"] for grid in bench.features()]
    assert ("山前网格", "990106001009") in {(one["name"], one["code"]) for one in properties}


def test_a_comment_reaches_who_has_the_plan_open(watch: Any, bench: Bench, planned_server: str) -> None:
    page = bench.begin("planner", "Talk").page
    leader = Bench(watch(at=planned_server)).open("leader", page.url, "zh")
    bench.select(bench.grids()[widest(bench.grids())])
    page.keyboard.press("i")
    page.keyboard.type("<b>边界</b>应沿河")
    page.click("#comments form button")
    leader.page.wait_for_selector(".comment-pin")
    leader.page.click("#tab-comments")
    assert "<b>边界</b>应沿河" in leader.page.text_content("#comments .comments")
    leader.photograph("comments-zh")
    leader.page.click("text=标为已解决")
    page.wait_for_selector("#comments .settled")
    assert page.locator(".comment-pin").count() == 0
    assert "leader" in page.text_content("#comments .settled")
    for one in (bench.watched, leader.watched):
        assert (one.complaints, one.violations()) == ([], [])


def test_a_comment_that_was_missed_is_shown_later(watch: Any, bench: Bench, planned_server: str) -> None:
    page = bench.begin("planner", "Missed").page
    away = watch(at=planned_server)
    away.page.route("**/events", lambda route: route.abort())
    leader = Bench(away).open("leader", page.url, "en")
    bench.select(bench.grids()[widest(bench.grids())])
    page.keyboard.press("i")
    page.keyboard.type("Along the river")
    page.click("#comments form button")
    page.wait_for_selector(".comment-pin")
    assert leader.page.locator(".comment-pin").count() == 0
    away.page.unroute("**/events")
    leader.page.wait_for_selector(".comment-pin")


DROP = """async ([name, text]) => {
  const { theMap } = await import("/static/js/map.js");
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], name));
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer });
    theMap.getContainer().dispatchEvent(event);
  }
}"""


def test_a_file_dropped_on_the_map_is_shown_and_not_kept(bench: Bench) -> None:
    page = bench.begin("planner", "Drop").page
    place = bench.grids()[widest(bench.grids())]
    point = place.representative_point()
    features = [
        {"type": "Feature", "geometry": shapely.geometry.mapping(one), "properties": {"name": "<i>n</i>"}}
        for one in (place, point)
    ]
    page.evaluate(DROP, ["规划道路.geojson", json.dumps({"type": "FeatureCollection", "features": features})])
    page.click("#tab-layers")
    page.wait_for_selector("#references li")
    assert "规划道路.geojson" in page.text_content("#references")
    bench.photograph("reference-en")
    page.uncheck("#references input")
    page.click("#references button:has-text('Remove')")
    assert page.locator("#references li").count() == 0
    assert (bench.watched.complaints, bench.watched.violations(), bench.watched.outside) == ([], [], [])


def test_a_file_that_cannot_be_shown_is_told(bench: Bench) -> None:
    page = bench.begin("planner", "No file").page
    page.evaluate(DROP, ["drawing.dwg", "AC1027"])
    page.wait_for_selector(ALERT)
    assert "drawing.dwg" in page.text_content("#alert")
    page.click("#tab-layers")
    page.set_input_files(
        "#reference-file",
        {"name": "p.csv", "mimeType": "text/csv", "buffer": b"name,lon,lat\na,119.9,30.5\n"},
    )
    page.wait_for_selector("#alert:has-text('reference')")
    page.select_option("#layers select", "gcj02")
    page.set_input_files(
        "#reference-file",
        {"name": "p.csv", "mimeType": "text/csv", "buffer": b"name,lon,lat\na,119.9,30.5\n"},
    )
    page.wait_for_selector("#references li")
    assert "GCJ02" in page.text_content("#references")


def test_plans_are_listed_with_their_drawings(bench: Bench) -> None:
    page = bench.begin("planner", "Drawn").page
    ground = bench.grids()[widest(bench.grids())]
    bench.select(ground)
    bench.draw("s", cutting(ground))
    bench.accept()
    bench.watched.open("/workbench?lang=en")
    picture = page.wait_for_selector("#plans tbody tr:first-child img")
    page.wait_for_function("() => document.querySelector('#plans img').naturalWidth > 0")
    svg = page.evaluate("async (address) => (await fetch(address)).text()", picture.get_attribute("src"))
    assert svg.count("<path") == 2
    assert 'd=""' not in svg
    again = page.evaluate(
        """async (address) => {
      const first = await fetch(address, { cache: "no-store" });
      const headers = { "if-none-match": first.headers.get("etag") };
      return (await fetch(address, { cache: "no-store", headers })).status;
    }""",
        picture.get_attribute("src"),
    )
    assert again == 304


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_plan_is_printed_on_a3(bench: Bench, language: str) -> None:
    page = bench.begin("planner", "Printed", language).page
    ground = bench.grids()[widest(bench.grids())]
    bench.select(ground)
    bench.draw("s", cutting(ground))
    bench.accept()
    with page.expect_navigation():
        page.click(".ways-out a[href$=print]")
    page.wait_for_selector("svg.drawing")
    assert page.locator("aside tbody tr").count() == 2
    assert page.locator(".everything tbody tr").count() == len(bench_grids(bench))
    bench.photograph(f"print-{language}")
    sizes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", page.pdf(prefer_css_page_size=True))
    assert {tuple(round(float(points) / 72 * 25.4) for points in size) for size in sizes} == {(420, 297)}
    assert (bench.watched.complaints, bench.watched.violations()) == ([], [])


def bench_grids(bench: Bench) -> list[Any]:
    plan = bench.page.url.split("/workbench/")[1].split("/")[0]
    return list(bench.ask(f"/api/v1/plans/{plan}/grids")["features"])


def test_a_border_through_a_building_is_asked_about(bench: Bench) -> None:
    page = bench.begin("planner", "Cut").page
    before = bench.grids()
    key = widest(before)
    ground = before[key]
    building = next(
        shape(one["geometry"])
        for one in context(bench, "building")
        if ground.contains(shape(one["geometry"]).buffer(2e-4))
    )
    _, south, _, north = ground.bounds
    x = building.centroid.x
    bench.select(ground)
    bench.draw("s", shapely.LineString([(x, south - 1e-4), (x, north + 1e-4)]))
    page.wait_for_selector("#cut[open]")
    assert "1 building" in page.text_content("#cut-told") or "buildings" in page.text_content("#cut-told")
    bench.photograph("cut-en")
    page.click("#cut [value='']")
    assert page.is_hidden("#pending")
    bench.draw("s", shapely.LineString([(x, south - 1e-4), (x, north + 1e-4)]))
    page.click("#cut [value=force]")
    bench.accept()
    assert key not in bench.grids()
    page.click("#tab-checks")
    page.wait_for_selector("#checks summary:has-text('Buildings cut')")
