import numpy as np
import pytest
import shapely
from shapely import LineString

from geo.errors import (
    BadValue,
    BrokenBorders,
    DifferentParents,
    FallsApart,
    LockedGrid,
    NotAdjacent,
    NothingChanges,
    NothingLeft,
    OffBorder,
    OutsideGrids,
    Sliver,
)
from geo.geometry.tiling import Cell, Plane, Tiling, lock, move_border, move_vertex, split
from tests.unit.geo.geometry.tiling.boards import areas, board, households, matches, row


def test_ground_between_path_and_border_changes_hands():
    tiling = row()
    effect = move_border(tiling, "a", ["b"], LineString([(100, 0), (70, 0.0), (70, 100), (100, 100)]))
    after = tiling.after(effect)
    assert areas(after) == {"a": 7000, "b": 13000, "c": 10000}
    assert households(after) == {"a": 70, "b": 230, "c": 300}
    assert matches(after)
    assert set(effect.changes) == {"a", "b"}


def test_a_path_that_weaves_moves_ground_on_both_sides():
    tiling = row()
    after = tiling.after(
        move_border(tiling, "a", ["b"], LineString([(100, 0), (80, 25), (120, 75), (100, 100)]))
    )
    assert areas(after) == {"a": 10000, "b": 10000, "c": 10000}
    assert shapely.area(after["a"].geometry & tiling["b"].geometry) == pytest.approx(500)
    assert shapely.area(after["b"].geometry & tiling["a"].geometry) == pytest.approx(500)
    assert matches(after)


def test_the_sides_can_be_named_either_way():
    path = LineString([(100, 10), (130, 50), (100, 90)])
    one, other = (row().after(move_border(row(), *sides, path)) for sides in [("a", ["b"]), ("b", ["a"])])
    assert areas(one) == areas(other) == {"a": 11200, "b": 8800, "c": 10000}


def test_part_of_a_border_moves_and_the_rest_stays():
    tiling = row()
    after = tiling.after(move_border(tiling, "a", ["b"], LineString([(101, 40), (150, 50), (99, 60)])))
    assert areas(after)["a"] == 10500
    assert matches(after)


def test_of_a_closed_border_the_shorter_way_is_redrawn():
    tiling = row()
    tiling = tiling.after(split(tiling, "b", shapely.box(120, 20, 180, 80), prefix="s"))
    inner = min(("s.1", "s.2"), key=lambda key: tiling[key].geometry.area)
    outer = ({"s.1", "s.2"} - {inner}).pop()
    after = tiling.after(move_border(tiling, inner, [outer], LineString([(120, 40), (110, 50), (120, 60)])))
    assert areas(after)[inner] == 3700
    assert matches(after)


def test_a_border_with_several_cells_moves_in_one_stroke():
    lower, upper = shapely.box(100, 0, 200, 50), shapely.box(100, 50, 200, 100)
    left = shapely.Polygon([(0, 0), (100, 0), (100, 50), (100, 100), (0, 100)])
    tiling = Tiling({"a": Cell(left), "b": Cell(lower), "c": Cell(upper)}, Plane())
    grown = tiling.after(move_border(tiling, "a", ["b", "c"], LineString([(100, 10), (130, 50), (100, 90)])))
    assert areas(grown) == {"a": 11200, "b": 4400, "c": 4400}
    assert matches(grown)
    shrunk = tiling.after(move_border(tiling, "a", ["b", "c"], LineString([(100, 10), (70, 30), (100, 90)])))
    assert areas(shrunk) == {"a": 8800, "b": 6200, "c": 5000}
    assert matches(shrunk)


@pytest.mark.parametrize(
    ("others", "path", "error"),
    [
        (["c"], [(100, 0), (100, 100)], NotAdjacent),
        (["b"], [(97, 0), (50, 50), (100, 100)], OffBorder),
        (["b"], [(100, 20), (150, 20), (150, 50), (100, 20)], OffBorder),
        (["b"], [(100, 0), (100, -50), (150, -50), (150, 50), (100, 90)], OutsideGrids),
        (["b"], [(100, 0), (100, 100)], NothingChanges),
        (["b"], [(100, 0), (0, 0), (0, 100), (100, 100)], NothingLeft),
        (["b"], [(100, 10), (200, 50), (100, 90)], FallsApart),
        (["b"], [(100, 0), (0.3, 0), (0.3, 100), (100, 100)], Sliver),
        (["b"], [(100, 30), (100, 30)], BadValue),
    ],
)
def test_paths_that_make_no_border_are_refused(others, path, error):
    with pytest.raises(error) as caught:
        move_border(row(), "a", others, LineString(path))
    assert caught.value.geometry or error is BadValue


def test_neither_locked_cells_nor_other_parents_take_part():
    path = LineString([(100, 10), (130, 50), (100, 90)])
    with pytest.raises(LockedGrid):
        move_border(row().after(lock(row(), ["b"])), "a", ["b"], path)
    with pytest.raises(DifferentParents):
        move_border(row(parents=("p", "q", "q")), "a", ["b"], path)


def test_all_cells_in_a_vertex_follow_it():
    tiling = board(4)
    corner = shapely.get_coordinates(tiling["000"].geometry)[2]
    after = tiling.after(move_vertex(tiling, corner + 1e-6, corner + np.array([1e-4, 5e-5])))
    assert matches(after)
    assert sum(c.households for c in after.cells.values()) == sum(c.households for c in tiling.cells.values())
    moved = [k for k in tiling.cells if after[k].geometry != tiling[k].geometry]
    assert moved == ["000", "001", "004", "005"]


def test_a_vertex_cannot_be_dragged_across_other_borders_or_off_the_outer_one():
    tiling = board(4)
    shape = shapely.get_coordinates(tiling["000"].geometry)
    with pytest.raises(BrokenBorders):
        move_vertex(tiling, shape[2], shape[2] + [3e-3, 0])
    with pytest.raises(BrokenBorders):
        move_vertex(tiling, shape[0], shape[0] + [1e-4, 1e-4])


def test_a_vertex_has_to_be_there_and_to_move():
    tiling = board(4)
    corner = shapely.get_coordinates(tiling["000"].geometry)[2]
    with pytest.raises(BadValue):
        move_vertex(tiling, corner + 1e-3 / 3, corner)
    with pytest.raises(BadValue):
        move_vertex(tiling, [np.nan, 0], corner)
    with pytest.raises(NothingChanges):
        move_vertex(tiling, corner, corner)
