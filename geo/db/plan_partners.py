"""A/B partners of retired grids: read, ended, and kept between their heirs, in sets."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection, Text, and_, cast, column, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from geo.db.posts import PARTNERSHIPS
from geo.db.tables import grid, partnership
from geo.domain.posts import Partnership

_ALONG_A_LINE = "****1****"
"""DE-9IM of shapes whose boundaries have more than points in common."""


def partnerships_of(connection: Connection, codes: Collection[str], day: date) -> tuple[Partnership, ...]:
    """Give the partnerships of some grids that hold on a day or later, each from one side.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    codes : collection of str
        Codes of the grids.
    day : date
        The day.
    """
    wanted = func.any(list(codes))
    rows = connection.execute(
        PARTNERSHIPS.select().where(
            partnership.c.grid_code < partnership.c.partner_code,
            or_(partnership.c.grid_code == wanted, partnership.c.partner_code == wanted),
            or_(partnership.c.valid_to.is_(None), partnership.c.valid_to > day),
        )
    )
    return tuple(map(PARTNERSHIPS.make, rows))


def bordering(
    connection: Connection, generation_id: int, pairs: Collection[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Give those of some pairs of codes whose grids have a border in common in a generation.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The generation.
    pairs : collection of tuple of str
        Codes.
    """
    first, second = grid.alias(), grid.alias()
    columns = (cast([pair[side] for pair in pairs], ARRAY(Text)) for side in (0, 1))
    pair = (
        func.unnest(*columns)
        .table_valued(column("first", Text), column("second", Text), name="pair")
        .render_derived()
    )
    rows = connection.execute(
        select(pair.c.first, pair.c.second)
        .join(first, and_(first.c.code == pair.c.first, first.c.generation_id == generation_id))
        .join(second, and_(second.c.code == pair.c.second, second.c.generation_id == generation_id))
        .where(first.c.id != second.c.id, func.ST_Relate(first.c.geom, second.c.geom, _ALONG_A_LINE))
    )
    return frozenset((row.first, row.second) for row in rows)


def end_partnerships(connection: Connection, codes: Collection[str], day: date) -> None:
    """Let the partnerships of retired grids end on a day; those that hadn't begun are no more.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    codes : collection of str
        Codes of the retired grids.
    day : date
        The first day on which they are no more.
    """
    wanted = func.any(list(codes))
    concerned = or_(partnership.c.grid_code == wanted, partnership.c.partner_code == wanted)
    connection.execute(delete(partnership).where(concerned, partnership.c.valid_from >= day))
    connection.execute(
        update(partnership)
        .where(concerned, or_(partnership.c.valid_to.is_(None), partnership.c.valid_to > day))
        .values(valid_to=day, revision=partnership.c.revision + 1)
    )


def keep_partnerships(connection: Connection, pairs: Iterable[Partnership]) -> None:
    """Keep new partnerships, each seen from both grids; their numbers are given anew."""
    rows = [
        {
            "post": pair.post,
            "grid_code": here,
            "partner_code": there,
            "valid_from": pair.valid_from,
            "valid_to": pair.valid_to,
        }
        for pair in pairs
        for here, there in (
            (pair.grid_code, pair.partner_code),
            (pair.partner_code, pair.grid_code),
        )
    ]
    if rows:
        connection.execute(insert(partnership), rows)
