"""Rows of standard addresses, and their search by likeness."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from geo.db.located import Located
from geo.db.tables import address, grid, grid_within, level
from geo.domain.addresses import Address
from geo.domain.grids import GridName, Level

ADDRESSES = Located(address, Address, kind=address.c.ref)

_THRESHOLD = "0.4"
"""How like a part of an address must be to what was asked, 0 to 1, to be looked at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An address that is like what was asked.

    Attributes
    ----------
    id : int
        Row of the address.
    normalized : str
        As it is compared.
    part, whole : float
        Likeness to its most similar part, and to all of it.
    """

    id: int
    normalized: str
    part: float
    whole: float


def similar(connection: Connection, normalized: str, limit: int) -> list[Hit]:
    """Give the addresses a part of which is most like a text.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    normalized : str
        What is asked for, as `geo.domain.addresses.normalize` gives it.
    limit : int
        At most so many.

    Returns
    -------
    list of Hit
        The most like first; equally like ones by length, then by id.

    Notes
    -----
    Likeness is that of sets of trigrams. The index ``address_likeness`` finds what passes the threshold.
    """
    connection.execute(
        select(func.set_config("pg_trgm.word_similarity_threshold", _THRESHOLD, True))  # noqa: FBT003
    )
    part = func.word_similarity(normalized, address.c.normalized)
    whole = func.similarity(normalized, address.c.normalized)
    rows = connection.execute(
        select(address.c.id, address.c.normalized, part.label("part"), whole.label("whole"))
        .where(address.c.normalized.op("%>")(normalized))
        .order_by(part.desc(), whole.desc(), address.c.id)
        .limit(limit)
    )
    return [Hit(*row) for row in rows]


def addresses_of(connection: Connection, ids: Collection[int]) -> dict[int, Address]:
    """Give addresses by their ids."""
    rows = connection.execute(ADDRESSES.select().where(address.c.id.in_(ids)))
    return {row.id: ADDRESSES.make(row) for row in rows}


def chains_of(connection: Connection, ids: Collection[int]) -> dict[int, tuple[GridName, ...]]:
    """Give the chain of grids of each address that lies in one, by its id, the widest grid first."""
    ancestor = grid.alias()
    rows = connection.execute(
        select(address.c.id, ancestor.c.code, ancestor.c.name, ancestor.c.level)
        .join_from(address, grid_within, grid_within.c.grid_id == address.c.grid_id)
        .join(ancestor, ancestor.c.id == grid_within.c.ancestor_id)
        .join(level, level.c.key == ancestor.c.level)
        .where(address.c.id.in_(ids))
        .order_by(address.c.id, level.c.depth)
    )
    found: dict[int, tuple[GridName, ...]] = {}
    for row in rows:
        found[row.id] = (*found.get(row.id, ()), GridName(row.code, row.name, Level(row.level)))
    return found
