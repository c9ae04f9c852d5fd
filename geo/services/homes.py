"""Following everything located from one division to the next."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from geo.db import homes as rows
from geo.db.generations import leaf_cells
from geo.db.unit_of_work import UnitOfWork
from geo.domain.homes import NOWHERE, Followed, Ids, Leaves, Strays
from geo.geometry.locate import LocateIndex


def follow(uow: UnitOfWork, before: int | None, after: int) -> tuple[Followed, ...]:
    """Give the homes in two generations of whatever may have another one since homes were settled last.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    before, after : int or None
        The generations; None before the first one.

    Returns
    -------
    tuple of Followed
        By table, see `geo.db.homes.RESIDENTS`.
    """
    strays = rows.strays(uow.connection)
    old, new = _homes(uow, before, strays), _homes(uow, after, strays)
    return tuple(map(Followed, strays, old, new))


def _homes(uow: UnitOfWork, generation_id: int | None, strays: tuple[Strays, ...]) -> list[Ids]:
    if generation_id is None:
        return [np.full(len(one.ids), NOWHERE, dtype=np.int64) for one in strays]
    _, cells = leaf_cells(uow.connection, generation_id)
    leaves = Leaves(rows.leaf_homes(uow.connection, generation_id), LocateIndex.build(cells))
    return [leaves.homes(one.lon, one.lat) for one in strays]


def rehome(uow: UnitOfWork, at: datetime) -> int:
    """Let everything located be at home in the generation that holds; doing it twice is doing it once.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    at : datetime
        Aware.

    Returns
    -------
    int
        How many rows have another home than before.
    """
    holding = rows.holding(uow.connection, at)
    if holding is None:
        return 0
    return rows.settle(uow.connection, follow(uow, None, holding), holding)
