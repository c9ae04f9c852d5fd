"""A plan published ahead of its time changes nothing until then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.planners import across, approved, query

pytestmark = pytest.mark.database


@pytest.mark.slow
def test_a_division_of_tomorrow_leaves_things_where_they_are(house, people, plan):
    cells = plan.cells()
    plan.done("split", {"key": max(cells), "lines": across(cells[max(cells)])})
    homes = "SELECT id, grid_id FROM entity ORDER BY id"
    before = query(house, homes)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    answer = plan.post("publish", revision=approved(house, people, plan), valid_from=tomorrow)
    assert answer.status_code == 200, answer.text
    assert query(house, homes) == before
    moved = [one for one in answer.json()["report"]["moved"] if one["kind"] == "entity"]
    assert {one["from_code"] for one in moved} <= {max(cells)}
