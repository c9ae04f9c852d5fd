"""Changes of a plan reach whoever follows it, without taking connections of the pool."""

from __future__ import annotations

import json
from contextlib import ExitStack
from time import monotonic

import pytest
from sqlalchemy import event

from tests.integration.planners import Planner, hearing

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


def test_twenty_followers_hear_a_change_and_leave_the_pool_alone(house, plan, address):
    change = {"plan": plan.id, "by": "ann"}
    with ExitStack() as followers:
        heard = [followers.enter_context(hearing(address, plan)) for _ in range(20)]
        assert [one.get(timeout=20).told for one in heard] == [change | {"revision": 0, "seq": 0}] * 20
        assert house.client.app.state.database.engine.pool.checkedout() == 0
        plan.done("rename", {"key": min(plan.cells()), "name": "新"})
        assert [one.get(timeout=20).told for one in heard] == [change | {"revision": 1, "seq": 1}] * 20


def test_nobody_follows_a_plan_that_is_not_there(plan):
    response = plan.house.ask("GET", "/plans/999999/events", plan.token, params={"seconds": 0})
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


# two planners at work ------------------------------------------------------------------------------------

SOON_S = 2.0
"""How long after it was committed a change has reached the others."""


@pytest.fixture
def committed(house):
    """The times at which transactions were about to be committed, the newest last."""
    times, engine = [], house.client.app.state.database.engine

    def note(_):
        times.append(monotonic())

    event.listen(engine, "commit", note)
    yield times
    event.remove(engine, "commit", note)


@pytest.mark.slow
def test_what_one_planner_does_reaches_the_other_within_two_seconds(house, people, plan, address, committed):
    ben = Planner(house, people.ben, plan.id)
    first, second = sorted(plan.cells())[:2]
    with hearing(address, plan) as to_ann, hearing(address, ben) as to_ben:
        assert to_ann.get(timeout=20).told["revision"] == to_ben.get(timeout=20).told["revision"] == 0
        for revision, (acting, by, key, heard) in enumerate(
            [(plan, "ann", first, to_ben), (ben, "ben", second, to_ann)], start=1
        ):
            acting.done("rename", {"key": key, "name": "新"}, revision=revision - 1)
            at = committed[-1]
            _, told, arrived = heard.get(timeout=20)
            while told["revision"] < revision:
                _, told, arrived = heard.get(timeout=20)
            assert (told["revision"], told["by"], told["seq"]) == (revision, by, revision)
            assert arrived - at < SOON_S
