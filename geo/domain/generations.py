"""Generations: published divisions, immutable and dated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo.domain.grids import Level
from geo.errors import BadValue

_NAMED = 20
"""How many wrong codes an error names."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A published division with the time in which it holds.

    Attributes
    ----------
    id : int
        Number of the generation.
    name : str
        What its planners call it.
    valid_from, valid_to : datetime
        The half-open time of validity; ``valid_to`` is None while no successor is known.
    levels : tuple of Level
        The levels that it holds, widest first.
    grids, leaves : int
        How many grids of all levels, and of the narrowest one.
    """

    id: int
    name: str
    valid_from: datetime
    valid_to: datetime | None
    levels: tuple[Level, ...]
    grids: int
    leaves: int


def holding_at(generations: Iterable[Generation], at: datetime) -> Generation | None:
    """Give the generation that holds at a time, or None: validity never overlaps.

    Parameters
    ----------
    generations : iterable of Generation
        In any order.
    at : datetime
        Aware.
    """
    return next((one for one in generations if one.valid_from <= at and _ends_after(one, at)), None)


def _ends_after(generation: Generation, at: datetime) -> bool:
    return generation.valid_to is None or generation.valid_to > at


def last_instant(day: date, zone: ZoneInfo) -> datetime:
    """Give the last instant of a day, to the microsecond that the database knows.

    Parameters
    ----------
    day : date
        A day in the zone.
    zone : ZoneInfo
        Where days begin and end.

    Examples
    --------
    >>> last_instant(date(2026, 6, 30), ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-06-30T23:59:59.999999+08:00'
    """
    return datetime.combine(day, time.max, zone)


@dataclass(frozen=True, slots=True)
class Division:
    """A division that is to be published, column by column, one row a grid of any level.

    Attributes
    ----------
    codes, names : tuple of str
        Codes and names; no code twice.
    levels : tuple of Level
        The level of each grid. The narrowest level there is holds the leaves.
    parent_codes : tuple of str or None
        The grid of the next wider level, None at the widest.
    geometries : NDArray[object], shape (n,)
        MultiPolygons, EPSG:4326, lon, lat; the leaves tile each parent.
    areas_m2 : NDArray[float64], shape (n,)
        Areas in square metres.
    households, population : tuple of int or None
        Counts where they are known.
    attributes : tuple of Mapping[str, Any]
        Everything else, JSON-ready.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[Level, ...]
    parent_codes: tuple[str | None, ...]
    geometries: NDArray[np.object_]
    areas_m2: NDArray[np.float64]
    households: tuple[int | None, ...]
    population: tuple[int | None, ...]
    attributes: tuple[Mapping[str, Any], ...]

    @property
    def are_leaves(self) -> NDArray[np.bool_]:
        """Which grids are of the narrowest level there is; shape (n,)."""
        depths = np.array([level.depth for level in self.levels])
        leaves: NDArray[np.bool_] = depths == depths.max(initial=0)
        return leaves

    def check(self) -> None:
        """Return only if there are grids, no code stands twice, and each parent is there, one level up.

        Raises
        ------
        BadValue
            With the codes that are wrong: ``field``, ``value``, ``expected``.
        """
        _refuse("codes", [] if self.codes else [""], "at least one grid")
        _refuse("codes", [code for code, times in Counter(self.codes).items() if times > 1], "unique")
        _refuse("parent_codes", self._with_wrong_parent(), "a grid of the next wider level")

    def _with_wrong_parent(self) -> list[str]:
        present = sorted(set(self.levels), key=lambda level: level.depth)
        above = dict(zip(present, [None, *present], strict=False))
        level_of: dict[str | None, Level | None] = dict(zip(self.codes, self.levels, strict=True))
        rows = zip(self.codes, self.levels, self.parent_codes, strict=True)
        return [code for code, level, parent in rows if level_of.get(parent) != above[level]]


def _refuse(field: str, codes: list[str], expected: str) -> None:
    if codes:
        raise BadValue(field=field, value=codes[:_NAMED], expected=expected)
