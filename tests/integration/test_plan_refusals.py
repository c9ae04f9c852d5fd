"""Whatever is asked of a plan that can't be done is told with its place, and the plan stays as it was."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import pytest
import shapely

from geo.domain.actors import Role
from tests.integration.planners import Planner, across

pytestmark = pytest.mark.database


class Refusal(NamedTuple):
    """What is asked about a grid with some ground, and how it is refused; with a place, or without one."""

    ask: object
    status: int
    code: str
    has_place: bool = True


def line(*positions):
    return {"type": "LineString", "coordinates": [list(position) for position in positions]}


def box(*sides):
    return shapely.geometry.mapping(shapely.box(*sides))


def split(lines):
    return lambda key, cell: ("split", {"key": key, "lines": lines(cell) if callable(lines) else lines})


def self_crossing(cell):
    (west, south, east, north) = cell.bounds
    return line((west, south), (east, north), (east, south), (west, north))


def a_point(cell):
    middle = cell.representative_point().coords[0]
    return line(middle, middle)


BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
MILLION = np.column_stack([np.linspace(119, 120, 1_000_000), np.full(1_000_000, 30.0)]).round(6).tolist()

REFUSALS = {
    "self-crossing line": Refusal(split(self_crossing), 409, "invalid-geometry"),
    "self-crossing polygon": Refusal(
        lambda key, _: ("draw", {"polygon": BOW_TIE, "parent": key[:12]}), 409, "invalid-geometry"
    ),
    "line outside": Refusal(split(line((119, 29), (119.1, 29.1))), 409, "nothing-changes"),
    "zero length": Refusal(split(a_point), 422, "bad-value"),
    "NaN": Refusal(split(line((float("nan"), 30), (120, 30))), 422, "bad-value", has_place=False),
    "infinity": Refusal(split(line((float("inf"), 30), (120, 30))), 422, "bad-value", has_place=False),
    "1,000,000 vertices": Refusal(split(line(*MILLION)), 413, "limit-exceeded", has_place=False),
    "30,000 vertices": Refusal(split(line(*MILLION[:30_000])), 413, "limit-exceeded", has_place=False),
    "drawn in Africa": Refusal(
        lambda key, _: ("draw", {"polygon": box(20, 0, 21, 1), "parent": key[:12]}), 409, "nothing-changes"
    ),
    "handed in Africa": Refusal(
        lambda key, _: ("reassign", {"sources": [key], "to": key, "area": box(20, 0, 21, 1)}),
        409,
        "nothing-changes",
    ),
    "border in Africa": Refusal(
        lambda key, _: (
            "move-border",
            {"key": key, "others": [f"{key[:-1]}2"], "path": line((20, 0), (21, 1))},
        ),
        409,
        "outside-grids",
    ),
    "vertex in Africa": Refusal(
        lambda key, _: ("move-vertex", {"vertex": [20, 0], "to": [21, 1]}), 422, "bad-value"
    ),
    "off the earth": Refusal(split(line((0, 0), (500, 1e300))), 422, "bad-value", has_place=False),
    "building cut": Refusal(
        lambda key, cell: ("split", {"key": key, "lines": across(cell)}), 409, "buildings-cut"
    ),
    "no such grid": Refusal(
        lambda *_: ("rename", {"key": "nobody", "name": "x"}), 404, "not-found", has_place=False
    ),
    "no such parent": Refusal(
        lambda key, _: ("reparent", {"keys": [key], "parent": "nobody"}), 404, "not-found", has_place=False
    ),
    "no such road": Refusal(
        lambda key, _: ("split", {"key": key, "features": [10**12]}), 404, "not-found", has_place=False
    ),
    "not a kind": Refusal(lambda key, _: ("explode", {"key": key}), 422, "invalid-request", has_place=False),
    "not a geometry": Refusal(split({"type": "LineString"}), 422, "malformed", has_place=False),
    "a point": Refusal(split({"type": "Point", "coordinates": [120, 30]}), 422, "bad-value"),
}


def standing(plan):
    """The revision of a plan, its steps, and a digest of its division, bit by bit."""
    told = plan.get()
    return told["revision"], told["operations"], sha256(json.dumps(plan.get("/grids")).encode()).hexdigest()


def asked(plan, kind, parameters):
    """The answer to an operation; NaN goes out as JavaScript would write it."""
    body = {"revision": plan.revision, "kind": kind, "parameters": parameters}
    return plan.house.client.post(
        f"/api/v1/plans/{plan.id}/operations",
        content=json.dumps(body),
        headers={"Authorization": f"Bearer {plan.token}", "Content-Type": "application/json"},
    )


def assert_told(answer, status, code, *, has_place):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text[:1000]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title_zh"]
    assert answer.json()["title"]
    assert ("geometry" in answer.json()) == has_place
    if has_place:
        assert not shapely.geometry.shape(answer.json()["geometry"]).is_empty


@pytest.mark.parametrize("name", REFUSALS)
def test_what_can_not_be_done_is_told_and_changes_nothing(plan, name):
    refusal = REFUSALS[name]
    before = standing(plan)
    key, cell = min(plan.cells().items())
    answer = asked(plan, *refusal.ask(key, cell))
    assert_told(answer, refusal.status, refusal.code, has_place=refusal.has_place)
    assert standing(plan) == before


def test_a_locked_grid_is_shown_and_stays_as_it_is(plan):
    key, cell = min(plan.cells().items())
    plan.done("lock", {"keys": [key]})
    before = standing(plan)
    answer = plan.do("split", {"key": key, "lines": across(cell)})
    assert_told(answer, 409, "locked-grid", has_place=True)
    assert shapely.geometry.shape(answer.json()["geometry"]).equals(cell)
    assert standing(plan) == before
    plan.done("unlock", {"keys": [key]})
    plan.done("split", {"key": key, "lines": across(cell)})


def test_the_plan_of_another_planner_shows_where_it_is_none_of_ones_own(house, plan):
    cells = plan.cells()
    first, last = min(cells), max(cells)
    other = Planner(house, house.add("zoe", Role.PLANNER, last[:12]), plan.id)
    before = standing(plan)
    answer = other.do("split", {"key": first, "lines": across(cells[first])})
    assert_told(answer, 403, "outside-jurisdiction", has_place=True)
    assert shapely.geometry.shape(answer.json()["geometry"]).equals(cells[first])
    assert standing(plan) == before
    other.done("rename", {"key": last, "name": "x"})
    assert plan.revision == 1


def test_a_plan_that_is_submitted_stays_as_it_is(plan):
    key = min(plan.cells())
    plan.post("state", to="submitted", revision=0)
    before = standing(plan)
    assert_told(plan.do("rename", {"key": key, "name": "x"}), 409, "wrong-step", has_place=False)
    assert standing(plan) == before


def test_who_comes_too_late_sees_what_others_have_touched(plan):
    key, cell = min(plan.cells().items())
    plan.done("rename", {"key": key, "name": "先"}, revision=0)
    before = standing(plan)
    answer = plan.do("split", {"key": key, "lines": across(cell)}, revision=0)
    assert_told(answer, 409, "stale-revision", has_place=True)
    fields = answer.json()["fields"]
    assert (fields["current"], fields["choices"]) == (1, ["rebase", "branch", "discard"])
    assert shapely.geometry.shape(answer.json()["geometry"]).equals(cell)
    assert standing(plan) == before
