"""Counts by leaf grid, summed up to the grids of any level."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, BigInteger, ColumnElement, Connection, Select, and_, cast, func, select

from geo.db.expressions import in_force, within_jurisdiction
from geo.db.tables import grid, grid_within
from geo.domain.actors import Jurisdiction
from geo.domain.grids import GridName, Level
from geo.domain.measures import Period


def of_level(level: Level | None) -> ColumnElement[bool]:
    """Hold for the grids of a level; without one, for the leaves.

    Parameters
    ----------
    level : Level or None
        The level.
    """
    return grid.c.is_leaf if level is None else grid.c.level == level


def within_period(moment: ColumnElement[datetime], period: Period) -> ColumnElement[bool]:
    """Hold for moments in a half-open period.

    Parameters
    ----------
    moment : ColumnElement
        A timestamptz.
    period : Period
        The period.
    """
    return (moment >= period.start) & (moment < period.end)


def by_grid(
    counts: CTE, level: Level | None, jurisdiction: Jurisdiction, at: datetime | None = None
) -> Select[Any]:
    """Select each grid of a level with the sums of the counts of its leaves, by code.

    Parameters
    ----------
    counts : CTE
        Has ``grid_id`` (the home of a leaf, or null) and columns of counts.
    level : Level or None
        The level, None for the leaves.
    jurisdiction : Jurisdiction
        Only grids that lie in it are selected.
    at : datetime, optional
        By the division that held then, in which `counts` knows the homes; by the one in force by default.

    Returns
    -------
    Select
        ``code``, ``name``, ``level``, and the columns of counts: 0 where there is nothing.
    """
    leaf = grid.alias("leaf")
    below = grid.outerjoin(grid_within, grid_within.c.ancestor_id == grid.c.id).outerjoin(
        leaf, and_(leaf.c.id == grid_within.c.grid_id, leaf.c.is_leaf)
    )
    return (
        select(grid.c.code, grid.c.name, grid.c.level, *_sums(counts))
        .select_from(below.outerjoin(counts, counts.c.grid_id == leaf.c.home_id))
        .where(_in_force_within(level, jurisdiction, at))
        .group_by(grid.c.id)
        .order_by(grid.c.code.collate("C"))
    )


def outside_grids(counts: CTE, jurisdiction: Jurisdiction) -> Select[Any]:
    """Select the sums of what no grid holds; all 0 unless the jurisdiction is the whole city.

    Parameters
    ----------
    counts : CTE
        As for `by_grid`.
    jurisdiction : Jurisdiction
        Where the actor may read.
    """
    return select(*_sums(counts)).where(
        counts.c.grid_id.is_(None), within_jurisdiction(counts.c.grid_id, jurisdiction)
    )


def grids_of_level(
    connection: Connection, level: Level | None, jurisdiction: Jurisdiction, at: datetime | None = None
) -> tuple[GridName, ...]:
    """Give the grids of a level that lie in a jurisdiction, now or at a time; without a level, the leaves."""
    rows = connection.execute(
        select(grid.c.code, grid.c.name, grid.c.level)
        .where(_in_force_within(level, jurisdiction, at))
        .order_by(grid.c.code.collate("C"))
    )
    return tuple(grid_name(row) for row in rows)


def grid_name(row: Any) -> GridName:
    """Give the name of the grid of a row of `by_grid`."""
    return GridName(row.code, row.name, Level(row.level))


def _in_force_within(
    level: Level | None, jurisdiction: Jurisdiction, at: datetime | None
) -> ColumnElement[bool]:
    return and_(
        grid.c.generation_id == in_force(at).scalar_subquery(),
        of_level(level),
        within_jurisdiction(grid.c.id, jurisdiction),
    )


def _sums(counts: CTE) -> list[ColumnElement[int]]:
    return [
        cast(func.coalesce(func.sum(column), 0), BigInteger).label(name)
        for name, column in counts.c.items()
        if name != "grid_id"
    ]
