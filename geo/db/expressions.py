"""Named SQL expressions: each PostGIS idiom of the house stands here once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    and_,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnClause

from geo.db.tables import generation, grid, grid_within
from geo.domain.actors import Jurisdiction

Place = ColumnElement[object] | ColumnClause[object]
Moment = datetime | ColumnElement[datetime]

STATEMENT_START: ColumnElement[datetime] = func.statement_timestamp()
"""The present of a transaction that writes: it may have begun before what it has waited for."""

ASKED_AT: ColumnElement[datetime] = literal_column("CAST(:at AS timestamptz)", DateTime(timezone=True))
"""The time as of which a statement written as text is asked: its parameter ``at``."""

AS_OF: ColumnElement[datetime] = func.coalesce(ASKED_AT, func.now())
"""`ASKED_AT`, or the present where that is null."""


def as_text(statement: Select[Any]) -> str:
    """Give a statement as text, to stand in another one that is written as text.

    Parameters
    ----------
    statement : Select
        Without parameters, but for `ASKED_AT`.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def in_force(at: Moment | None = None) -> Select[tuple[int]]:
    """Select the id of the generation that holds at a time.

    Parameters
    ----------
    at : datetime or ColumnElement, optional
        The time, aware; by default the one at which the transaction began, so that all its reads agree.
    """
    moment = func.now() if at is None else at
    return select(generation.c.id).where(
        generation.c.valid_from <= moment,
        or_(generation.c.valid_to.is_(None), generation.c.valid_to > moment),
    )


def covering_leaf(place: Place, at: Moment | None = None) -> Select[tuple[int]]:
    """Select the id of the leaf grid that covers a point: of several, the one with the lowest code.

    Parameters
    ----------
    place : ColumnElement
        A point, EPSG:4326.
    at : datetime or ColumnElement, optional
        As of when; see `in_force`.

    Notes
    -----
    See `covers`.
    """
    return _covering(grid.c.id, place, at)


def covering_home(place: Place, at: Moment | None = None) -> Select[tuple[int]]:
    """Select the home of what is located at a point: that of the leaf grid that covers it.

    Parameters
    ----------
    place : ColumnElement
        A point, EPSG:4326.
    at : datetime or ColumnElement, optional
        As of when; see `in_force`.
    """
    return _covering(grid.c.home_id, place, at)


def _covering(column: ColumnElement[int], place: Place, at: Moment | None) -> Select[tuple[int]]:
    return (
        select(column)
        .where(grid.c.generation_id == in_force(at).scalar_subquery(), grid.c.is_leaf, covers(place))
        .order_by(grid.c.code.collate("C"))
        .limit(1)
    )


def covers(place: Place) -> ColumnElement[bool]:
    """Hold for grids that cover a point.

    Parameters
    ----------
    place : ColumnElement
        A point, EPSG:4326.

    Notes
    -----
    PostGIS 3.3 answers ``ST_Covers(polygon, point)`` by a shortcut in plain floating point, which errs for
    points a rounding step away from an edge; of a collection it asks GEOS, which doesn't.
    """
    return func.ST_Covers(grid.c.geom, func.ST_ForceCollection(place))


def within_jurisdiction(grid_id: ColumnElement[int], jurisdiction: Jurisdiction) -> ColumnElement[bool]:
    """Hold for rows whose leaf grid lies in a jurisdiction; outside every grid: in the whole city alone.

    Parameters
    ----------
    grid_id : ColumnElement
        The leaf grid of the row.
    jurisdiction : Jurisdiction
        Where the actor may act.
    """
    if jurisdiction.grid_codes is None:
        return true()
    if not jurisdiction.grid_codes:
        return false()
    return lies_within(grid_id, jurisdiction.grid_codes)


def lies_within(grid_id: ColumnElement[int], codes: frozenset[str]) -> ColumnElement[bool]:
    """Hold for rows whose leaf grid is, or lies below, one of the grids with these codes.

    Parameters
    ----------
    grid_id : ColumnElement
        The leaf grid of the row.
    codes : frozenset of str
        Codes of grids of any level.
    """
    ancestor, closure = grid.alias(), grid_within.alias()
    return exists().where(
        and_(
            closure.c.grid_id == grid_id,
            closure.c.ancestor_id == ancestor.c.id,
            ancestor.c.code.in_(sorted(codes)),
        )
    )


def in_box(place: Place, west: float, south: float, east: float, north: float) -> ColumnElement[bool]:
    """Hold for geometries that meet a box of longitudes and latitudes in degrees."""
    return func.ST_Intersects(place, func.ST_MakeEnvelope(west, south, east, north, 4326))
