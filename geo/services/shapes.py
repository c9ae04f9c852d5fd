"""The grids of one level as they are compared and drawn, computed once for each generation."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock

from geo.db import shapes as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.grids import Level
from geo.domain.shapes import Shapes
from geo.errors import NoDivision, NotFound

_KEPT = 16
_cache: dict[tuple[int, datetime, Level | None], Shapes] = {}
"""By generation, its time of publication (databases of one process number alike) and level."""
_loading = Lock()
"""Whoever asks for shapes while others are computed waits, and then may find them kept."""


def get_shapes(uow: UnitOfWork, level: Level | None = None, at: datetime | None = None) -> Shapes:
    """Give the shapes of a level of the generation that holds now, or at a time. They are public.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    level : Level, optional
        The level; the leaves by default.
    at : datetime, optional
        Aware; now by default.

    Returns
    -------
    Shapes
        By code.

    Raises
    ------
    NoDivision
        If no division holds then.
    NotFound
        If it has no grids of this level.
    """
    generation = rows.generation_in_force(uow.connection, at)
    if generation is None:
        raise NoDivision(at=(at or datetime.now(UTC)).isoformat())
    key = (*generation, level)
    return _cache.get(key) or _load(uow, key)


def _load(uow: UnitOfWork, key: tuple[int, datetime, Level | None]) -> Shapes:
    generation_id, _, level = key
    with _loading:
        shapes = _cache.get(key) or rows.load_shapes(uow.connection, generation_id, level)
        if shapes is None:
            raise NotFound(kind="level", key=level)
        _cache[key] = shapes
        if len(_cache) > _KEPT:
            del _cache[next(iter(_cache))]
    return shapes
