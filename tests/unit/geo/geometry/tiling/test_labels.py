import pytest
import shapely

from geo.errors import FallsApart, LockedGrid, NotAdjacent, NothingChanges, NothingLeft, OutdatedEffect
from geo.geometry.tiling import Cell, Plane, Tiling, lock, merge, recode, rename, reparent, unlock
from tests.unit.geo.geometry.tiling.boards import board, row


def test_names_and_codes_change_unless_locked():
    tiling = row()
    tiling = tiling.after(rename(tiling, "a", "甲"))
    tiling = tiling.after(recode(tiling, "a", "001"))
    assert (tiling["a"].name, tiling["a"].code) == ("甲", "001")
    locked = tiling.after(lock(tiling, ["a"]))
    for change in (
        lambda: rename(locked, "a", "x"),
        lambda: recode(locked, "a", None),
        lambda: reparent(locked, "a", "q"),
    ):
        with pytest.raises(LockedGrid):
            change()
    assert rename(locked.after(unlock(locked, ["a"])), "a", "x")


def test_what_is_so_already_is_no_operation():
    tiling = row()
    for change in (
        lambda: unlock(tiling, "abc"),
        lambda: rename(tiling, "a", "A"),
        lambda: reparent(tiling, "a", "p"),
    ):
        with pytest.raises(NothingChanges):
            change()


def test_the_borders_of_parents_follow():
    tiling = row(parents=("p", "q", "q"))
    assert tiling.after(reparent(tiling, ["b"], "p"))["b"].parent == "p"


def test_parents_neither_fall_apart_nor_vanish_nor_jump():
    tiling = row(parents=("p", "q", "q"))
    with pytest.raises(NotAdjacent):
        reparent(tiling, ["c"], "p")
    with pytest.raises(NotAdjacent):
        reparent(tiling, ["c"], "unheard-of")
    with pytest.raises(NothingLeft):
        reparent(tiling, ["a"], "q")
    upper = {"p1": shapely.box(0, 0, 9, 9), "p2": shapely.box(9, 0, 18, 9), "p3": shapely.box(18, 0, 27, 9)}
    cells = {key: Cell(shape, "p") for key, shape in upper.items()}
    tiling = Tiling(cells | {"q1": Cell(shapely.box(9, 9, 18, 18), "q")}, Plane())
    with pytest.raises(FallsApart) as caught:
        reparent(tiling, ["p2"], "q")
    assert caught.value.fields == {"grid": "p", "parts": 2, "allowed": 1}


def test_an_effect_fits_the_state_that_it_was_made_on_alone():
    tiling = board(4)
    early, late = rename(tiling, "000", "x"), merge(tiling, ["000", "001"], key="m")
    after = tiling.after(early)
    with pytest.raises(OutdatedEffect) as caught:
        after.after(late)
    assert caught.value.fields == {"grids": ["000"]}
    with pytest.raises(OutdatedEffect):
        tiling.after(early.inverse)
    assert after.after(early.inverse).cells == tiling.cells
