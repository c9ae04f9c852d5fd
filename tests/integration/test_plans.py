"""Plans over HTTP: operations, undo, states; what two planners do at once; what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import shapely
from sqlalchemy import text

from geo.domain.actors import Role
from tests.integration.planners import Planner, across

pytestmark = pytest.mark.database


def test_a_plan_begins_with_the_division_in_force(plan):
    told = plan.get()
    assert (told["state"], told["revision"], told["operations"]) == ("draft", 0, [])
    assert told["can"]["edit"]
    assert not told["can"]["approve"]
    grids = plan.grids()
    assert len(grids) == 24
    assert all(one["properties"]["code"] == key for key, one in grids.items())
    assert shapely.coverage_is_valid(list(plan.cells().values()))


def test_a_split_changes_two_grids_for_one_and_is_undone(plan):
    before = plan.cells()
    key = min(before)
    answer = plan.done("split", {"key": key, "lines": across(before[key])})
    assert answer["revision"] == 1
    assert answer["removed"] == [key]
    assert {one["key"] for one in answer["after"]} == set(answer["operation"]["touched"]) - {key}
    households = [sum(one["households"] for one in answer[side]) for side in ("before", "after")]
    assert households[0] == households[1]
    after = plan.cells()
    assert len(after) == 25
    assert shapely.coverage_is_valid(list(after.values()))
    undone = plan.post("undo", revision=1).json()
    assert (undone["revision"], undone["can_redo"]) == (2, True)
    assert {k: v.wkb for k, v in plan.cells().items()} == {k: v.wkb for k, v in before.items()}
    redone = plan.post("redo", revision=2).json()
    assert {k: v.wkb for k, v in plan.cells().items()} == {k: v.wkb for k, v in after.items()}
    assert {one["id"] for one in redone["changed"]["features"]} >= {one["key"] for one in answer["after"]}


def test_a_preview_changes_nothing(plan):
    before = plan.cells()
    key = min(before)
    answer = plan.done("split", {"key": key, "lines": across(before[key])}, dry_run=True)
    assert (answer["revision"], answer["operation"]) == (0, None)
    assert len(answer["after"]) == 2
    assert plan.revision == 0
    assert plan.cells() == before


def test_jumps_lead_to_any_step(plan):
    cells = plan.cells()
    keys = sorted(cells)[:3]
    for key in keys:
        plan.done("rename", {"key": key, "name": f"新{key}"})
    assert plan.post("jump", revision=3, to_seq=1).status_code == 200
    names = {key: one["properties"]["name"] for key, one in plan.grids().items()}
    assert [names[key].startswith("新") for key in keys] == [True, False, False]
    assert plan.post("jump", revision=4, to_seq=3).status_code == 200
    assert plan.post("jump", revision=5, to_seq=9).json()["code"] == "no-further-step"


def test_a_branch_goes_on_from_what_was_done(house, people, plan):
    cells = plan.cells()
    plan.done("split", {"key": min(cells), "lines": across(cells[min(cells)])})
    made = house.ask("POST", "/plans", people.ben, json={"name": "另一案", "branch_of": plan.id}).json()
    branch = Planner(house, people.ben, made["id"])
    assert branch.cells() == plan.cells()
    branch.post("undo", revision=branch.revision)
    assert len(branch.cells()) == 24
    assert len(plan.cells()) == 25


# two at once ---------------------------------------------------------------------------------------------


def test_what_touches_other_grids_is_done_on_top(house, people, plan):
    first, second = sorted(plan.cells())[:2]
    plan.done("rename", {"key": first, "name": "甲"}, revision=0)
    answer = Planner(house, people.ben, plan.id).done("rename", {"key": second, "name": "乙"}, revision=0)
    assert (answer["revision"], answer["rebased"]) == (2, True)


def test_what_touches_the_same_grid_is_stale(house, people, plan):
    cells = plan.cells()
    key = min(cells)
    plan.done("split", {"key": key, "lines": across(cells[key])}, revision=0)
    late = Planner(house, people.ben, plan.id).do("rename", {"key": key, "name": "乙"}, revision=0)
    assert late.status_code == 409
    assert late.json()["code"] == "stale-revision"
    fields = late.json()["fields"]
    assert (fields["current"], fields["choices"]) == (1, ["rebase", "branch", "discard"])
    assert fields["touched_by_others"] == [key]
    assert plan.revision == 1


@pytest.mark.slow
def test_no_operation_of_eight_planners_is_lost(house, plan):
    keys = sorted(plan.cells())

    def work(number):
        planner = Planner(house, plan.token, plan.id)
        names = []
        for step in range(10):
            key = keys[(number * 3 + step) % len(keys)]
            name = f"{number}-{step}"
            while (answer := planner.do("rename", {"key": key, "name": name})).status_code == 409:
                assert answer.json()["code"] == "stale-revision"
            assert answer.status_code == 200, answer.text
            names.append(name)
        return names

    with ThreadPoolExecutor(8) as pool:
        names = [name for done in pool.map(work, range(8)) for name in done]
    told = plan.get()
    assert told["revision"] == 80
    assert sorted(one["parameters"]["name"] for one in told["operations"]) == sorted(names)
    assert shapely.coverage_is_valid(list(plan.cells().values()))


# states --------------------------------------------------------------------------------------------------


def test_a_plan_goes_its_way_and_nobody_approves_the_own_one(house, people, plan):
    plan.done("rename", {"key": min(plan.cells()), "name": "新"})
    leader = Planner(house, people.eve, plan.id)
    assert plan.post("state", to="submitted", revision=0).json()["code"] == "stale-revision"
    assert plan.post("state", to="submitted", revision=1).json()["state"] == "submitted"
    assert plan.do("rename", {"key": min(plan.cells()), "name": "x"}).json()["code"] == "wrong-step"
    assert plan.post("state", to="approved", revision=2).status_code == 403
    assert leader.post("state", to="returned", revision=2).status_code == 422
    returned = leader.post("state", to="returned", revision=2, reason="太小").json()
    assert (returned["state"], returned["reason"], returned["can"]["edit"]) == ("returned", "太小", False)
    plan.post("state", to="submitted", revision=3)
    assert leader.post("state", to="approved", revision=4).json()["state"] == "approved"


def test_an_administrator_does_not_approve_the_own_plan(house):
    token = house.add("root", Role.ADMIN)
    made = house.ask("POST", "/plans", token, json={"name": "试点"}).json()
    own = Planner(house, token, made["id"])
    own.post("state", to="submitted", revision=0)
    answer = own.post("state", to="approved", revision=1)
    assert (answer.status_code, answer.json()["code"]) == (403, "own-plan")


def test_plans_are_listed_the_newest_first(house, people, plan):
    listed = house.ask("GET", "/plans", people.eve).json()["plans"]
    assert listed[0]["id"] == plan.id


# comparisons --------------------------------------------------------------------------------------------


def test_a_comparison_tells_what_changed_hands(house, people, plan):
    cells = plan.cells()
    key = min(cells)
    answer = plan.done("split", {"key": key, "lines": across(cells[key])})
    compared = plan.get("/comparison")
    assert {one["key"] for one in compared["changed"]} == {key, *(one["key"] for one in answer["after"])}
    whole = answer["before"][0]
    assert compared["moved"]["area_m2"] == pytest.approx(whole["area_m2"], abs=0.01)
    assert compared["moved"]["households"] == whole["households"]
    with house.database.read() as uow:
        covered = text("SELECT count(*) FROM entity WHERE ST_Intersects(ST_GeomFromText(:wkt, 4326), geom)")
        entities = uow.connection.execute(covered, {"wkt": cells[key].wkt}).scalar_one()
    assert compared["moved"]["entities"] == entities
    assert {one["properties"]["from_key"] for one in compared["ground"]["features"]} == {key}
    branch = house.ask("POST", "/plans", people.ben, json={"name": "另一案", "branch_of": plan.id}).json()
    assert plan.get(f"/comparison?with=plan:{branch['id']}")["changed"] == []
