"""Comments on grids of plans: pinned, listed, settled, heard by others, kept in the trail."""

from __future__ import annotations

import pytest
from shapely import Point

from geo.domain.actors import Role
from tests.integration.planners import Planner, across, hearing, query

pytestmark = pytest.mark.database


def commented(plan, key, text="划归东侧网格"):
    answer = plan.post("comments", grid=key, text=text)
    assert answer.status_code == 201, answer.text
    return answer.json()


def resolved(plan, comment):
    return plan.post(f"comments/{comment['id']}/resolve")


def test_a_comment_is_pinned_inside_its_grid(plan):
    key = min(plan.cells())
    comment = commented(plan, key, "  边界应沿河  ")
    assert (comment["grid"], comment["text"], comment["made_by"]) == (key, "边界应沿河", "ann")
    assert comment["resolved_by"] is None
    assert plan.cells()[key].contains(Point(comment["lon"], comment["lat"]))
    assert plan.get("/comments")["comments"] == [comment]
    assert plan.revision == 0


def test_the_newest_comment_comes_first_and_plans_keep_theirs_apart(house, people, plan):
    keys = sorted(plan.cells())[:2]
    made = [commented(plan, key) for key in keys]
    assert [one["id"] for one in plan.get("/comments")["comments"]] == [one["id"] for one in made[::-1]]
    other = house.ask("POST", "/plans", people.ben, json={"name": "另一个"}).json()["id"]
    assert house.ask("GET", f"/plans/{other}/comments", people.ben).json() == {"comments": []}
    refused = house.ask("POST", f"/plans/{other}/comments/{made[0]['id']}/resolve", people.ben)
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")


def test_a_comment_stays_where_its_grid_was_divided(plan):
    cells = plan.cells()
    key = min(cells)
    comment = commented(plan, key)
    plan.done("split", {"key": key, "lines": across(cells[key])})
    assert key not in plan.cells()
    answer = resolved(plan, comment)
    assert (answer.status_code, answer.json()["resolved_by"]) == (200, "ann")
    refused = plan.post("comments", grid=key, text="太迟")
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")


def test_settling_twice_keeps_who_settled_it(house, people, plan):
    comment = commented(plan, min(plan.cells()))
    first = house.ask("POST", f"/plans/{plan.id}/comments/{comment['id']}/resolve", people.eve).json()
    assert first["resolved_by"] == "eve"
    assert resolved(plan, comment).json() == first


def test_comments_are_in_the_trail(house, plan):
    comment = commented(plan, min(plan.cells()))
    resolved(plan, comment)
    resolved(plan, comment)
    statement = "SELECT actor, action FROM audit_log WHERE kind = 'plan_comment' AND key = :key ORDER BY id"
    trail = query(house, statement, key=str(comment["id"]))
    assert list(map(tuple, trail)) == [("ann", "create"), ("ann", "resolve")]


def test_whoever_follows_the_plan_hears_of_a_comment(house, people, plan, address):
    ben = Planner(house, people.ben, plan.id)
    with hearing(address, ben) as heard:
        assert heard.get(timeout=20).name == "revision"
        commented(plan, min(plan.cells()))
        comment = {"plan": plan.id, "revision": 0, "by": "ann", "seq": 0}
        assert heard.get(timeout=20)[:2] == ("comments", comment)


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
def test_empty_and_endless_comments_are_refused(plan, text):
    assert plan.post("comments", grid=min(plan.cells()), text=text).status_code == 422
    assert plan.get("/comments") == {"comments": []}


def test_who_has_another_community_does_not_comment_here(house, plan):
    cells = plan.grids()
    parents = sorted({one["properties"]["parent"] for one in cells.values()})
    stranger = house.add("fay", Role.LEADER, parents[-1])
    key = next(key for key, one in cells.items() if one["properties"]["parent"] == parents[0])
    refused = house.ask(
        "POST", f"/plans/{plan.id}/comments", stranger, json={"grid": key, "text": "不属我管"}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-jurisdiction")
    assert plan.get("/comments") == {"comments": []}
