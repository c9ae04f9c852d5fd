"""What the application does by itself: once, in one process of several, and again after what failed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import datetime, time, timedelta
from threading import Barrier, BrokenBarrierError, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from geo.db import jobs as rows
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.jobs import RETRY, Daily, Every, JobKey, JobState
from geo.errors import Forbidden, OutsideJurisdiction
from geo.services import jobs
from geo.services.jobs import Scheduler, list_jobs, take_turn

pytestmark = pytest.mark.database

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 12, tzinfo=ZONE)
HOUR = timedelta(hours=1)
HOURLY = Every(HOUR)
KEY = JobKey.SESSIONS
TIMERS = dict.fromkeys(JobKey, HOURLY)


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def work(monkeypatch):
    """Let a job do what a test says; gives what it did."""
    made = []

    def does(effect=lambda: None):
        def run(uow, now, terms):
            effect()
            made.append(now)
            return {"deleted": len(made)}

        monkeypatch.setitem(jobs.WORKS, KEY, run)
        return made

    return does


def state(database) -> JobState:
    with database.read() as uow:
        return rows.states(uow.connection)[KEY]


def test_a_job_is_done_when_its_turn_has_come_and_not_before(database, work):
    made = work()
    turns = [NOW, NOW + HOUR / 2, NOW + HOUR, NOW + 1.5 * HOUR, NOW + 2 * HOUR]
    assert [take_turn(database, KEY, HOURLY, turn) for turn in turns] == [False, False, True, False, True]
    assert made == [NOW + HOUR, NOW + 2 * HOUR]
    known = state(database)
    assert (known.since, known.ran_at, known.done) == (NOW, NOW + 2 * HOUR, {"deleted": 2})


def test_a_daily_job_comes_once_at_its_time_in_the_city():
    daily = Daily(time(3, 10))
    known = JobState(key=KEY, since=NOW, done={})
    first = known.next_turn(daily, ZONE)
    assert first == datetime(2026, 11, 23, 3, 10, tzinfo=ZONE)
    late = JobState(key=KEY, since=NOW, ran_at=first + 5 * HOUR, done={})
    assert late.next_turn(daily, ZONE) == datetime(2026, 11, 24, 3, 10, tzinfo=ZONE)


def both(database, url) -> list[bool]:
    """What two processes, each with connections of its own, say when both find a job due."""
    found = []

    def turn():
        other = Database(url)
        found.append(take_turn(other, KEY, HOURLY, NOW + HOUR))
        other.close()

    take_turn(database, KEY, HOURLY, NOW)
    threads = [Thread(target=turn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def meet(barrier):
    """Wait for whoever else does the same at the same time."""

    def wait():
        try:
            barrier.wait(1.5)
        except BrokenBarrierError:
            barrier.abort()

    return wait


def test_of_two_processes_one_does_it(database, database_url, work):
    barrier = Barrier(2)
    made = work(meet(barrier))
    assert both(database, database_url) == [False, True]
    assert made == [NOW + HOUR]


def test_without_the_lock_both_would(database, database_url, work, monkeypatch):
    barrier = Barrier(2)
    made = work(meet(barrier))
    monkeypatch.setattr(rows, "claim", lambda connection, key: True)
    assert both(database, database_url) == [True, True]
    assert len(made) == 2


def test_what_fails_is_told_and_begun_anew_later(database, work, caplog):
    take_turn(database, KEY, HOURLY, NOW)
    work(lambda: 1 / 0)
    assert take_turn(database, KEY, HOURLY, NOW + HOUR) is False
    known = state(database)
    assert (known.ran_at, known.failed_at, known.failure) == (None, NOW + HOUR, "ZeroDivisionError")
    assert "job sessions has failed" in caplog.text
    work()
    assert take_turn(database, KEY, HOURLY, NOW + HOUR + RETRY / 2) is False
    assert take_turn(database, KEY, HOURLY, NOW + HOUR + RETRY) is True
    assert (state(database).failed_at, state(database).failure) == (None, None)


KILLED = """
import sys, time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from sqlalchemy import text
from geo.db.unit_of_work import Database
from geo.domain.jobs import Every, JobKey
from geo.services import jobs

def half(uow, now, terms):
    uow.connection.execute(text("INSERT INTO post VALUES ('half', 99, 'x', 'x', false)"))
    print("half-way", flush=True)
    time.sleep(60)

jobs.WORKS[JobKey.SESSIONS] = half
now = datetime.fromisoformat(sys.argv[2]).astimezone(ZoneInfo("Asia/Shanghai"))
jobs.take_turn(Database(sys.argv[1]), JobKey.SESSIONS, Every(timedelta(hours=1)), now)
"""


@pytest.mark.slow
def test_what_is_killed_half_way_leaves_nothing_and_runs_again(database, database_url, work):
    take_turn(database, KEY, HOURLY, NOW)
    script = [sys.executable, "-c", KILLED, database_url, (NOW + HOUR).isoformat()]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as half:
        assert half.stdout.readline() == "half-way\n"
        made = work()
        assert take_turn(database, KEY, HOURLY, NOW + HOUR) is False  # the other one is at it
        os.kill(half.pid, signal.SIGKILL)
    while not take_turn(database, KEY, HOURLY, NOW + HOUR):
        pass  # until the server has noticed
    assert made == [NOW + HOUR]
    with database.read() as uow:
        assert not uow.connection.execute(text("SELECT count(*) FROM post WHERE key = 'half'")).scalar_one()


def test_the_scheduler_does_each_job_and_stops(database, work, monkeypatch):
    made = work()
    monkeypatch.setattr(jobs, "LOOK_EVERY_S", 0.01)
    for key in JobKey:
        monkeypatch.setitem(jobs.WORKS, key, jobs.WORKS[KEY])
    scheduler = Scheduler(database, ZONE, dict.fromkeys(JobKey, Every(timedelta(0))))
    scheduler.start()
    while len(made) < 2 * len(JobKey):
        pass
    scheduler.stop()
    count = len(made)
    assert {*rows_of(database)} == set(JobKey)
    assert len(made) == count


def rows_of(database):
    with database.read() as uow:
        return rows.states(uow.connection)


def test_each_job_does_its_work_in_an_empty_city(database):
    for key in JobKey:
        take_turn(database, key, HOURLY, NOW)
        assert take_turn(database, key, HOURLY, NOW + HOUR) is True
    known = rows_of(database)
    assert {name: dict(one.done) for name, one in known.items()} == {
        JobKey.ISSUE_CLOCK: {"redated": 0, "escalated": 0},
        JobKey.REMINDERS: {"made": 0},
        JobKey.RETENTION: {"deleted": 0, "anonymised": 0},
        JobKey.PHOTOS: {"deleted": 0},
        JobKey.SESSIONS: {"deleted": 0},
        JobKey.IMPORT_RUNS: {"deleted": 0},
    }


def test_only_who_administers_the_whole_city_is_told(database):
    with database.read() as uow:
        assert [job.state for job in list_jobs(OPERATOR, uow, TIMERS, ZONE)] == [None] * len(JobKey)
        with pytest.raises(Forbidden):
            list_jobs(Actor("eve", 1, None, (Grant(Role.LEADER),)), uow, TIMERS, ZONE)
        with pytest.raises(OutsideJurisdiction):
            list_jobs(Actor("eve", 1, None, (Grant(Role.ADMIN, "330106"),)), uow, TIMERS, ZONE)
