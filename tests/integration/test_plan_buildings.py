"""Operations over the loaded ground: buildings that stay whole, roads to split along, plots and blocks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from tests.integration.planners import Planner, query

pytestmark = pytest.mark.database

WALL = 0.24 / 111_000


@pytest.fixture(scope="module")
def buildings(house):
    """Footprints by id."""
    rows = query(
        house, "SELECT id, ST_AsBinary(geom) AS wkb FROM ground_feature WHERE kind = 'building' ORDER BY id"
    )
    return {row.id: shapely.from_wkb(bytes(row.wkb)) for row in rows}


def inside(cell, buildings):
    """The buildings that lie wholly in a cell."""
    return {number: shape for number, shape in buildings.items() if shapely.contains_properly(cell, shape)}


def apart(some, buildings):
    """Those of some buildings that overlap no other."""
    shapes = list(buildings.values())
    _, of = shapely.STRtree(list(some.values())).query(shapes, predicate="intersects")
    alone = np.bincount(of, minlength=len(some)) == 1
    return {number: shape for (number, shape), is_alone in zip(some.items(), alone, strict=True) if is_alone}


def a_building(plan, buildings):
    """A grid and a building in it."""
    for key, cell in sorted(plan.cells().items()):
        for number, shape in inside(cell, buildings).items():
            return key, cell, number, shape
    raise AssertionError("the demo has buildings")


def through(cell, shape):
    """A line from west to east through the middle of a building and beyond its grid."""
    west, _, east, _ = cell.bounds
    y = shape.centroid.y
    return {"type": "LineString", "coordinates": [[west - 0.001, y], [east + 0.001, y]]}


def cut_by(cells, buildings):
    """The buildings of which two cells have a part: an answer of its own, to hold the other against."""
    cores = shapely.buffer(np.array(list(buildings.values())), -WALL * 1.2, join_style="mitre")
    core, _ = shapely.STRtree(list(cells.values())).query(cores, predicate="intersects")
    numbers = np.array(list(buildings))
    return set(numbers[np.flatnonzero(np.bincount(core, minlength=len(cores)) > 1)].tolist())


def test_no_border_cuts_a_building_unless_it_is_forced_and_then_each_is_named(plan, buildings):
    key, cell, number, shape = a_building(plan, buildings)
    parameters = {"key": key, "lines": through(cell, shape)}
    for dry_run in (True, False):
        refused = plan.do("split", parameters, force=False, dry_run=dry_run)
        assert (refused.status_code, refused.json()["code"]) == (409, "buildings-cut")
    problem = refused.json()
    [named] = [one for one in problem["fields"]["buildings"] if one["id"] == number]
    assert len(named["grids"]) == 2
    assert shapely.covers(shape, shapely.Point(named["place"]))
    assert shapely.covers(shapely.geometry.shape(problem["geometry"]).buffer(0), shape)
    assert plan.revision == 0
    assert cut_by(plan.cells(), buildings) == set()

    answer = plan.done("split", parameters, force=True)
    told = {one["id"]: one for one in answer["cut"]}
    assert number in told
    assert shapely.geometry.shape(told[number]["geometry"]).equals(shape)
    assert set(told[number]["grids"]) <= set(plan.cells())
    assert told.keys() == cut_by(plan.cells(), buildings)
    assert [one["id"] for one in plan.get()["operations"][0]["cut"]] == sorted(told)


def test_undo_heals_a_building_and_redo_names_it_again(plan, buildings):
    key, cell, _, shape = a_building(plan, buildings)
    cut = plan.done("split", {"key": key, "lines": through(cell, shape)})["cut"]
    undone = plan.post("undo", revision=1).json()
    assert undone["cut"] == []
    assert plan.post("redo", revision=2).json()["cut"] == cut


def test_what_draws_no_border_through_a_cut_building_is_not_refused(plan, buildings):
    key, cell, _, shape = a_building(plan, buildings)
    halves = plan.done("split", {"key": key, "lines": through(cell, shape)})["after"]
    assert plan.done("rename", {"key": halves[0]["key"], "name": "半"}, force=False)["cut"] == []
    assert plan.done("merge", {"keys": [one["key"] for one in halves]}, force=False)["cut"] == []


@pytest.mark.slow
def test_a_building_goes_over_with_its_plot_and_no_other(plan, buildings):
    cells = plan.cells()
    taken = 0
    for source, cell in sorted(cells.items()):
        near = apart(inside(cell, buildings), buildings)
        for target in sorted(cells):
            border = shapely.intersection(cell, cells[target])
            if target[:12] != source[:12] or target == source or not border.length or len(near) < 3:
                continue
            number = min(near, key=lambda one, of=border: near[one].distance(of))
            parameters = {"sources": [source], "to": target, "buildings": [number]}
            answer = plan.do("reassign", parameters, force=False, dry_run=True)
            if answer.status_code != 200:
                assert answer.json()["code"] in {"falls-apart", "nothing-left", "sliver"}, answer.text
                continue
            after = {
                one["id"]: shapely.geometry.shape(one["geometry"])
                for one in answer.json()["changed"]["features"]
            }
            assert shapely.covers(after[target], shapely.buffer(near.pop(number), -WALL))
            assert shapely.covers(after[source], shapely.buffer(list(near.values()), -2 * WALL)).all()
            taken += 1
    assert taken > 3


def test_a_building_chosen_from_nowhere_is_not_found(plan):
    source, target = sorted(plan.cells())[:2]
    answer = plan.do("reassign", {"sources": [source], "to": target, "buildings": [10**9]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    nothing = plan.do("reassign", {"sources": [source], "to": target})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "invalid-request")


@pytest.fixture
def road(house, plan):
    """A road through a grid that ends a metre short of its borders, and a river across it."""
    key, cell = min(plan.cells().items())
    middle = cell.representative_point()
    metre = 1 / 111_000

    def short(direction):
        far = shapely.LineString(np.array([(middle.x, middle.y)]) + np.array([-direction, direction]))
        inner = shapely.intersection(far, cell)
        whole = next(one for one in shapely.get_parts(inner) if one.distance(middle) < 1e-9)
        ends = shapely.line_interpolate_point(whole, [metre, whole.length - metre])
        return shapely.LineString(shapely.get_coordinates(ends))

    lines = {"road": short(np.array([0.02, 0.001])), "river": short(np.array([0.001, 0.02]))}
    insert = text(
        "INSERT INTO ground_feature (kind, geom) VALUES (:kind, ST_GeomFromText(:wkt, 4326)) RETURNING id"
    )
    with house.database.write() as uow:
        ids = {
            kind: uow.connection.execute(
                insert,
                {"kind": kind, "wkt": line.wkt},
            ).scalar_one()
            for kind, line in lines.items()
        }
    yield key, ids
    with house.database.write() as uow:
        uow.connection.execute(
            text("DELETE FROM ground_feature WHERE id = ANY(:ids)"), {"ids": list(ids.values())}
        )


def test_a_grid_is_split_along_a_loaded_road_that_ends_short(plan, road):
    key, ids = road
    halves = plan.done("split", {"key": key, "features": [ids["road"]]}, dry_run=True)
    assert len(halves["after"]) == 2
    quarters = plan.done("split", {"key": key, "features": list(ids.values())})
    assert len(quarters["after"]) == 4
    assert shapely.coverage_is_valid(list(plan.cells().values()))
    assert plan.get()["operations"][0]["parameters"]["features"] == list(ids.values())


def test_a_loaded_road_and_a_drawn_line_split_together(plan, road):
    key, ids = road
    _, south, _, north = plan.cells()[key].bounds
    x = plan.cells()[key].representative_point().x + 1e-4
    drawn = {"type": "LineString", "coordinates": [[x, south - 0.001], [x, north + 0.001]]}
    answer = plan.done("split", {"key": key, "features": [ids["road"]], "lines": drawn})
    assert len(answer["after"]) >= 4


def test_only_roads_and_rivers_split(plan, buildings):
    key = min(plan.cells())
    answer = plan.do("split", {"key": key, "features": [min(buildings)]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert plan.do("split", {"key": key}).status_code == 422


def test_a_block_goes_over_whole(plan, road):
    source, _ = road
    cells = plan.cells()
    target = next(
        key
        for key in sorted(cells)
        if key != source
        and key[:12] == source[:12]
        and shapely.intersection(cells[source], cells[key]).length
    )
    border = shapely.intersection(cells[source], cells[target])
    edge = shapely.line_interpolate_point(shapely.line_merge(border), 0.5, normalized=True)
    inner = shapely.shortest_line(edge, cells[source].representative_point()).interpolate(3 / 111_000)
    answer = plan.do("reassign", {"sources": [source], "to": target, "blocks": [[inner.x, inner.y]]})
    assert answer.status_code == 200, answer.text
    handed = shapely.difference(
        cells[source],
        shapely.geometry.shape(
            next(one for one in answer.json()["changed"]["features"] if one["id"] == source)["geometry"]
        ),
    )
    assert handed.covers(inner)
    outside = plan.do("reassign", {"sources": [source], "to": target, "blocks": [[0, 0]]})
    assert (outside.status_code, outside.json()["geometry"]["type"]) == (422, "Point")
    assert Planner(plan.house, plan.token, plan.id).revision == 1
