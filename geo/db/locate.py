"""Which leaf grid is the home of located rows: one statement for a set of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select, update

from geo.db.expressions import STATEMENT_START, Moment, covering_home
from geo.db.tables import entity, grid, level
from geo.domain.grids import GridName, Level


def place_of(table: Table) -> ColumnElement[Any]:
    """Give the point at which a row is located: its own, and without one its entity's.

    Parameters
    ----------
    table : Table
        Has ``geom``, and ``entity_id`` if its rows belong to entities.

    Returns
    -------
    ColumnElement
        A point, EPSG:4326, or NULL.
    """
    if "entity_id" not in table.c:
        return table.c.geom
    of_entity = (
        select(entity.c.geom).where(entity.c.id == table.c.entity_id).correlate(table).scalar_subquery()
    )
    return func.coalesce(table.c.geom, of_entity)


def locate_rows(
    connection: Connection, table: Table, where: ColumnElement[bool], at: Moment = STATEMENT_START
) -> int:
    """Let the chosen rows be at home in the leaf grid that covers them; outside every grid they have no home.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : Table
        Has ``id`` and ``grid_id``; see `place_of`.
    where : ColumnElement
        Which rows.
    at : datetime or ColumnElement, optional
        By the generation that holds then; by the one in force now by default.

    Returns
    -------
    int
        How many rows have another home than before; only these are written.
    """
    home = covering_home(place_of(table), at).scalar_subquery().label("home_id")
    homes = select(table.c.id, home).where(where).cte("homes").prefix_with("MATERIALIZED")
    moved = and_(table.c.id == homes.c.id, table.c.grid_id.is_distinct_from(homes.c.home_id))
    return connection.execute(update(table).where(moved).values(grid_id=homes.c.home_id)).rowcount


def place_rows(connection: Connection, table: Table, batch_id: int) -> int:
    """Let the rows of an import batch be at home in their leaf grids.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : Table
        See `locate_rows`.
    batch_id : int
        The import batch.

    Returns
    -------
    int
        How many rows have another home than before.
    """
    return locate_rows(connection, table, table.c.batch_id == batch_id)


def chains(connection: Connection, generation_id: int) -> dict[str, tuple[GridName, ...]]:
    """Give the chain of grids that ends in each leaf of a generation, by the code of the leaf in code order.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        Which generation.

    Returns
    -------
    dict of str to tuple of GridName
        The widest grid first, the leaf last.
    """
    depth = select(level.c.depth).where(level.c.key == grid.c.level).scalar_subquery()
    rows = connection.execute(
        select(grid.c.id, grid.c.code, grid.c.name, grid.c.level, grid.c.parent_id, grid.c.is_leaf)
        .where(grid.c.generation_id == generation_id)
        .order_by(depth, grid.c.code.collate("C"))
    ).all()
    of_id: dict[int | None, tuple[GridName, ...]] = {None: ()}
    for row in rows:
        of_id[row.id] = (*of_id[row.parent_id], GridName(row.code, row.name, Level(row.level)))
    return {row.code: of_id[row.id] for row in rows if row.is_leaf}
