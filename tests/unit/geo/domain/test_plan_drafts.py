"""The way from one revision of a plan to another, the codes and the division that a draft is published as."""

from datetime import UTC, datetime

import pytest
import shapely

from geo.domain.grids import Level
from geo.domain.plan_divisions import codes_of, division_of
from geo.domain.plan_drafts import Base, Draft, Upper, composed
from geo.domain.plan_operations import OperationKind, perform
from geo.domain.plans import Plan
from geo.geometry.tiling import Cell, Plane, Tiling

COMMUNITIES = ("330106001001", "330106001002")
SIDE = 0.004


def cell(column, row, parent, number):
    west, south = 120 + column * SIDE, 30 + row * SIDE
    ground = shapely.multipolygons([shapely.box(west, south, west + SIDE, south + SIDE)])
    code = f"{parent}{number:03d}"
    return code, Cell(ground, parent, code, code, 100, 250)


def base():
    """Two communities side by side, each of two grids, one above the other."""
    cells = dict(cell(c, r, COMMUNITIES[c], 1 + r) for c in (0, 1) for r in (0, 1))
    street = Upper("330106001", "街", Level.STREET, None, 400, None, {})
    uppers = [Upper(code, code, Level.COMMUNITY, street.code, 200, None, {}) for code in COMMUNITIES]
    tiling = Tiling(cells, Plane.at(30))
    return Base(1, Level.UNIT, tiling, {}, {one.code: one for one in (street, *uppers)})


def draft():
    return Draft.beginning(Plan(7, "x", 1), base())


def after(one, kind, **parameters):
    plan = one.plan
    effect = perform(one.tiling, kind, parameters, new_key=f"{plan.id}-{plan.next_seq}")
    made = {"made_on": plan.revision, "made_by": "ann", "made_at": datetime(2026, 1, 1, tzinfo=UTC)}
    return one.at(plan.with_operation(kind, parameters, effect, **made))


def split(one, key):
    west, south, east, north = one.tiling[key].geometry.bounds
    middle = (west + east) / 2
    line = {"type": "LineString", "coordinates": [[middle, south - 1e-4], [middle, north + 1e-4]]}
    return after(one, OperationKind.SPLIT, key=key, lines=line)


FIRST = "330106001001001"


def test_any_revision_is_reached_from_any_other():
    start = draft()
    one = split(start, FIRST)
    two = after(one, OperationKind.RENAME, key="7-1.1", name="新")
    undone = two.at(two.plan.jump(0)[0])
    assert dict(undone.tiling.cells) == dict(start.tiling.cells)
    other = after(undone, OperationKind.MERGE, keys=[FIRST, "330106001001002"])
    assert two.at(other.plan).tiling.cells == other.tiling.cells
    assert start.at(other.plan).tiling.cells == other.tiling.cells


def test_effects_compose_to_what_they_do_together():
    start = draft()
    two = after(split(start, FIRST), OperationKind.RENAME, key="7-1.1", name="新")
    whole = composed(one.effect for one in two.plan.done)
    assert start.tiling.after(whole).cells == two.tiling.cells
    nothing = composed([whole, whole.inverse])
    assert (nothing.changes, nothing.redivided) == ({}, frozenset())


def test_new_grids_are_numbered_from_west_to_east_after_the_highest_ever_used():
    one = split(split(draft(), FIRST), "330106001001002")
    codes = codes_of(one, used=[*one.base.tiling.cells, "330106001001009"])
    assert {key: codes[key][-3:] for key in ("7-1.1", "7-1.2", "7-2.1", "7-2.2")} == {
        "7-2.1": "010",
        "7-1.1": "011",
        "7-2.2": "012",
        "7-1.2": "013",
    }
    assert codes["330106001002001"] == "330106001002001"


def test_a_grid_that_goes_to_another_parent_is_numbered_there():
    one = after(draft(), OperationKind.REPARENT, keys=[FIRST], parent=COMMUNITIES[1])
    assert codes_of(one, used=one.base.tiling.cells)[FIRST] == f"{COMMUNITIES[1]}003"


def test_a_code_that_was_chosen_is_kept():
    one = after(draft(), OperationKind.RECODE, key=FIRST, code="330106001001077")
    assert codes_of(one, used=one.base.tiling.cells)[FIRST] == "330106001001077"


def test_a_draft_is_published_on_all_levels():
    one = after(draft(), OperationKind.REPARENT, keys=[FIRST], parent=COMMUNITIES[1])
    division = division_of(one, codes_of(one, used=one.base.tiling.cells))
    division.check()
    households = dict(zip(division.codes, division.households, strict=True))
    assert [households[code] for code in ("330106001", *COMMUNITIES)] == [400, 100, 300]
    areas = dict(zip(division.codes, division.areas_m2.tolist(), strict=True))
    leaves = division.areas_m2[division.are_leaves].sum()
    assert areas["330106001"] == pytest.approx(leaves, rel=1e-9)
    assert sum(areas[code] for code in COMMUNITIES) == pytest.approx(leaves, rel=1e-9)
