"""Regulations in the database: appended, then only read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Text,
    cast,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
)

from geo.db.expressions import lies_within
from geo.db.tables import regulation
from geo.domain.profiles.regulations import Regime

_ADOPTION = 7_026_913
"""Advisory lock: regulations are appended one after another."""


@dataclass(frozen=True, slots=True)
class StoredRegulation:
    """A regulation as it is kept; see `Regulation`.

    Attributes
    ----------
    id, grid_code, valid_from, path, adopted_by, adopted_at
        See `Regulation`.
    document : str or None
        The profile as JSON; None where what holds above holds again.
    """

    id: int
    grid_code: str | None
    valid_from: date
    document: str | None
    path: str | None
    adopted_by: str
    adopted_at: datetime


_COLUMNS = (
    regulation.c.id,
    regulation.c.grid_code,
    regulation.c.valid_from,
    cast(regulation.c.document, Text).label("document"),
    regulation.c.path,
    regulation.c.adopted_by,
    regulation.c.adopted_at,
)


def _stored(row: Row[Any]) -> StoredRegulation:
    return StoredRegulation(*row)


def lock_adoption(connection: Connection) -> None:
    """Wait until nobody else appends a regulation; others wait until this transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(_ADOPTION)))


def all_regulations(connection: Connection, before: date = date.max) -> tuple[StoredRegulation, ...]:
    """Give the regulations that begin before a day, by first day and row.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    before : date, optional
        The day; all by default.
    """
    rows = connection.execute(
        select(*_COLUMNS)
        .where(regulation.c.valid_from < before)
        .order_by(regulation.c.valid_from, regulation.c.id)
    )
    return tuple(map(_stored, rows))


def regulation_at(connection: Connection, chain: Sequence[str], day: date) -> StoredRegulation | None:
    """Give the regulation of the narrowest grid with rules of its own on a day, else the city's, else None.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    chain : sequence of str
        Codes of the grids that hold the place, widest first; empty for the city.
    day : date
        The day.
    """
    latest = (
        select(*_COLUMNS)
        .distinct(regulation.c.grid_code)
        .where(
            or_(regulation.c.grid_code.is_(None), regulation.c.grid_code.in_(chain)),
            regulation.c.valid_from <= day,
        )
        .order_by(regulation.c.grid_code, regulation.c.valid_from.desc(), regulation.c.id.desc())
        .subquery()
    )
    narrowness = func.array_position(literal(list(chain), ARRAY(Text)), latest.c.grid_code)
    row = connection.execute(
        select(latest).where(latest.c.document.is_not(None)).order_by(narrowness.desc().nulls_last()).limit(1)
    ).one_or_none()
    return _stored(row) if row else None


def insert_regulation(
    connection: Connection,
    *,
    grid_code: str | None,
    valid_from: date,
    document: dict[str, Any] | None,
    path: str | None,
    adopted_by: str,
) -> StoredRegulation:
    """Append a regulation.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    grid_code : str or None
        Where it holds; None for the whole city.
    valid_from : date
        The first day.
    document : dict or None
        The profile, JSON-ready; None for what holds above.
    path : str or None
        The single value that was set; None where a whole profile was adopted.
    adopted_by : str
        Username of who wrote it.

    Returns
    -------
    StoredRegulation
        As it is kept, with its id.
    """
    values = {
        "grid_code": grid_code,
        "valid_from": valid_from,
        "document": document,
        "path": path,
        "adopted_by": adopted_by,
    }
    return _stored(connection.execute(insert(regulation).values(values).returning(*_COLUMNS)).one())


def in_regime(grid_id: ColumnElement[int], regime: Regime) -> ColumnElement[bool]:
    """Hold for rows whose grid is ruled by a regime; rows outside every grid are ruled by the city's.

    Parameters
    ----------
    grid_id : ColumnElement
        The grid of the row, of any level; may be null.
    regime : Regime
        The profile with its ground.
    """
    inside = true() if regime.within is None else lies_within(grid_id, frozenset({regime.within}))
    exempt = lies_within(grid_id, regime.except_in) if regime.except_in else false()
    return inside & not_(exempt)
