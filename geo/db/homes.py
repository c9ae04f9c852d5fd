"""The homes of everything located, read and written in sets.

The home of a row is the home of the leaf grid that covers it (``grid.home_id``): the first row of that grid
under its code and name, in its parents. A grid that goes on keeps its home, so what stays in it is never
written; only what is in grids that came, went or have another shape is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union,
    update,
)
from sqlalchemy.schema import CreateTable

from geo.db.bulk import copy_rows
from geo.db.expressions import Moment, covering_home, in_force
from geo.db.issues import is_unresolved
from geo.db.locate import place_of
from geo.db.tables import address, entity, generation, grid, issue, visit
from geo.domain.homes import NOWHERE, Followed, Ids, Strays, moves
from geo.domain.plan_publications import Moved

Number = TypeVar("Number", bound=np.generic)


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

_moved = Table(
    "moved_home",
    MetaData(),
    Column("id", BigInteger),
    Column("home_id", BigInteger),
    schema="pg_temp",
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


def strays(connection: Connection) -> tuple[Strays, ...]:
    """Give what may have another home in one of the generations since homes were settled last, by table.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    """
    unsettled = list(connection.execute(unsteady(_since_settled())).scalars())
    return tuple(_strays(connection, resident, unsettled) for resident in RESIDENTS)


def _since_settled() -> Select[tuple[int]]:
    """Select the generation in which homes were settled last, and all after it."""
    last = _settled_last().with_only_columns(generation.c.valid_from).scalar_subquery()
    return select(generation.c.id).where(generation.c.valid_from >= func.coalesce(last, text("'-infinity'")))


def _settled_last() -> Select[tuple[int]]:
    return (
        select(generation.c.id)
        .where(generation.c.took_effect_at.is_not(None))
        .order_by(generation.c.valid_from.desc())
        .limit(1)
    )


def unsteady(generations: Select[tuple[int]] | CompoundSelect[tuple[int]]) -> Select[tuple[int]]:
    """Select the homes in which things may lie that have another home in one of some generations.

    Parameters
    ----------
    generations : Select or CompoundSelect
        Their ids.

    Returns
    -------
    Select
        Homes of leaves that aren't in all of them with one shape, and of those whose boxes meet theirs: who
        stands on a common border has the home of the lower code.
    """
    leaf, near = grid.alias("leaf"), grid.alias("near")
    boxes_meet = near.c.geom.bool_op("&&")(leaf.c.geom)
    whole = select(func.count()).select_from(generations.subquery()).scalar_subquery()
    changed = (
        select(leaf.c.home_id)
        .where(leaf.c.is_leaf, leaf.c.generation_id.in_(generations))
        .group_by(leaf.c.home_id)
        .having(or_(func.count() < whole, func.count(distinct(func.ST_AsBinary(leaf.c.geom))) > 1))
        .cte("changed")
    )
    return (
        select(near.c.home_id)
        .distinct()
        .select_from(changed)
        .join(leaf, and_(leaf.c.home_id == changed.c.home_id, leaf.c.generation_id.in_(generations)))
        .join(near, and_(near.c.generation_id == leaf.c.generation_id, boxes_meet))
        .where(leaf.c.is_leaf, near.c.is_leaf)
    )


def home_at(table: Table, at: Moment | None) -> ColumnElement[int]:
    """Give the home of a row in the generation that holds at a time.

    Parameters
    ----------
    table : Table
        One of `RESIDENTS`.
    at : datetime, ColumnElement or None
        Aware; None is now.

    Returns
    -------
    ColumnElement
        What is kept, for now; else only rows in grids that have changed since are looked up.
    """
    if at is None:
        return table.c.grid_id
    changed = unsteady(union(in_force(at), _settled_last()))
    looked_up = covering_home(place_of(table), at).scalar_subquery()
    stays = and_(table.c.grid_id.is_not(None), table.c.grid_id.not_in(changed))
    home: ColumnElement[int] = case((stays, table.c.grid_id), else_=looked_up)
    return home


def _strays(connection: Connection, resident: Resident, unsettled: list[int]) -> Strays:
    table = resident.table
    households = table.c.households if "households" in table.c else literal(0)
    rows = (
        select(
            table.c.id,
            func.coalesce(table.c.grid_id, NOWHERE).label("home_id"),
            resident.counted.label("counted"),
            func.coalesce(households, 0).label("households"),
            place_of(table).label("place"),
        )
        .where(or_(table.c.grid_id == func.any(unsettled), table.c.grid_id.is_(None)))
        .subquery()
    )
    nowhere = text("'NaN'::float8")
    numbers = (rows.c.id, rows.c.home_id, cast(rows.c.counted, Integer), rows.c.households)
    places = (func.ST_X(rows.c.place), func.ST_Y(rows.c.place))
    packed = connection.execute(
        select(
            *(_packed(func.int8send(number)) for number in numbers),
            *(_packed(func.float8send(func.coalesce(place, nowhere))) for place in places),
        )
    ).one()
    ids, home_ids, counted, lived_in = (_unpacked(column, np.dtype(np.int64)) for column in packed[:4])
    lon, lat = (_unpacked(column, np.dtype(np.float64)) for column in packed[4:])
    return Strays(table.name, ids, home_ids, counted.astype(bool), lived_in, lon, lat)


def _packed(column: ColumnElement[bytes]) -> ColumnElement[bytes]:
    """Put a column of numbers into one value: a million rows come as quickly as a few."""
    return func.string_agg(column, text("''::bytea"))


def _unpacked(packed: bytes | None, kind: np.dtype[Number]) -> NDArray[Number]:
    return np.frombuffer(packed or b"", dtype=kind.newbyteorder(">")).astype(kind)


def leaf_homes(connection: Connection, generation_id: int) -> Ids:
    """Give the homes of the leaves of a generation, by code."""
    rows = connection.execute(
        select(grid.c.home_id)
        .where(grid.c.generation_id == generation_id, grid.c.is_leaf)
        .order_by(grid.c.code.collate("C"))
    )
    return np.array(rows.scalars().all(), dtype=np.int64)


def settle(connection: Connection, followed: Iterable[Followed], generation_id: int) -> int:
    """Let everything located be at home where it was followed to.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    followed : iterable of Followed
        Every stray of every table, with its home in the generation.
    generation_id : int
        The generation.

    Returns
    -------
    int
        How many rows have another home than before; only these are written.
    """
    tables = {resident.table.name: resident.table for resident in RESIDENTS}
    moved = sum(_move(connection, tables[one.strays.kind], one) for one in followed)
    connection.execute(
        update(generation)
        .where(generation.c.id == generation_id, generation.c.took_effect_at.is_(None))
        .values(took_effect_at=func.clock_timestamp())
    )
    return moved


def _move(connection: Connection, table: Table, followed: Followed) -> int:
    moves = followed.after != followed.strays.home_ids
    ids, homes = followed.strays.ids[moves].tolist(), followed.after[moves].tolist()
    if not ids:
        return 0
    connection.execute(text("DROP TABLE IF EXISTS pg_temp.moved_home"))
    connection.execute(CreateTable(_moved))
    copy_rows(connection, _moved.name, ["id", "home_id"], zip(ids, homes, strict=True))
    connection.execute(text("ANALYZE pg_temp.moved_home"))
    connection.execute(
        update(table).where(table.c.id == _moved.c.id).values(grid_id=func.nullif(_moved.c.home_id, NOWHERE))
    )
    return len(ids)


def households_that_stay(connection: Connection) -> Ids:
    """Count the households of the buildings that are no strays.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.

    Returns
    -------
    NDArray[int64], shape (3, n)
        Homes before, the same homes after, and how many households live there.
    """
    moving = unsteady(_since_settled()).subquery()
    rows = connection.execute(
        select(entity.c.grid_id, entity.c.grid_id, func.sum(entity.c.households))
        .where(
            entity.c.households > 0,
            entity.c.grid_id.is_not(None),
            entity.c.grid_id.not_in(select(moving)),
        )
        .group_by(entity.c.grid_id)
    ).all()
    return np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 3).T


def holding(connection: Connection, at: Moment) -> int | None:
    """Give the generation that holds at a time, or None."""
    return connection.execute(in_force(at)).scalar_one_or_none()


def is_settled(connection: Connection, generation_id: int) -> bool:
    """Tell whether everything located is at home in a generation."""
    when = select(generation.c.took_effect_at).where(generation.c.id == generation_id)
    return connection.execute(when).scalar_one() is not None


def moves_of(connection: Connection, followed: Iterable[Followed]) -> tuple[Moved, ...]:
    """Give how much lies in another grid than before, from where to where, by kind.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    followed : iterable of Followed
        By table.
    """
    known = list(followed)
    homes = np.unique(np.concatenate([ids for one in known for ids in (one.before, one.after)]))
    rows = connection.execute(select(grid.c.id, grid.c.code).where(grid.c.id == func.any(homes.tolist())))
    return moves(known, {row.id: row.code for row in rows})
