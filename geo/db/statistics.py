"""Counts of a month by grid, and the statistics that were kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection, func, select, true

from geo.db.homes import home_at
from geo.db.measures import by_grid, within_period
from geo.db.tables import statistics_snapshot, visit
from geo.domain.actors import Jurisdiction
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.domain.statistics import Snapshot, Statistics, statistics_of


def results(connection: Connection, period: Period) -> tuple[str, ...]:
    """Name the results of all visits of a period, the most frequent first."""
    return tuple(
        connection.scalars(
            select(visit.c.result)
            .where(within_period(visit.c.visited_at, period), visit.c.result.is_not(None))
            .group_by(visit.c.result)
            .order_by(func.count().desc(), visit.c.result)
        )
    )


def visits(
    connection: Connection,
    period: Period,
    *,
    level: Level,
    among: Collection[str] | None,
    jurisdiction: Jurisdiction,
    at: datetime | None,
) -> dict[str, int]:
    """Give the number of visits of a period, or of those with one of some results, by code of the grid.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    period : Period
        In which visits count.
    level : Level
        The level of the grids.
    among : collection of str or None
        Results that count; None for all visits, with a result or without.
    jurisdiction : Jurisdiction
        Only grids that lie in it are told.
    at : datetime or None
        By the division that held then; None for the one in force.
    """
    home = home_at(visit, at).label("grid_id")
    counts = (
        select(home, func.count().label("visits"))
        .where(
            within_period(visit.c.visited_at, period),
            true() if among is None else visit.c.result.in_(sorted(among)),
        )
        .group_by(home)
        .cte("counts")
    )
    rows = connection.execute(by_grid(counts, level, jurisdiction, at))
    return {row.code: row.visits for row in rows}


def keep(
    connection: Connection, statistics: Statistics, *, grid_code: str | None, sha256: str, made_by: str
) -> int:
    """Keep statistics as they are, and give the id of the row."""
    key: int = connection.execute(
        statistics_snapshot.insert()
        .values(
            month=statistics.month,
            level=statistics.level,
            grid_code=grid_code,
            document=statistics.document(),
            sha256=sha256,
            made_by=made_by,
            made_at=statistics.made_at,
        )
        .returning(statistics_snapshot.c.id)
    ).scalar_one()
    return key


def snapshot(connection: Connection, snapshot_id: int) -> tuple[str | None, Snapshot] | None:
    """Give statistics that were kept, with the grid that holds all of theirs; None if there are none."""
    row = connection.execute(
        select(statistics_snapshot).where(statistics_snapshot.c.id == snapshot_id)
    ).one_or_none()
    if row is None:
        return None
    return row.grid_code, Snapshot(row.id, row.made_by, row.sha256, statistics_of(row.document))


def snapshots(
    connection: Connection, month: date, level: Level, grid_code: str | None
) -> tuple[Snapshot, ...]:
    """Give all that was kept of a month, a level and a place, the newest first."""
    rows = connection.execute(
        select(statistics_snapshot)
        .where(
            statistics_snapshot.c.month == month,
            statistics_snapshot.c.level == level,
            statistics_snapshot.c.grid_code.is_not_distinct_from(grid_code),
        )
        .order_by(statistics_snapshot.c.id.desc())
    )
    return tuple(Snapshot(row.id, row.made_by, row.sha256, statistics_of(row.document)) for row in rows)
