import pytest
import shapely
from shapely import Polygon, box

from geo.errors import LockedGrid, NotAdjacent, NothingChanges
from geo.geometry.partition import check
from geo.geometry.tiling import Cell, Heir, Plane, Tiling, absorb, fill_gap, lock, settle_overlap
from tests.unit.geo.geometry.tiling.boards import areas, matches, row

GAP = Polygon([(100, 10), (110, 30), (110, 70), (100, 90), (95, 50)])
LEFT = Polygon([(0, 0), (100, 0), (100, 10), (95, 50), (100, 90), (100, 100), (0, 100)])
RIGHT = Polygon([(200, 0), (200, 100), (100, 100), (100, 90), (110, 70), (110, 30), (100, 10), (100, 0)])


def gaping(**cells) -> Tiling:
    return Tiling({"a": Cell(LEFT, households=20), "b": Cell(RIGHT, households=10)} | cells, Plane())


@pytest.mark.parametrize(("heir", "key"), [(Heir.LONGEST_BORDER, "b"), (Heir.LEAST_LOADED, "b")])
def test_a_gap_goes_to_the_heir(heir, key):
    tiling = gaping()
    [patch] = check(tiling.shapes("ab"), parent_of=[0, 0], sliver_tolerance_m=0.5).gaps
    after = tiling.after(fill_gap(tiling, patch.ground.polygon, heir=heir))
    assert after[key].geometry.area == tiling[key].geometry.area + GAP.area
    assert matches(after)


def test_the_least_loaded_neighbour_can_have_the_shorter_border():
    tiling = gaping(a=Cell(LEFT, households=5))
    assert areas(tiling.after(fill_gap(tiling, GAP)))["a"] == LEFT.area
    assert areas(tiling.after(fill_gap(tiling, GAP, heir=Heir.LEAST_LOADED)))["a"] == LEFT.area + GAP.area


def test_a_locked_neighbour_does_not_inherit():
    tiling = gaping()
    tiling = tiling.after(lock(tiling, ["b"]))
    assert areas(tiling.after(fill_gap(tiling, GAP)))["a"] == LEFT.area + GAP.area
    with pytest.raises(NotAdjacent):
        fill_gap(tiling.after(lock(tiling, ["a"])), GAP)


def test_ground_that_cells_have_is_no_gap():
    with pytest.raises(NothingChanges):
        fill_gap(row(), box(20, 20, 40, 40))


def test_a_sliver_between_two_cells_is_closed():
    tiling = Tiling({"a": Cell(box(0, 0, 100, 100)), "b": Cell(box(100.02, 0, 200, 100))}, Plane())
    after = tiling.after(fill_gap(tiling, box(100, 0, 100.02, 100)))
    assert matches(after)
    assert sum(areas(after).values()) == 20000


def test_an_overlap_goes_to_one_side_and_the_border_matches():
    tiling = Tiling({"a": Cell(box(0, 0, 100, 100)), "b": Cell(box(90, 20, 200, 80))}, Plane())
    after = tiling.after(settle_overlap(tiling, "b", "a"))
    assert areas(after) == {"a": 9400, "b": 6600}
    assert matches(after)
    with pytest.raises(NothingChanges):
        settle_overlap(after, "a", "b")
    with pytest.raises(LockedGrid):
        settle_overlap(tiling.after(lock(tiling, ["a"])), "b", "a")


def test_one_breach_can_be_mended_while_another_waits():
    cells = {"a": box(0, 0, 100, 100), "b": box(90, 0, 200, 100), "c": box(190, 0, 300, 100)}
    tiling = Tiling({key: Cell(shape) for key, shape in cells.items()}, Plane())
    after = tiling.after(settle_overlap(tiling, "a", "b"))
    assert areas(after) == {"a": 10000, "b": 10000, "c": 11000}
    assert matches(after.after(settle_overlap(after, "b", "c")))


def test_a_part_that_lies_apart_goes_to_the_cell_around_it():
    part = box(120, 40, 130, 50)
    apart = shapely.MultiPolygon([box(0, 0, 100, 100), part])
    tiling = Tiling(
        {"a": Cell(apart, "p", households=101), "b": Cell(box(100, 0, 200, 100) - part, "p")}, Plane()
    )
    after = tiling.after(absorb(tiling, "a", part))
    assert areas(after) == {"a": 10000, "b": 10000}
    assert (after["a"].households, after["b"].households) == (100, 1)
    assert matches(after)


def test_a_cell_that_is_a_sliver_is_gone_when_absorbed():
    thin = {"a": box(0, 0, 100, 100), "t": box(100, 0, 100.2, 100), "b": box(100.2, 0, 200, 100)}
    tiling = Tiling({key: Cell(shape, "p", households=10) for key, shape in thin.items()}, Plane())
    after = tiling.after(absorb(tiling, "t", thin["t"]))
    assert areas(after) == {"a": 10020, "b": 9980}
    assert after["a"].households == 20
    assert matches(after)


def test_nobody_of_another_parent_absorbs():
    tiling = row(parents=("p", "q", "q"))
    with pytest.raises(NotAdjacent):
        absorb(tiling, "a", tiling["a"].geometry)
    with pytest.raises(NothingChanges):
        absorb(tiling, "a", tiling["b"].geometry)
