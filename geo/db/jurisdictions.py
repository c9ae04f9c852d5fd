"""Jurisdictions by grid code: codes outlive generations, so rights and posts are kept by them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo.db.expressions import in_force
from geo.db.tables import grid, grid_within, level
from geo.domain.actors import Jurisdiction


def code_within(code: ColumnElement[str], jurisdiction: Jurisdiction) -> ColumnElement[bool]:
    """Hold for rows whose grid code is, or lies below, a grid of a jurisdiction today.

    Parameters
    ----------
    code : ColumnElement
        Code of a grid of any level.
    jurisdiction : Jurisdiction
        Where the actor may act.
    """
    if jurisdiction.grid_codes is None:
        return true()
    codes = sorted(jurisdiction.grid_codes)
    ancestor = grid.alias()
    below = (
        select(grid.c.code)
        .join(grid_within, grid_within.c.grid_id == grid.c.id)
        .join(ancestor, ancestor.c.id == grid_within.c.ancestor_id)
        .where(grid.c.generation_id == in_force().scalar_subquery(), ancestor.c.code.in_(codes))
    )
    return or_(code.in_(codes), code.in_(below))


def chains(
    connection: Connection, codes: Collection[str], at: datetime | None = None
) -> dict[str, tuple[str, ...]]:
    """Give each grid's code with those of all grids above it, widest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    codes : collection of str
        Codes of grids of any level.
    at : datetime, optional
        As of when; now by default.

    Returns
    -------
    dict of str to tuple of str
        A code that is not in force then stands alone in its chain.
    """
    if not codes:
        return {}
    ancestor = grid.alias()
    rows = connection.execute(
        select(grid.c.code, func.array_agg(aggregate_order_by(ancestor.c.code, level.c.depth)))
        .join(grid_within, grid_within.c.grid_id == grid.c.id)
        .join(ancestor, ancestor.c.id == grid_within.c.ancestor_id)
        .join(level, level.c.key == ancestor.c.level)
        .where(grid.c.generation_id == in_force(at).scalar_subquery(), grid.c.code.in_(codes))
        .group_by(grid.c.code)
    )
    known = {code: tuple(chain) for code, chain in rows}
    return {code: known.get(code, (code,)) for code in codes}
