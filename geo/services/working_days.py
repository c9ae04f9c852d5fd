"""Working days of China's calendar as a city has them."""

from __future__ import annotations

from datetime import datetime

from geo.db import working_days as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.working_days import FIRST_YEAR, LAST_YEAR, Calendar, Schedule, calendar, known_schedule
from geo.errors import BadValue


def city_calendar(uow: UnitOfWork) -> Calendar:
    """Give the working days of the city: what it has entered, else what is published, else computed."""
    return calendar(rows.schedules(uow.connection))


def schedule_of(actor: Actor, uow: UnitOfWork, year: int) -> Schedule:
    """Give the schedule that holds for a year.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    year : int
        The year.

    Returns
    -------
    Schedule
        What the city has entered, else what is published, else a provisional one.

    Raises
    ------
    BadValue
        If the calendar doesn't reach so far.
    """
    actor.jurisdiction(Action.READ_CALENDAR)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadValue(field="year", value=year, expected=f"{FIRST_YEAR} – {LAST_YEAR}")
    entered = {schedule.year: schedule for schedule in rows.schedules(uow.connection)}
    return entered.get(year) or known_schedule(year)


def enter_schedule(
    actor: Actor, uow: UnitOfWork, schedule: Schedule, *, source: str, now: datetime
) -> Schedule:
    """Let a schedule hold for its year; open deadlines follow at the next run of the issues' clock.

    Parameters
    ----------
    actor : Actor
        Who enters it.
    uow : UnitOfWork
        The transaction.
    schedule : Schedule
        The days of the year.
    source : str
        Where it was published.
    now : datetime
        The present, aware.

    Returns
    -------
    Schedule
        What holds now.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write the calendar of the whole city.
    """
    actor.require(Action.WRITE_CALENDAR, ())
    rows.keep_schedule(uow.connection, schedule, source=source, entered_by=actor.name, entered_at=now)
    change = {
        "off": [day.isoformat() for day in sorted(schedule.off)],
        "worked": [day.isoformat() for day in sorted(schedule.worked)],
        "source": source,
    }
    uow.record(actor, "change", "calendar", schedule.year, change)
    return schedule
