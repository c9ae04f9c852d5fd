"""Which leaf grid holds a located row: one statement for a set of rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select, update

from geo.db.expressions import covering_leaf, in_force
from geo.db.tables import address, entity, grid, issue, visit

LOCATED = (entity, address, visit, issue)
"""The tables whose rows know their leaf grid in the generation in force."""


def place_of(table: Table) -> ColumnElement[Any]:
    """Give the point at which a row is located: its own, and for a visit without one its entity's.

    Parameters
    ----------
    table : Table
        One of `LOCATED`.

    Returns
    -------
    ColumnElement
        A point, EPSG:4326, or NULL.
    """
    if table is not visit:
        return table.c.geom
    of_entity = select(entity.c.geom).where(entity.c.id == visit.c.entity_id).scalar_subquery()
    return func.coalesce(visit.c.geom, of_entity)


def locate_rows(
    connection: Connection, table: Table, where: ColumnElement[bool], at: datetime | None = None
) -> int:
    """Let the chosen rows know the leaf grid that covers them; outside every grid they know none.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : Table
        One of `LOCATED`.
    where : ColumnElement
        Which rows.
    at : datetime, optional
        By the generation that holds then; by the one in force now by default.

    Returns
    -------
    int
        How many rows were asked about.
    """
    leaf = covering_leaf(place_of(table), at).scalar_subquery()
    return connection.execute(update(table).where(where).values(grid_id=leaf)).rowcount


def place_rows(connection: Connection, table: Table, batch_id: int) -> int:
    """Let the rows of an import batch know their leaf grid.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : Table
        One of `LOCATED`.
    batch_id : int
        The import batch.

    Returns
    -------
    int
        How many rows the batch has.
    """
    return locate_rows(connection, table, table.c.batch_id == batch_id)


def rehome(connection: Connection, at: datetime | None = None) -> int:
    """Let every located row know its leaf grid in the generation that holds.

    Rows that know a leaf of that generation already are left alone, so doing it twice is doing it once.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    at : datetime, optional
        By the generation that holds then; by the one in force now by default.

    Returns
    -------
    int
        How many rows had a home in another generation, or none.
    """
    holding = select(grid.c.id).where(grid.c.generation_id == in_force(at).scalar_subquery(), grid.c.is_leaf)
    return sum(
        locate_rows(connection, table, or_(table.c.grid_id.is_(None), table.c.grid_id.not_in(holding)), at)
        for table in LOCATED
    )
