import pytest
import shapely
from shapely import LineString

from geo.errors import DifferentParents, LockedGrid, NotAdjacent, NotFound, NothingChanges
from geo.geometry.tiling import Cell, Plane, Tiling, lock, merge, split
from tests.unit.geo.geometry.tiling.boards import areas, board, households, matches, row


def test_the_merged_cell_has_all_the_ground_and_all_the_households():
    tiling = row()
    after = tiling.after(merge(tiling, ["a", "b"], key="m", name="M"))
    assert areas(after) == {"c": 10000, "m": 20000}
    assert households(after) == {"c": 300, "m": 300}
    assert (after["m"].parent, after["m"].name, after["m"].code, after["m"].estimated) == (
        "p",
        "M",
        None,
        False,
    )
    assert matches(after)


def test_neighbours_stay_as_they_are():
    tiling = board(4)
    assert set(merge(tiling, ["004", "005"], key="m").changes) == {"004", "005", "m"}


def test_split_then_merge_gives_the_ground_back_with_harmless_vertices():
    tiling = board(3)
    line = LineString(shapely.get_coordinates(shapely.centroid(tiling.shapes(["003", "004", "005"]))))
    after = tiling.after(split(tiling, "004", line, prefix="s"))
    again = after.after(merge(after, ["s.1", "s.2"], key="m"))
    before, now = tiling["004"], again["m"]
    assert shapely.area(before.geometry ^ now.geometry) < 1e-9 * before.geometry.area
    assert shapely.get_num_coordinates(now.geometry) == shapely.get_num_coordinates(before.geometry) + 2
    assert (now.households, now.population) == (before.households, before.population)
    assert matches(again)


def test_cells_that_only_touch_in_a_point_or_not_at_all_are_refused():
    with pytest.raises(NotAdjacent):
        merge(row(), ["a", "c"], key="m")
    with pytest.raises(NotAdjacent):
        merge(board(4), ["000", "005"], key="m")


def test_parts_apart_stay_apart():
    apart = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(50, 0, 60, 10)])
    tiling = Tiling({"a": Cell(apart), "b": Cell(shapely.box(10, 0, 20, 10))}, Plane())
    assert areas(tiling.after(merge(tiling, ["a", "b"], key="m"))) == {"m": 300}


def test_other_refusals():
    tiling = row(parents=("p", "q", "q"))
    with pytest.raises(DifferentParents) as caught:
        merge(tiling, ["a", "b"], key="m")
    assert caught.value.fields == {"grids": ["a", "b"], "parents": ["p", "q"]}
    with pytest.raises(NothingChanges):
        merge(tiling, ["b", "b"], key="m")
    with pytest.raises(NotFound):
        merge(tiling, ["b", "x"], key="m")
    with pytest.raises(LockedGrid):
        merge(tiling.after(lock(tiling, ["c"])), ["b", "c"], key="m")


def test_known_counts_outlast_unknown_ones():
    tiling = row(households=(100, None, None))
    assert tiling.after(merge(tiling, ["a", "b"], key="m"))["m"].households == 100
    assert tiling.after(merge(tiling, ["b", "c"], key="m"))["m"].households is None
