"""What the application does by itself, while it runs: one thread that looks whose turn it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from threading import Event, Thread
from time import perf_counter
from zoneinfo import ZoneInfo

from geo.db import jobs as rows
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, Action, Actor
from geo.domain.jobs import JobKey, ScheduledJob, Terms, Timer
from geo.errors import GridError
from geo.services import accounts, photos, retention, todo
from geo.services.duties import clock_at
from geo.services.exchange import runs
from geo.services.issue_clock import run_clock

LOOK_EVERY_S = 30.0
USUAL = Terms()
"""How long things are kept unless somebody says otherwise."""

Timers = Mapping[JobKey, Timer]
Work = Callable[[UnitOfWork, datetime, Terms], Mapping[str, int]]
"""Does a job at a time in the zone of the city, by terms; tells how many of what it did."""

_log = logging.getLogger(__name__)


def _issue_clock(uow: UnitOfWork, now: datetime, _: Terms) -> Mapping[str, int]:
    return asdict(run_clock(OPERATOR, uow, now))


def _reminders(uow: UnitOfWork, now: datetime, _: Terms) -> Mapping[str, int]:
    return {"made": todo.remind(OPERATOR, uow, clock_at(uow, ZoneInfo(str(now.tzinfo)), now))}


def _retention(uow: UnitOfWork, now: datetime, _: Terms) -> Mapping[str, int]:
    found = retention.retire(OPERATOR, uow, now.date())
    return {"deleted": len(found.deleted), "anonymised": len(found.anonymised)}


def _photos(uow: UnitOfWork, now: datetime, terms: Terms) -> Mapping[str, int]:
    return {"deleted": photos.forget_unattached(OPERATOR, uow, now - terms.unfiled_photos)}


def _sessions(uow: UnitOfWork, _: datetime, __: Terms) -> Mapping[str, int]:
    return {"deleted": accounts.forget_old_sessions(uow)}


def _import_runs(uow: UnitOfWork, now: datetime, terms: Terms) -> Mapping[str, int]:
    return {"deleted": runs.forget_old(OPERATOR, uow, now - terms.import_runs)}


WORKS: dict[JobKey, Work] = {
    JobKey.ISSUE_CLOCK: _issue_clock,
    JobKey.REMINDERS: _reminders,
    JobKey.RETENTION: _retention,
    JobKey.PHOTOS: _photos,
    JobKey.SESSIONS: _sessions,
    JobKey.IMPORT_RUNS: _import_runs,
}


def take_turn(database: Database, key: JobKey, timer: Timer, now: datetime, terms: Terms = USUAL) -> bool:
    """Do a job if its turn has come and nobody else is at it; what fails is kept, and begun anew later.

    Parameters
    ----------
    database : Database
        Where it is done.
    key : JobKey
        Which.
    timer : Timer
        When it is done.
    now : datetime
        The present, aware, in the zone of the city.
    terms : Terms
        How long things are kept.

    Returns
    -------
    bool
        Whether it was done.

    Raises
    ------
    GridError
        If the database can't even keep that it has failed.

    Notes
    -----
    What it does, and that it was done, are one transaction: what is cut off half-way was never done.
    """
    try:
        with database.write() as uow:
            return rows.claim(uow.connection, key) and _done(uow, key, timer, now, terms)
    except Exception as failure:  # noqa: BLE001 - whatever a job meets, the others go on
        _log.exception("job %s has failed", key)
        reason = failure.code if isinstance(failure, GridError) else type(failure).__name__
    with database.write() as uow:
        rows.keep_failure(uow.connection, key, failed_at=now, failure=reason)
    return False


def _done(uow: UnitOfWork, key: JobKey, timer: Timer, now: datetime, terms: Terms) -> bool:
    state = rows.known(uow.connection, key, now)
    if state.next_turn(timer, ZoneInfo(str(now.tzinfo))) > now:
        return False
    begun = perf_counter()
    done = WORKS[key](uow, now, terms)
    rows.keep_run(uow.connection, key, ran_at=now, took_s=perf_counter() - begun, done=done)
    return True


class Scheduler:
    """Does each job at its times while an application runs.

    Parameters
    ----------
    database : Database
        Where the jobs are done.
    zone : ZoneInfo
        Of the city.
    timers : Mapping of JobKey to Timer
        When each is done.
    terms : Terms
        How long things are kept.

    Notes
    -----
    Several processes may have one: of those that find a job due, the one that holds its lock does it.
    """

    def __init__(self, database: Database, zone: ZoneInfo, timers: Timers, terms: Terms = USUAL) -> None:
        self._database = database
        self._zone = zone
        self._timers = timers
        self._terms = terms
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin to look whose turn it is, in a little while."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further job; one that is being done is finished."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                self._look()
            except GridError:
                _log.exception("the scheduler has missed a look")

    def _look(self) -> None:
        for key, timer in self._timers.items():
            if not self._stopping.is_set():
                take_turn(self._database, key, timer, datetime.now(self._zone), self._terms)


def list_jobs(actor: Actor, uow: UnitOfWork, timers: Timers, zone: ZoneInfo) -> tuple[ScheduledJob, ...]:
    """Give each job with its times.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    timers : Mapping of JobKey to Timer
        When each is done.
    zone : ZoneInfo
        Of the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may see what runs for the whole city.
    """
    actor.require(Action.READ_JOBS, ())
    states = rows.states(uow.connection)
    return tuple(
        ScheduledJob(key, timer, state, state.next_turn(timer, zone) if state else None)
        for key, timer in timers.items()
        for state in [states.get(key)]
    )
