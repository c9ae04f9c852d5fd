"""Schedules of working days that a city has entered itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from geo.db.tables import calendar_year
from geo.domain.working_days import Schedule


def schedules(connection: Connection) -> tuple[Schedule, ...]:
    """Give the schedules that a city has entered, by year."""
    rows = connection.execute(select(calendar_year).order_by(calendar_year.c.year))
    return tuple(Schedule(row.year, frozenset(row.days_off), frozenset(row.days_worked)) for row in rows)


def keep_schedule(
    connection: Connection, schedule: Schedule, *, source: str, entered_by: str, entered_at: datetime
) -> None:
    """Let a schedule hold for its year, in the place of the one that was entered before.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    schedule : Schedule
        The days of the year.
    source : str
        Where it was published.
    entered_by : str
        Username.
    entered_at : datetime
        When, aware.
    """
    values = {
        "days_off": sorted(schedule.off),
        "days_worked": sorted(schedule.worked),
        "source": source,
        "entered_by": entered_by,
        "entered_at": entered_at,
    }
    statement = insert(calendar_year).values(year=schedule.year, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["year"], set_=values))
