"""Changes of a plan reach whoever follows it, without taking connections of the pool."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

pytestmark = pytest.mark.database


def revisions(response):
    lines = response.text.splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def followed(plan, seconds):
    return plan.house.ask("GET", f"/plans/{plan.id}/events", plan.token, params={"seconds": seconds})


def test_a_stream_begins_with_the_revision_as_it_is(plan):
    plan.done("rename", {"key": min(plan.cells()), "name": "新"})
    response = followed(plan, 0)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert revisions(response) == [{"plan": plan.id, "revision": 1, "by": "ann", "seq": 1}]


@pytest.mark.slow
def test_twenty_followers_hear_a_change_and_leave_the_pool_alone(house, plan):
    key = min(plan.cells())
    with ThreadPoolExecutor(21) as pool:
        streams = [pool.submit(followed, plan, 4) for _ in range(20)]
        sleep(1.5)
        taken = house.client.app.state.database.engine.pool.checkedout()
        begun = monotonic()
        plan.done("rename", {"key": key, "name": "新"})
        assert monotonic() - begun < 2
        told = [revisions(stream.result()) for stream in streams]
    assert taken == 0
    assert all(one[0]["revision"] == 0 for one in told)
    assert all(one[-1] == {"plan": plan.id, "revision": 1, "by": "ann", "seq": 1} for one in told)


def test_nobody_follows_a_plan_that_is_not_there(plan):
    response = plan.house.ask("GET", "/plans/999999/events", plan.token, params={"seconds": 0})
    assert (response.status_code, response.json()["code"]) == (404, "not-found")
