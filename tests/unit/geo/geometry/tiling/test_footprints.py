"""Which buildings a new border cuts."""

import numpy as np
import pytest
import shapely

from geo.geometry import tiling as t
from tests.unit.geo.geometry.tiling.boards import DEGREES, board, row

WALL_M = 0.24


def cut(tiling, effect, footprints, wall_m=WALL_M):
    before, after = (
        np.array([cell.geometry for cell in cells.values()]) for cells in (effect.before, effect.after)
    )
    borders = t.new_borders(before, after, noise=tiling.snap["noise"])
    cells = {key: cell.geometry for key, cell in effect.after.items()}
    found = t.cut_buildings(footprints, borders, cells, plane=tiling.plane, wall_m=wall_m)
    return {one.footprint.id: one.cells for one in found}


def houses(*boxes):
    return [t.Footprint(i, f"{i}号", shapely.box(*box)) for i, box in enumerate(boxes)]


def test_a_border_cuts_what_it_runs_through_and_nothing_beside_it():
    tiling = row()
    effect = t.split(tiling, "a", shapely.LineString([(50, -1), (50, 101)]), prefix="n")
    found = cut(
        tiling, effect, houses((45, 10, 55, 20), (60, 10, 70, 20), (50, 40, 60, 50), (95, 10, 105, 20))
    )
    assert found == {0: ("n.1", "n.2")}


@pytest.mark.parametrize(("inside_m", "is_cut"), [(0.2, False), (0.3, True)])
def test_a_border_in_the_wall_cuts_nothing(inside_m, is_cut):
    tiling = row()
    effect = t.split(tiling, "a", shapely.LineString([(50, -1), (50, 101)]), prefix="n")
    assert bool(cut(tiling, effect, houses((50 - inside_m, 10, 60, 20)))) == is_cut


def test_a_building_that_an_old_border_cuts_is_no_concern_of_a_new_one():
    tiling = board(4, 1)
    key, other = "004", "005"
    border = shapely.intersection(tiling[key].geometry, tiling[other].geometry)
    middle = np.array(
        shapely.line_interpolate_point(shapely.line_merge(border), 0.5, normalized=True).coords[0]
    )
    house = shapely.box(*(middle - 1e-4), *(middle + 1e-4))
    joined = t.merge(tiling, [key, other], key="m")
    assert cut(tiling, joined, [t.Footprint(1, None, house)]) == {}
    far = t.split(tiling, "015", shapely.boundary(tiling["015"].geometry.centroid.buffer(1e-4)), prefix="n")
    assert cut(tiling, far, [t.Footprint(1, None, house)]) == {}


def test_a_vertex_put_on_an_edge_makes_no_new_border():
    tiling = board(4, 2)
    line = shapely.LineString(
        [shapely.centroid(tiling["004"].geometry), shapely.centroid(tiling["005"].geometry)]
    )
    drawn = shapely.buffer(line, 10 / DEGREES.x_m)
    effect = t.reassign(tiling, ["004"], "005", drawn)
    before, after = (
        np.array([cell.geometry for cell in cells.values()]) for cells in (effect.before, effect.after)
    )
    borders = t.new_borders(before, after, noise=tiling.snap["noise"])
    old = shapely.union_all(shapely.boundary(before))
    assert shapely.length(borders) > 0
    assert shapely.length(shapely.intersection(borders, shapely.buffer(old, 1e-9))) < 1e-8
    assert shapely.covers(shapely.buffer(drawn, 1e-9), borders)


def test_of_a_building_in_two_parts_a_border_between_them_cuts_nothing():
    tiling = row()
    parts = shapely.union_all([shapely.box(40, 10, 48, 20), shapely.box(52, 10, 60, 20)])
    effect = t.split(tiling, "a", shapely.LineString([(50, -1), (50, 101)]), prefix="n")
    assert cut(tiling, effect, [t.Footprint(1, None, parts)]) == {}


def test_buildings_that_several_cells_divide_are_found_in_a_whole_division():
    tiling = row()
    cells = {key: cell.geometry for key, cell in tiling.cells.items()}
    found = t.divided_buildings(
        houses((95, 10, 105, 20), (40, 10, 60, 20), (100, 40, 110, 50)),
        cells,
        plane=tiling.plane,
        wall_m=WALL_M,
    )
    assert [(one.footprint.id, one.cells, one.place) for one in found] == [(0, ("a", "b"), (100, 15))]
    assert t.divided_buildings([], cells, plane=tiling.plane, wall_m=WALL_M) == ()
