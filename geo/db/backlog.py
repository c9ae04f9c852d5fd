"""Unresolved, overdue and late issues at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, and_, func, or_, select, true

from geo.db.expressions import within_jurisdiction
from geo.db.homes import home_at
from geo.db.issues import judged_at
from geo.db.measures import by_grid, grid_name, outside_grids, within_period
from geo.db.tables import grid, issue
from geo.domain.actors import Jurisdiction
from geo.domain.backlog import Backlog, Count, GridBacklog, OpenIssue
from geo.domain.grids import Level
from geo.domain.issues import IssueState
from geo.domain.measures import Period


def backlog(
    connection: Connection,
    at: datetime,
    *,
    reported: Period | None,
    level: Level | None,
    category: str | None,
    jurisdiction: Jurisdiction,
    grids_at: datetime | None = None,
) -> Backlog:
    """Count the issues as they stood at a moment, by grid of now or of another time."""
    counts = _standing(at, reported, category, grids_at)
    rows = connection.execute(by_grid(counts, level, jurisdiction, grids_at))
    unlocated = connection.execute(outside_grids(counts, jurisdiction)).one()
    return Backlog(
        at, reported, tuple(GridBacklog(grid_name(row), _count(row)) for row in rows), _count(unlocated)
    )


def open_issues(
    connection: Connection,
    at: datetime,
    *,
    reported: Period | None,
    category: str | None,
    limit: int,
    jurisdiction: Jurisdiction,
) -> tuple[OpenIssue, ...]:
    """Give the located issues that were unresolved at a moment, the overdue first, then by deadline."""
    overdue = func.coalesce(issue.c.due_at < at, False).label("is_overdue")
    rows = connection.execute(
        select(
            issue.c.number,
            issue.c.category,
            issue.c.state,
            issue.c.reported_at,
            issue.c.due_at,
            overdue,
            func.ST_X(issue.c.geom).label("lon"),
            func.ST_Y(issue.c.geom).label("lat"),
            grid.c.code,
        )
        .select_from(issue.outerjoin(grid, grid.c.id == issue.c.grid_id))
        .where(
            _counted(at, reported, category),
            _unresolved(at),
            issue.c.geom.is_not(None),
            within_jurisdiction(issue.c.grid_id, jurisdiction),
        )
        .order_by(overdue.desc(), issue.c.due_at, issue.c.id)
        .limit(limit)
    )
    return tuple(
        OpenIssue(
            row.number,
            row.category,
            IssueState(row.state),
            row.reported_at,
            row.due_at,
            row.is_overdue,
            row.lon,
            row.lat,
            row.code,
        )
        for row in rows
    )


def categories(connection: Connection, jurisdiction: Jurisdiction) -> tuple[str, ...]:
    """Name the categories of the issues of a jurisdiction, in the order of the alphabet."""
    return tuple(
        connection.scalars(
            select(issue.c.category)
            .where(within_jurisdiction(issue.c.grid_id, jurisdiction))
            .distinct()
            .order_by(issue.c.category)
        )
    )


def _counted(at: datetime, reported: Period | None, category: str | None) -> ColumnElement[bool]:
    return and_(
        issue.c.reported_at <= at,
        issue.c.state != IssueState.VOID,
        within_period(issue.c.reported_at, reported) if reported else true(),
        issue.c.category == category if category else true(),
    )


def _unresolved(at: datetime) -> ColumnElement[bool]:
    return or_(issue.c.closed_at.is_(None), issue.c.closed_at > at)


def _standing(at: datetime, reported: Period | None, category: str | None, grids_at: datetime | None) -> CTE:
    unresolved, closed = _unresolved(at), issue.c.closed_at <= at
    home = home_at(issue, grids_at).label("grid_id")

    def number_of(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(*conditions)

    return (
        select(
            home,
            number_of(unresolved).label("unresolved"),
            number_of(unresolved, issue.c.due_at < at).label("overdue"),
            number_of(unresolved, issue.c.due_at.is_(None)).label("undated"),
            number_of(closed).label("closed"),
            number_of(closed, issue.c.closed_at > judged_at()).label("closed_late"),
        )
        .where(_counted(at, reported, category))
        .group_by(home)
        .cte("standing")
    )


def _count(row: Any) -> Count:
    return Count(row.unresolved, row.overdue, row.undated, row.closed, row.closed_late)
