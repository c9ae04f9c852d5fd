import pytest
import shapely
from shapely import LineString, box

from geo.errors import (
    DifferentParents,
    FallsApart,
    InvalidGeometry,
    LockedGrid,
    NothingChanges,
    NothingLeft,
)
from geo.geometry.tiling import Cell, Plane, Tiling, draw, lock, reassign
from tests.unit.geo.geometry.tiling.boards import areas, board, households, matches, row

BOW_TIE = shapely.Polygon([(0, 0), (50, 50), (50, 0), (0, 50)])


def test_ground_in_the_area_goes_over_from_the_sources_alone():
    tiling = row()
    after = tiling.after(reassign(tiling, ["b"], "a", box(50, 20, 150, 70)))
    assert areas(after) == {"a": 12500, "b": 7500, "c": 10000}


def test_several_sources_give_at_once():
    tiling = row()
    after = tiling.after(reassign(tiling, ["a", "c"], "b", box(80, 20, 220, 70)))
    assert areas(after) == {"a": 9000, "b": 12000, "c": 9000}
    assert households(after) == {"a": 90, "b": 240, "c": 270}
    assert matches(after)


def test_blocks_go_over_together():
    tiling = row()
    blocks = [box(200, 0, 220, 30), box(210, 20, 240, 50), box(200, 60, 210, 70)]
    after = tiling.after(reassign(tiling, ["c"], "b", blocks))
    assert areas(after)["b"] == 10000 + 600 + 900 - 100 + 100
    assert matches(after)


def test_a_nick_narrower_than_a_sliver_stays_where_it_is():
    tiling = row()
    after = tiling.after(reassign(tiling, ["a", "c"], "b", box(80, 20, 200.2, 70)))
    assert areas(after) == {"a": 9000, "b": 11000, "c": 10000}
    assert matches(after)


@pytest.mark.parametrize(
    ("area", "error"),
    [
        (box(120, 20, 180, 80), FallsApart),
        (box(110, 0, 190, 100), FallsApart),
        (box(90, -10, 210, 110), NothingLeft),
        (box(0, 0, 90, 90), NothingChanges),
        (box(5000, 0, 5090, 90), NothingChanges),
        (BOW_TIE, InvalidGeometry),
        (LineString([(0, 0), (1, 1)]), InvalidGeometry),
        (shapely.Polygon(), InvalidGeometry),
    ],
)
def test_areas_that_fit_nobody_are_refused(area, error):
    with pytest.raises(error):
        reassign(row(), ["b"], "a", area)


def test_a_drawn_cell_takes_from_all_that_it_covers():
    tiling = row()
    after = tiling.after(draw(tiling, "d", box(50, 40, 250, 160), parent="p", name="D"))
    assert areas(after) == {"a": 7000, "b": 4000, "c": 7000, "d": 12000}
    assert households(after) == {"a": 70, "b": 80, "c": 210, "d": 240}
    assert matches(after)


def test_only_the_givers_give():
    tiling = row()
    after = tiling.after(draw(tiling, "d", box(50, 40, 250, 160), parent="p", givers=["b"]))
    assert areas(after) == {"a": 10000, "b": 4000, "c": 10000, "d": 6000}
    assert matches(after)


def test_locked_cells_and_those_of_other_parents_do_not_give():
    tiling = row(parents=("p", "p", "q"))
    tiling = tiling.after(lock(tiling, ["a"]))
    polygon = box(50, 40, 250, 160)
    after = tiling.after(draw(tiling, "d", polygon, parent="p"))
    assert areas(after) == {"a": 10000, "b": 4000, "c": 10000, "d": 6000}
    assert matches(after)
    with pytest.raises(LockedGrid):
        draw(tiling, "d", polygon, parent="p", givers=["a", "b"])
    with pytest.raises(DifferentParents):
        draw(tiling, "d", polygon, parent="p", givers=["b", "c"])


def test_a_cell_that_is_covered_wholly_is_gone():
    tiling = row()
    after = tiling.after(draw(tiling, "d", box(90, -10, 210, 110), parent="p"))
    assert areas(after) == {"a": 9000, "c": 9000, "d": 12000}
    assert households(after) == {"a": 90, "c": 270, "d": 240}


def test_ground_without_a_cell_is_filled_inside_the_outline_alone():
    tiling = Tiling({"a": Cell(box(0, 0, 100, 100))}, Plane(), outline=box(0, 0, 300, 100))
    after = tiling.after(draw(tiling, "d", box(100, -50, 250, 50), parent=None))
    assert areas(after) == {"a": 10000, "d": 7500}
    assert matches(after)
    alone = tiling.after(draw(tiling, "d", box(150, 10, 250, 50), parent=None))
    assert areas(alone) == {"a": 10000, "d": 4000}


def test_enclosed_ground_counts_without_an_outline():
    ring = box(0, 0, 100, 100) - box(40, 40, 60, 60)
    tiling = Tiling({"a": Cell(ring)}, Plane())
    after = tiling.after(draw(tiling, "d", box(30, 40, 60, 60), parent=None))
    assert areas(after) == {"a": 9400, "d": 600}


@pytest.mark.parametrize(
    ("polygon", "error"),
    [
        (box(5000, 0, 5010, 10), NothingChanges),
        (box(0, 40, 100, 60), FallsApart),
        (BOW_TIE, InvalidGeometry),
    ],
)
def test_polygons_that_make_no_cell_are_refused(polygon, error):
    with pytest.raises(error):
        draw(row(), "d", polygon, parent="p")


def test_a_polygon_in_africa_is_refused():
    with pytest.raises(NothingChanges):
        draw(board(4), "d", box(20, 0, 21, 1), parent="w")
