"""Checking a plan over HTTP: what is found, what is kept, and when it is computed anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import shapely

from geo.domain.actors import OPERATOR
from geo.domain.plan_measures import MEASURES, Result
from geo.services import plan_checks
from geo.services.plan_drafts import Drafts
from tests.integration.planners import across, query

pytestmark = pytest.mark.database


def test_a_sound_plan_holds_and_is_measured(plan):
    found = plan.get("/validation?low=1&high=2")
    grids = plan.grids()
    assert found["holds"]
    assert (found["gaps"], found["overlaps"], found["unmatched_edges"], found["pieces"]) == ([], [], [], [])
    for name in ("compactness", "reock"):
        assert found[name].keys() == grids.keys()
        assert all(0 < value <= 1 for value in found[name].values())
    counted = [one["properties"]["households"] for one in grids.values()]
    assert found["balance"]["ideal"] == pytest.approx(sum(counted) / len(counted))
    assert sum(found["balance"]["deviations"].values()) == pytest.approx(0)
    assert {one["key"] for one in found["households_out_of_range"]} == {
        key for key, one in grids.items() if not 1 <= one["properties"]["households"] <= 2
    }
    assert (found["buildings_cut"], found["crossing"], found["estimated"]) == ([], [], [])
    assert found["measures"] == {name: one.version for name, one in MEASURES.items()}


def test_the_range_of_households_is_that_of_the_rules_in_force(house, plan):
    [row] = query(house, "SELECT document FROM regulation WHERE grid_code IS NULL")
    wanted = row.document["division"]["households"]
    low, high = wanted["low"], wanted["high"]
    found = plan.get("/validation")["households_out_of_range"]
    grids = plan.grids()
    assert {one["key"] for one in found} == {
        key for key, one in grids.items() if not low <= one["properties"]["households"] <= high
    }
    assert all((one["low"], one["high"]) == (low, high) for one in found)


def test_a_building_that_was_cut_by_force_is_found(plan):
    key, cell = min(plan.cells().items())
    cut = plan.done("split", {"key": key, "lines": across(cell)})["cut"]
    assert cut
    found = plan.get("/validation")
    assert found["buildings_cut"] == cut
    assert found["holds"]
    plan.post("undo", revision=1)
    assert plan.get("/validation")["buildings_cut"] == []


def test_a_grid_that_goes_to_another_community_is_shown(plan):
    cells, grids = plan.cells(), plan.grids()
    parent = {key: one["properties"]["parent"] for key, one in grids.items()}
    pairs = ((one, other) for one in sorted(cells) for other in sorted(cells) if parent[one] != parent[other])
    for one, other in pairs:
        if shapely.intersection(cells[one], cells[other]).length:
            answer = plan.do("reparent", {"keys": [one], "parent": parent[other]})
            if answer.status_code == 200:
                break
    [crossing] = plan.get("/validation")["crossing"]
    assert (crossing["key"], crossing["parent"], crossing["other"]) == (one, parent[other], parent[one])
    assert shapely.geometry.shape(crossing["geometry"]).equals(cells[one])


# results that are kept -----------------------------------------------------------------------------------


def checked(house, plan, measures):
    """A check with certain measures, which keeps what it has computed."""
    with house.database.read() as uow:
        found = plan_checks.validation(
            OPERATOR, uow, Drafts(), plan.id, wanted=None, day=date(2026, 11, 20), measures=measures
        )
    with house.database.write() as uow:
        plan_checks.keep_results(uow, plan.id, found)
    return found


def test_values_are_served_as_they_were_kept_until_their_measure_has_another_version(house, plan):
    assert checked(house, plan, MEASURES).fresh.keys() == MEASURES.keys()
    with house.database.write() as uow:
        uow.connection.exec_driver_sql(
            f"UPDATE measure_result SET value = '{{}}' WHERE plan_id = {plan.id} AND measure = 'reock'"
        )
    served = checked(house, plan, MEASURES)
    assert served.fresh == {}
    assert served.validation.measured["reock"] == {}
    newer = {**MEASURES, "reock": replace(MEASURES["reock"], version=2)}
    again = checked(house, plan, newer)
    assert again.fresh.keys() == {"reock"}
    assert again.validation.measured["reock"].keys() == plan.cells().keys()
    assert again.validation.versions["reock"] == 2
    assert checked(house, plan, newer).fresh == {}


def test_values_of_another_revision_are_not_served(house, plan):
    checked(house, plan, MEASURES)
    key, cell = min(plan.cells().items())
    plan.done("split", {"key": key, "lines": across(cell)})
    found = plan.get("/validation")
    assert found["compactness"].keys() == plan.cells().keys()
    assert checked(house, plan, MEASURES).fresh == {}


def test_a_check_of_an_older_revision_replaces_nothing_newer(house, plan):
    older = checked(house, plan, MEASURES)
    plan.done("rename", {"key": min(plan.cells()), "name": "新"})
    checked(house, plan, MEASURES)
    with house.database.write() as uow:
        plan_checks.keep_results(uow, plan.id, replace(older, fresh={"reock": Result(1, {})}))
    rows = query(house, "SELECT revision, value FROM measure_result WHERE plan_id = :id", id=plan.id)
    assert {row.revision for row in rows} == {1}
    assert all(row.value for row in rows)
