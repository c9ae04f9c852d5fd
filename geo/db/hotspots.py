"""Issues reported in a period, by grid."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CTE, Connection, func, select, true

from geo.db.homes import home_at
from geo.db.measures import by_grid, grid_name, outside_grids, within_period
from geo.db.tables import issue
from geo.domain.actors import Jurisdiction
from geo.domain.grids import GridName, Level
from geo.domain.issues import IssueState
from geo.domain.measures import Period


def issue_counts(
    connection: Connection,
    period: Period,
    *,
    level: Level | None,
    category: str | None,
    jurisdiction: Jurisdiction,
    at: datetime | None = None,
) -> tuple[tuple[tuple[GridName, int], ...], int]:
    """Count the issues reported in a period, by grid, and those that no grid holds; void ones don't count."""
    counts = _reported(period, category, at)
    rows = connection.execute(by_grid(counts, level, jurisdiction, at))
    unlocated = connection.execute(outside_grids(counts, jurisdiction)).one()
    return tuple((grid_name(row), row.issues) for row in rows), unlocated.issues


def _reported(period: Period, category: str | None, at: datetime | None) -> CTE:
    home = home_at(issue, at).label("grid_id")
    return (
        select(home, func.count().label("issues"))
        .where(
            within_period(issue.c.reported_at, period),
            issue.c.state != IssueState.VOID,
            issue.c.category == category if category else true(),
        )
        .group_by(home)
        .cte("reported")
    )
