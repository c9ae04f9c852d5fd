"""The figures of what is still being drawn: those of the operation, and no error before it is finished."""

from __future__ import annotations

import pytest
import shapely

from geo.domain.actors import Role
from tests.integration.planners import across

pytestmark = pytest.mark.database


def foreseen(plan, kind, parameters):
    return plan.post("figures", revision=plan.revision, kind=kind, parameters=parameters)


def test_they_are_those_of_the_operation(plan):
    cells = plan.cells()
    key = min(cells)
    parameters = {"key": key, "lines": across(cells[key])}
    told = foreseen(plan, "split", parameters).json()
    assert told["refused"] is None
    assert plan.revision == 0
    done = plan.done("split", parameters, force=True)
    assert (told["before"], told["after"]) == (done["before"], done["after"])


def test_what_is_not_finished_is_no_error(plan):
    cells = plan.cells()
    key = min(cells)
    middle = cells[key].representative_point()
    short = shapely.LineString([middle, (middle.x + 1e-5, middle.y)])
    answer = foreseen(plan, "split", {"key": key, "lines": shapely.geometry.mapping(short)})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["before"], told["after"]) == ([], [])
    assert told["refused"]


def test_a_drawing_that_crosses_itself_is_no_error_either(plan):
    knot = {"type": "LineString", "coordinates": [[120, 30], [120.1, 30.1], [120.1, 30], [120, 30.1]]}
    told = foreseen(plan, "split", {"key": min(plan.cells()), "lines": knot}).json()
    assert told["refused"] == "invalid-geometry"


def test_who_may_not_draw_is_still_refused(house, plan):
    leader = house.add("leader-figures", Role.LEADER)
    body = {"revision": 0, "kind": "rename", "parameters": {"key": min(plan.cells()), "name": "新"}}
    assert house.ask("POST", f"/plans/{plan.id}/figures", leader, json=body).status_code == 403
