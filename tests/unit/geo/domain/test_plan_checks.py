"""What is measured of a draft, and checked beside."""

from dataclasses import replace

import pytest
import shapely

from geo.domain.plan_checks import Range, out_of_range, unstaffed
from geo.domain.plan_measures import MEASURES, Result, Subject, missing_results
from geo.domain.plan_operations import OperationKind
from geo.geometry.tiling import Plane, Tiling
from tests.unit.geo.domain.test_plan_drafts import COMMUNITIES, FIRST, SIDE, after, draft, split

SECOND = f"{COMMUNITIES[0]}002"


def measured(one, name):
    return MEASURES[name].compute(Subject(one))


def changed(one, **cells):
    """A draft with some cells other than they are; the keys without their community."""
    mine = {f"{COMMUNITIES[0]}{number[1:]}": cell for number, cell in cells.items()}
    return replace(one, tiling=Tiling({**one.tiling.cells, **mine}, Plane.at(30)))


def test_what_is_torn_is_found():
    start = draft()
    assert measured(start, "partition")["holds"]
    cell = start.tiling[FIRST]
    west, south, east, north = cell.geometry.bounds
    torn = changed(start, _001=replace(cell, geometry=shapely.box(west, south, east + 1e-4, north)))
    found = measured(torn, "partition")
    assert not found["holds"]
    overlap = max(found["overlaps"], key=lambda one: one["area_m2"])
    assert FIRST in overlap["keys"]
    assert overlap["area_m2"] == pytest.approx(1e-4 * SIDE * 96486 * 110852, rel=0.01)
    assert shapely.geometry.shape(overlap["geometry"]).area == pytest.approx(1e-4 * SIDE, rel=0.01)
    assert found["unmatched_edges"]


def test_gaps_and_pieces_are_found_with_their_place():
    start = draft()
    cell = start.tiling[FIRST]
    west, south, east, north = cell.geometry.bounds
    third = (east - west) / 3
    parts = [
        shapely.box(west, south, west + third, north),
        shapely.box(west + 2.2 * third, south, east, north),
    ]
    found = measured(changed(start, _001=replace(cell, geometry=shapely.multipolygons(parts))), "partition")
    [piece] = found["pieces"]
    assert (piece["key"], piece["parts"]) == (FIRST, 2)
    assert shapely.geometry.shape(piece["geometry"]).equals(parts[1])


def test_shapes_are_measured_by_two_measures():
    start = draft()
    assert measured(start, "polsby-popper")[FIRST] == pytest.approx(0.785, abs=0.01)
    assert measured(start, "reock")[FIRST] == pytest.approx(0.637, abs=0.01)
    halves = split(start, FIRST)
    assert measured(halves, "polsby-popper")["7-1.1"] < measured(start, "polsby-popper")[FIRST]


def test_balance_is_that_of_counted_grids():
    start = changed(draft(), _001=replace(draft().tiling[FIRST], households=300))
    found = measured(start, "balance")
    assert (found["ideal"], found["spread"]) == (150, pytest.approx(200 / 150))
    assert found["deviations"][FIRST] == 1
    assert sum(found["deviations"].values()) == pytest.approx(0)
    nobody = {key: replace(cell, households=None) for key, cell in start.tiling.cells.items()}
    nothing = replace(start, tiling=Tiling(nobody, Plane.at(30)))
    assert measured(nothing, "balance") == {"ideal": None, "spread": 0.0, "deviations": {}}


def test_counts_shared_out_by_area_are_estimates():
    assert measured(draft(), "estimated") == {"keys": []}
    assert measured(split(draft(), FIRST), "estimated") == {"keys": ["7-1.1", "7-1.2"]}


def test_a_grid_that_went_to_another_community_crosses_the_old_border():
    assert measured(split(draft(), FIRST), "crossing") == {"grids": []}
    moved = after(draft(), OperationKind.REPARENT, keys=[FIRST], parent=COMMUNITIES[1])
    [crossing] = measured(moved, "crossing")["grids"]
    assert (crossing["key"], crossing["parent"], crossing["other"]) == (FIRST, COMMUNITIES[1], COMMUNITIES[0])
    assert shapely.geometry.shape(crossing["geometry"]).equals(draft().tiling[FIRST].geometry)


def test_a_range_is_that_of_the_parent():
    wanted = {COMMUNITIES[0]: Range(150, None), COMMUNITIES[1]: Range(None, 100)}
    found = out_of_range(draft(), wanted)
    assert [(one.key, one.households) for one in found] == [(FIRST, 100), (SECOND, 100)]
    assert not out_of_range(draft(), dict.fromkeys(COMMUNITIES, Range(None, None)))
    assert set(unstaffed(draft().tiling.cells, [FIRST])) == set(draft().tiling.cells) - {FIRST}


def test_only_what_an_older_version_has_computed_is_computed_anew():
    start, computed = draft(), []

    def counted(one):
        def compute(subject):
            computed.append(one.name)
            return one.compute(subject)

        return replace(one, compute=compute)

    measures = {name: counted(one) for name, one in MEASURES.items()}
    first = missing_results(start, {}, measures)
    assert computed == list(MEASURES)
    computed.clear()
    assert missing_results(start, first, measures) == {}
    newer = {**measures, "reock": replace(measures["reock"], version=2)}
    assert missing_results(start, first, newer) == {"reock": Result(2, first["reock"].value)}
    assert computed == ["reock"]


@pytest.mark.parametrize("name", MEASURES)
def test_each_measure_says_what_it_claims(name):
    assert MEASURES[name].name == name
    assert len(MEASURES[name].about) > 20
    assert MEASURES[name].version >= 1
