import numpy as np
import pytest
import shapely
from shapely import LineString

from geo.errors import BadValue, LockedGrid, NotFound, NothingChanges, Sliver
from geo.geometry.tiling import Cell, Dwellings, Plane, Tiling, Tolerances, lock, split
from tests.unit.geo.geometry.tiling.boards import areas, board, households, matches, row


def test_the_pieces_are_numbered_from_west_to_east_and_inherit_parent_and_name():
    after = row()
    after = after.after(split(after, "b", LineString([(130, -5), (130, 105)]), prefix="s"))
    assert areas(after) == {"a": 10000, "c": 10000, "s.1": 3000, "s.2": 7000}
    assert households(after) == {"a": 100, "c": 300, "s.1": 60, "s.2": 140}
    assert {(after[k].parent, after[k].name, after[k].code) for k in ("s.1", "s.2")} == {("p", "B", None)}
    assert matches(after)


def test_neighbours_gain_the_new_vertices_and_nothing_else():
    tiling = row()
    effect = split(tiling, "b", LineString([(50, 40), (250, 60)]), prefix="s")
    assert effect.matched == {"a", "c"}
    assert effect.redivided == {"b", "s.1", "s.2"}
    for key in effect.matched:
        before, after = tiling[key], effect.changes[key].after
        assert shapely.get_num_coordinates(after.geometry) == shapely.get_num_coordinates(before.geometry) + 1
        assert set(before.geometry.exterior.coords) < set(after.geometry.geoms[0].exterior.coords)
        assert (after.households, after.estimated) == (before.households, False)
    assert matches(tiling.after(effect))


def test_without_the_neighbours_vertices_the_borders_would_not_match():
    tiling = row()
    effect = split(tiling, "b", LineString([(50, 40), (250, 60)]), prefix="s")
    pieces = [effect.changes[key].after.geometry for key in ("s.1", "s.2")]
    assert not shapely.coverage_is_valid([tiling["a"].geometry, *pieces])


@pytest.mark.parametrize(("gap_m", "is_cut"), [(0, True), (1.9, True), (2.1, False)])
def test_a_line_that_ends_short_is_taken_on_within_reach(gap_m, is_cut):
    tiling = row(tolerances=Tolerances(reach_m=2))
    line = LineString([(150, gap_m), (150, 50), (150, 100 - gap_m)])
    if is_cut:
        assert areas(tiling.after(split(tiling, "b", line, prefix="s")))["s.1"] == 5000
    else:
        with pytest.raises(NothingChanges):
            split(tiling, "b", line, prefix="s")


def test_reach_is_measured_in_metres_where_cells_are_in_degrees():
    tiling = board(3)
    x_m, y_m = tiling.plane.x_m, tiling.plane.y_m
    shape = tiling["004"].geometry
    middle = np.array(shape.centroid.coords[0])
    for turn in np.linspace(0, np.pi, 7):
        way = np.array([np.cos(turn) / x_m, np.sin(turn) / y_m])
        inner = LineString([middle - 500 * way, middle + 500 * way]) & shape
        ends = np.array(inner.coords)
        short_by_m = [[1.9], [-1.9]] * way
        assert split(tiling, "004", LineString(ends + short_by_m), prefix="s")
        with pytest.raises(NothingChanges):
            split(tiling, "004", LineString(ends + short_by_m * 1.2), prefix="s")


def test_lines_end_at_each_other():
    tiling = row()
    lines = [LineString([(150, -1), (150, 101)]), LineString([(99, 50), (149, 50)])]
    after = tiling.after(split(tiling, "b", lines, prefix="s"))
    assert sorted(areas(after).values()) == [2500, 2500, 5000, 10000, 10000]
    assert matches(after)


def test_a_polygon_inside_leaves_a_ring():
    tiling = row()
    after = tiling.after(split(tiling, "b", shapely.box(120, 20, 160, 60), prefix="s"))
    assert sorted(areas(after).values()) == [1600, 8400, 10000, 10000]
    assert matches(after)


def test_a_polygon_beyond_the_cell_cuts_it_alone():
    tiling = row()
    effect = split(tiling, "b", shapely.box(50, 20, 150, 200), prefix="s")
    assert sorted(effect.changes) == ["a", "b", "s.1", "s.2"]
    assert areas(tiling.after(effect)) == {"a": 10000, "c": 10000, "s.1": 4000, "s.2": 6000}


def test_a_line_near_a_corner_runs_through_it():
    tiling = row()
    after = tiling.after(split(tiling, "b", LineString([(100.0005, -0.0003), (200, 100.0008)]), prefix="s"))
    assert shapely.get_num_coordinates(after.shapes(["s.1", "s.2"])).tolist() == [4, 4]


def test_parts_that_the_line_leaves_whole_go_with_the_nearest_piece():
    island = shapely.box(20, -30, 40, -10)
    tiling = Tiling({"a": Cell(shapely.MultiPolygon([shapely.box(0, 0, 100, 100), island]))}, Plane())
    after = tiling.after(split(tiling, "a", LineString([(50, -1), (50, 101)]), prefix="s"))
    assert areas(after) == {"s.1": 5400, "s.2": 5000}


def test_households_follow_the_dwellings_exactly():
    homes = Dwellings([110, 150, 190, 250], [50, 50, 50, 50], [150, 20, 30, 300])
    tiling = row(dwellings=homes)
    after = tiling.after(split(tiling, "b", LineString([(130, -5), (130, 105)]), prefix="s"))
    assert [(after[k].households, after[k].estimated) for k in ("s.1", "s.2")] == [(150, False), (50, False)]


def test_counts_that_the_dwellings_do_not_bear_out_are_estimates_and_sum_up():
    tiling = row(dwellings=Dwellings([110, 190], [50, 50], [1, 2]))
    after = tiling.after(split(tiling, "b", LineString([(130, -5), (130, 105)]), prefix="s"))
    assert [(after[k].households, after[k].estimated) for k in ("s.1", "s.2")] == [(67, True), (133, True)]


def test_what_nobody_counted_stays_unknown():
    tiling = row(households=(1, None, 3))
    after = tiling.after(split(tiling, "b", LineString([(130, -5), (130, 105)]), prefix="s"))
    assert [after[k].households for k in ("s.1", "s.2")] == [None, None]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (LineString([(500, 0), (500, 100)]), NothingChanges),
        (LineString([(150, 20), (150, 60)]), NothingChanges),
        (LineString([(150, 20), (150, 20)]), BadValue),
        (LineString(), BadValue),
        (shapely.Point(150, 50), BadValue),
        ([], BadValue),
        (LineString([(100.4, -5), (100.4, 105)]), Sliver),
    ],
)
def test_lines_that_do_not_split_are_refused(line, error):
    with pytest.raises(error):
        split(row(), "b", line, prefix="s")


@pytest.mark.parametrize("nowhere", [np.nan, np.inf, -np.inf])
def test_a_line_to_nowhere_is_refused(nowhere):
    with np.errstate(invalid="ignore"):  # GEOS compares what is no number while the line is made
        line = LineString([(150, 20), (150, nowhere)])
    with pytest.raises(BadValue):
        split(row(), "b", line, prefix="s")


def test_a_line_that_crosses_itself_cuts_along_all_of_itself():
    tiling = row()
    loop = LineString([(110, -5), (110, 80), (190, 80), (190, 40), (105, 40), (105, -5)])
    after = tiling.after(split(tiling, "b", loop, prefix="s"))
    assert sum(areas(after).values()) == 30000
    assert matches(after)


def test_only_what_is_there_and_unlocked_can_be_split():
    tiling = row()
    line = LineString([(150, -1), (150, 101)])
    with pytest.raises(NotFound):
        split(tiling, "x", line, prefix="s")
    locked = tiling.after(lock(tiling, ["b"]))
    with pytest.raises(LockedGrid) as caught:
        split(locked, "b", line, prefix="s")
    assert caught.value.fields == {"grids": ["b"]}
    assert caught.value.geometry["type"] == "Polygon"


def test_a_locked_neighbour_gains_vertices_all_the_same():
    tiling = row()
    tiling = tiling.after(lock(tiling, ["a", "c"]))
    after = tiling.after(split(tiling, "b", LineString([(50, 40), (250, 60)]), prefix="s"))
    assert matches(after)
    assert after["a"].locked
