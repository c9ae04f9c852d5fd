"""The grids of one level as they are compared and drawn, computed once for each generation."""

from __future__ import annotations

from datetime import UTC, datetime

from geo.db import shapes as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.grids import Level
from geo.domain.shapes import Shapes
from geo.errors import NoDivision, NotFound

_KEPT = 16
_cache: dict[tuple[int, datetime, Level | None], Shapes] = {}
"""By generation, its time of publication (databases of one process number alike) and level."""


def get_shapes(uow: UnitOfWork, level: Level | None = None) -> Shapes:
    """Give the shapes of a level of the generation in force. They are public.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    level : Level, optional
        The level; the leaves by default.

    Returns
    -------
    Shapes
        By code.

    Raises
    ------
    NoDivision
        If no division is in force.
    NotFound
        If it has no grids of this level.
    """
    generation = rows.generation_in_force(uow.connection)
    if generation is None:
        raise NoDivision(at=datetime.now(UTC).isoformat())
    key = (*generation, level)
    if key not in _cache:
        _keep(key, rows.load_shapes(uow.connection, generation[0], level))
    return _cache[key]


def _keep(key: tuple[int, datetime, Level | None], shapes: Shapes | None) -> None:
    if shapes is None:
        raise NotFound(kind="level", key=key[-1])
    while len(_cache) >= _KEPT:
        _cache.pop(next(iter(_cache)))
    _cache[key] = shapes
