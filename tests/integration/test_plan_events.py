"""Changes of a plan reach whoever follows it, without taking connections of the pool."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from queue import SimpleQueue
from socket import SHUT_RDWR
from threading import Thread
from time import monotonic, sleep

import pytest
import uvicorn
from sqlalchemy import event

from tests.integration.planners import Planner

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


# two planners at work ------------------------------------------------------------------------------------

SOON_S = 2.0
"""How long after it was committed a change has reached the others."""


@pytest.fixture
def address(house):
    """Host and port at which the application answers whoever keeps a stream open."""
    config = uvicorn.Config(
        house.client.app, port=0, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.02)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()


@contextmanager
def hearing(address, planner):
    """What a planner hears of a plan, with the time of its arrival, as it arrives."""
    heard = SimpleQueue()
    connection = HTTPConnection(*address, timeout=30)
    headers = {"Authorization": f"Bearer {planner.token}"}
    connection.request("GET", f"/api/v1/plans/{planner.id}/events?seconds=20", headers=headers)
    line_of_its_own = connection.sock
    response = connection.getresponse()

    def hear():
        while line := response.readline():
            if line.startswith(b"data: "):
                heard.put((json.loads(line[6:]), monotonic()))

    thread = Thread(target=hear, daemon=True)
    thread.start()
    yield heard
    line_of_its_own.shutdown(SHUT_RDWR)
    thread.join()
    connection.close()


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
        assert to_ann.get(timeout=20)[0]["revision"] == to_ben.get(timeout=20)[0]["revision"] == 0
        for revision, (acting, by, key, heard) in enumerate(
            [(plan, "ann", first, to_ben), (ben, "ben", second, to_ann)], start=1
        ):
            acting.done("rename", {"key": key, "name": "新"}, revision=revision - 1)
            at = committed[-1]
            told, arrived = heard.get(timeout=20)
            while told["revision"] < revision:
                told, arrived = heard.get(timeout=20)
            assert (told["revision"], told["by"], told["seq"]) == (revision, by, revision)
            assert arrived - at < SOON_S
