"""What changes hands between two divisions, and that everything is counted once."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely

from geo.domain.comparisons import Side, SideKind, compare
from geo.geometry.tiling import Cell, Dwellings, Plane, Tiling

SIDE = 0.004
PLANE = Plane.at(30)
CELL_M2 = SIDE**2 * PLANE.x_m * PLANE.y_m


def ground(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    return shapely.box(120 + west * SIDE, 30 + south * SIDE, 120 + east * SIDE, 30 + north * SIDE)


def square(number: int) -> shapely.Geometry:
    column, row = divmod(number, 3)
    return ground(column, row, column + 1, row + 1)


def cell(key: str, shape: shapely.Geometry, households: int | None = 100) -> Cell:
    return Cell(shape, "p", f"网格{key}", key, households, 250)


def tiling(dwellings: Dwellings | None = None, /, **other: Cell | None) -> Tiling:
    """Three columns of three squares, `other` instead of some of them; None leaves one out."""
    cells = {f"k{n}": cell(f"k{n}", square(n)) for n in range(9)} | other
    return Tiling({key: one for key, one in cells.items() if one}, PLANE, dwellings=dwellings)


def moved_border() -> Tiling:
    """A quarter of k0 goes to k3, its neighbour in the east."""
    narrow, wide = ground(0, 0, 0.75, 1), ground(0.75, 0, 2, 1)
    return tiling(k0=cell("k0", narrow, 75), k3=cell("k3", wide, 125))


def test_equal_divisions_have_no_difference():
    found = compare(tiling(), tiling())
    assert (found.changed, found.handed) == ((), ())
    assert len(found.ground) == len(found.around) == 0


def test_a_moved_border_hands_over_what_lies_between():
    found = compare(tiling(), moved_border())
    assert [one.key for one in found.changed] == ["k0", "k3"]
    [piece] = found.handed
    assert (piece.from_key, piece.to_key) == ("k0", "k3")
    assert piece.area_m2 == pytest.approx(CELL_M2 / 4)
    assert piece.households == pytest.approx(25)
    assert piece.ground.equals(ground(0.75, 0, 1, 1))
    assert found.before.households == found.after.households == 900


def test_back_is_the_same_ground_the_other_way():
    there, back = compare(tiling(), moved_border()), compare(moved_border(), tiling())
    assert [(one.from_key, one.to_key) for one in back.handed] == [("k3", "k0")]
    assert back.handed[0].area_m2 == pytest.approx(there.handed[0].area_m2)


def test_households_are_counted_where_they_live():
    lived_in = Dwellings([120 + 0.1 * SIDE, 120 + 0.9 * SIDE], [30 + 0.5 * SIDE] * 2, [90, 10])
    [piece] = compare(tiling(lived_in), moved_border()).handed
    assert piece.households == pytest.approx(10)


def test_neighbours_that_only_gained_vertices_are_unchanged():
    found = compare(tiling(), tiling(k8=cell("k8", shapely.segmentize(square(8), SIDE / 3))))
    assert (found.changed, found.handed) == ((), ())


def test_a_grid_that_only_got_another_key_is_the_same_grid():
    recoded = replace(cell("k4", square(4)), code="n1")
    found = compare(tiling(), tiling(k4=None, n1=recoded))
    assert [(one.key, one.before.code, one.after.code) for one in found.changed] == [("k4", "k4", "n1")]
    assert found.handed == ()


def test_grids_that_came_and_went_are_told_with_their_ground():
    halves = [ground(1, 1, 1.5, 2), ground(1.5, 1, 2, 2)]
    found = compare(tiling(), tiling(k4=None, n1=cell("n1", halves[0], 50), n2=cell("n2", halves[1], 50)))
    assert [one.key for one in found.changed] == ["k4", "n1", "n2"]
    assert {one.key: (one.area_m2_before, one.area_m2_after) for one in found.changed} == {
        "k4": (pytest.approx(CELL_M2), None),
        "n1": (None, pytest.approx(CELL_M2 / 2)),
        "n2": (None, pytest.approx(CELL_M2 / 2)),
    }
    assert sum(one.area_m2 for one in found.handed) == pytest.approx(CELL_M2)
    assert sum(one.households for one in found.handed) == pytest.approx(100)


def test_a_new_name_changes_a_grid_and_hands_nothing_over():
    found = compare(tiling(), tiling(k4=replace(cell("k4", square(4)), name="新名")))
    assert [one.key for one in found.changed] == ["k4"]
    assert found.handed == ()


def test_the_deviation_is_that_from_the_mean_of_its_division():
    found = compare(tiling(), moved_border())
    assert found.after.deviation(found.changed[0].after) == pytest.approx(-0.25)
    assert found.after.deviation(cell("x", square(0), None)) is None
    assert found.after.deviation(None) is None


def test_around_are_the_unchanged_neighbours():
    found = compare(tiling(), tiling(k0=replace(cell("k0", square(0)), name="新名")))
    expected = shapely.union_all([square(n) for n in (1, 3, 4)])
    assert shapely.union_all(found.around).equals(expected)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_redrawn_is_handed_over_exactly_once(seed):
    """Against an obvious count: points, each asked for its grid before and after."""
    cuts = np.sort(np.random.default_rng(seed).uniform(0.1, 2.9, (2, 3)), axis=1)
    rows = [np.concatenate(([0.0], cut, [3.0])) for cut in cuts]
    before, after = (
        Tiling({f"r{n}": cell(f"r{n}", ground(0, a, 3, b)) for n, (a, b) in enumerate(pairs)}, PLANE)
        for pairs in (list(pairwise(row)) for row in rows)
    )
    places = np.random.default_rng(seed).uniform(0, 3, 20_000)
    was, now = (np.searchsorted(row, places) - 1 for row in rows)
    found = compare(before, after)
    moved = sum(one.area_m2 for one in found.handed) / found.before.area_m2
    assert moved == pytest.approx((was != now).mean(), abs=0.02)
    pieces = shapely.union_all([one.ground for one in found.handed])
    assert shapely.area(pieces) == pytest.approx(sum(one.ground.area for one in found.handed))


def test_a_side_is_written_as_it_is_read():
    assert Side.named("plan:7") == Side(SideKind.PLAN, 7)
    assert str(Side(SideKind.GENERATION, 3)) == "generation:3"
