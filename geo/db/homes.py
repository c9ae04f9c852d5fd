"""The homes of everything located: the leaf of each row, followed from one generation to the next in sets.

The home of a row is the home of the leaf grid that covers it (``grid.home_id``): the first row of that grid
under its code and name, in its parents. A grid that goes on keeps its home, so what stays in it is never
written; only what is in grids that came, went or have another shape is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Identity,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    case,
    distinct,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.schema import CreateTable, DropTable

from geo.db.expressions import STATEMENT_START, Moment, covers, in_force
from geo.db.issues import is_unresolved
from geo.db.locate import place_of
from geo.db.tables import address, entity, generation, grid, issue, visit
from geo.db.tables.columns import geometry
from geo.domain.plan_publications import Moved


@dataclass(frozen=True, slots=True)
class Resident:
    """A table whose rows are located: they follow their grids, and reports tell of them.

    Attributes
    ----------
    table : Table
        Has ``id``, ``grid_id`` with an index, and what `place_of` needs.
    counted : ColumnElement
        Which rows reports count.
    """

    table: Table
    counted: ColumnElement[bool] = field(default_factory=true)


RESIDENTS = (Resident(entity), Resident(address), Resident(visit), Resident(issue, is_unresolved()))
"""Every table whose rows are located."""

_TEMPORARY: dict[str, Any] = {
    "schema": "pg_temp",
    "prefixes": ["TEMPORARY"],
    "postgresql_on_commit": "DROP",
}

_stray = Table(
    "stray",
    MetaData(),
    Column("row", BigInteger, Identity(always=True)),
    Column("kind", Text),
    Column("id", BigInteger),
    Column("counted", Boolean),
    geometry("POINT"),
    **_TEMPORARY,
)
"""What may have another home than before, with its place."""

_followed = Table(
    "followed",
    MetaData(),
    Column("kind", Text),
    Column("id", BigInteger),
    Column("counted", Boolean),
    Column("before_id", BigInteger),
    Column("after_id", BigInteger),
    **_TEMPORARY,
)
"""The same with its homes in two generations."""


def follow(connection: Connection, before: int | None, after: int) -> None:
    """Find the homes in two generations of whatever may have another one since homes were settled last.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work: `settle`, `moves` and `households_by_home` go by what was found.
    before, after : int or None
        The generations; None before the first one.

    Notes
    -----
    The points are gathered and indexed, and each leaf fetches its own: one polygon after the other, each
    prepared once.
    """
    for table in (_stray, _followed):
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))
    unsettled = list(connection.execute(_unsettled()).scalars())
    for resident in RESIDENTS:
        _gather(connection, resident, unsettled)
    connection.execute(text("CREATE INDEX ON pg_temp.stray USING gist (geom)"))
    connection.execute(text("ANALYZE pg_temp.stray"))
    old, new = _homes_in(before).cte("old"), _homes_in(after).cte("new")
    found = (
        select(_stray.c.kind, _stray.c.id, _stray.c.counted, old.c.home_id, new.c.home_id)
        .outerjoin_from(_stray, old, old.c.row == _stray.c.row)
        .outerjoin(new, new.c.row == _stray.c.row)
    )
    connection.execute(insert(_followed).from_select([column.name for column in _followed.c], found))
    connection.execute(text("ANALYZE pg_temp.followed"))


def _unsettled() -> Select[tuple[int]]:
    """Select the homes of leaves that came, went or have another shape since homes were settled last."""
    settled = select(func.max(generation.c.valid_from)).where(generation.c.took_effect_at.is_not(None))
    since = select(generation.c.id).where(
        generation.c.valid_from >= func.coalesce(settled.scalar_subquery(), text("'-infinity'"))
    )
    whole = select(func.count()).select_from(since.subquery()).scalar_subquery()
    return (
        select(grid.c.home_id)
        .where(grid.c.is_leaf, grid.c.generation_id.in_(since))
        .group_by(grid.c.home_id)
        .having(or_(func.count() < whole, func.count(distinct(func.ST_AsBinary(grid.c.geom))) > 1))
    )


def _gather(connection: Connection, resident: Resident, unsettled: list[int]) -> None:
    table, place = resident.table, place_of(resident.table)
    homeless = and_(table.c.grid_id.is_(None), place.is_not(None))
    rows = select(literal(table.name), table.c.id, resident.counted, place).where(
        or_(table.c.grid_id == func.any(unsettled), homeless)
    )
    connection.execute(insert(_stray).from_select(["kind", "id", "counted", "geom"], rows))


def _homes_in(generation_id: int | None) -> Select[tuple[int, int]]:
    """Select the home in a generation of each stray that has one there: of several, the lowest code's."""
    return (
        select(_stray.c.row, grid.c.home_id)
        .distinct(_stray.c.row)
        .join_from(grid, _stray, and_(_stray.c.geom.bool_op("&&")(grid.c.geom), covers(_stray.c.geom)))
        .where(grid.c.generation_id == generation_id, grid.c.is_leaf)
        .order_by(_stray.c.row, grid.c.code.collate("C"))
    )


def settle(connection: Connection, generation_id: int) -> int:
    """Let everything located be at home in the second of the generations that were followed.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        That generation.

    Returns
    -------
    int
        How many rows have another home than before; only these are written.
    """
    moved = sum(_settled(connection, resident.table).rowcount for resident in RESIDENTS)
    connection.execute(
        update(generation)
        .where(generation.c.id == generation_id, generation.c.took_effect_at.is_(None))
        .values(took_effect_at=func.clock_timestamp())
    )
    return moved


def _settled(connection: Connection, table: Table) -> CursorResult[Any]:
    return connection.execute(
        update(table)
        .where(
            _followed.c.kind == table.name,
            _followed.c.id == table.c.id,
            table.c.grid_id.is_distinct_from(_followed.c.after_id),
        )
        .values(grid_id=_followed.c.after_id)
    )


def rehome(connection: Connection, at: Moment = STATEMENT_START) -> int:
    """Let everything located be at home in the generation that holds; doing it twice is doing it once.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    at : datetime or ColumnElement, optional
        The generation that holds then; the one in force now by default.

    Returns
    -------
    int
        How many rows have another home than before.
    """
    holding = connection.execute(in_force(at)).scalar_one_or_none()
    if holding is None:
        return 0
    follow(connection, None, holding)
    return settle(connection, holding)


def is_settled(connection: Connection, at: datetime) -> bool:
    """Tell whether everything located is at home in the generation that holds at a time, if one does."""
    unsettled = select(generation.c.id).where(
        generation.c.id.in_(in_force(at)), generation.c.took_effect_at.is_(None)
    )
    return connection.execute(unsettled).first() is None


def moves(connection: Connection) -> tuple[Moved, ...]:
    """Count what lies in another grid in the second of the generations that were followed than in the first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.

    Returns
    -------
    tuple of Moved
        From where to where, by kind.
    """
    before, after = grid.alias("before"), grid.alias("after")
    rows = connection.execute(
        select(_followed.c.kind, before.c.code, after.c.code, func.count())
        .select_from(_followed)
        .outerjoin(before, before.c.id == _followed.c.before_id)
        .outerjoin(after, after.c.id == _followed.c.after_id)
        .where(_followed.c.counted, before.c.code.is_distinct_from(after.c.code))
        .group_by(_followed.c.kind, before.c.code, after.c.code)
        .order_by(_followed.c.kind, before.c.code, after.c.code)
    )
    return tuple(Moved(*row) for row in rows)


def households_by_home() -> Select[tuple[int | None, int | None, int]]:
    """Select the households of counted buildings by their homes in the generations that were followed.

    Returns
    -------
    Select
        ``before_id``, ``after_id``, ``households``.
    """
    stays = _followed.c.id.is_(None)
    before = case((stays, entity.c.grid_id), else_=_followed.c.before_id)
    after = case((stays, entity.c.grid_id), else_=_followed.c.after_id)
    return (
        select(
            before.label("before_id"),
            after.label("after_id"),
            func.sum(entity.c.households).label("households"),
        )
        .outerjoin_from(
            entity, _followed, and_(_followed.c.kind == entity.name, _followed.c.id == entity.c.id)
        )
        .where(entity.c.households > 0)
        .group_by(before, after)
    )
