"""Homes: what is located in a grid points at one row for as long as the grid goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.domain.generations import Division
from geo.domain.plan_publications import Moved
from geo.geometry.locate import OUTSIDE, LocateIndex

NOWHERE = -1
"""The home of what is outside every grid."""

Ids = NDArray[np.int64]


class Home(NamedTuple):
    """The home of a grid of some generation.

    Attributes
    ----------
    id : int
        The first row of the grid.
    name : str
        Its name.
    parent_id : int or None
        The home of the grid above.
    """

    id: int
    name: str
    parent_id: int | None


def going_on(division: Division, before: Mapping[str, Home]) -> dict[str, int]:
    """Return the homes of the grids that go on in a division, by code.

    Parameters
    ----------
    division : Division
        The division that follows.
    before : Mapping[str, Home]
        The homes of the grids of the division before, by code.

    Returns
    -------
    dict of str to int
        Grids whose code, name and grids above are what they were; their shape may be another one.
    """
    kept: dict[str | None, int | None] = {None: None}
    grids = zip(division.levels, division.codes, division.names, division.parent_codes, strict=True)
    for _, code, name, parent in sorted(grids, key=lambda one: one[0].depth):
        known = before.get(code)
        if known and parent in kept and (known.name, known.parent_id) == (name, kept[parent]):
            kept[code] = known.id
    return {code: home for code, home in kept.items() if code is not None and home is not None}


@dataclass(frozen=True, slots=True)
class Leaves:
    """The leaves of a division as homes.

    Attributes
    ----------
    home_ids : NDArray[int64], shape (n,)
        Their homes, by code.
    index : LocateIndex
        Which of them covers a point.
    """

    home_ids: Ids
    index: LocateIndex

    def homes(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Ids:
        """Return the home at each point (EPSG:4326), `NOWHERE` outside."""
        cells, _ = self.index.find_many(lon, lat)
        return np.where(cells == OUTSIDE, NOWHERE, np.append(self.home_ids, NOWHERE)[cells])


@dataclass(frozen=True, slots=True)
class Strays:
    """Located rows of one table that may have another home than before, column by column.

    Attributes
    ----------
    kind : str
        Name of the table.
    ids, home_ids : NDArray[int64], shape (n,)
        The rows, and their homes as they are kept.
    counted : NDArray[bool]
        Whether reports count them.
    households : NDArray[int64]
        How many live there, 0 where nobody knows.
    lon, lat : NDArray[float64]
        Where they are, EPSG:4326; NaN where that isn't known.
    """

    kind: str
    ids: Ids
    home_ids: Ids
    counted: NDArray[np.bool_]
    households: Ids
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Followed:
    """Strays with their homes in a division and in the one after it.

    Attributes
    ----------
    strays : Strays
        The rows.
    before, after : NDArray[int64], shape (n,)
        Their homes.
    """

    strays: Strays
    before: Ids
    after: Ids


def moves(followed: Iterable[Followed], code_of: Mapping[int, str]) -> tuple[Moved, ...]:
    """Return how much lies in another grid than before, from where to where, by kind.

    Parameters
    ----------
    followed : iterable of Followed
        By table.
    code_of : Mapping[int, str]
        The code of each home.
    """
    return tuple(one for each in followed for one in _moves(each, code_of))


def _moves(followed: Followed, code_of: Mapping[int, str]) -> Iterable[Moved]:
    pairs = np.column_stack([followed.before, followed.after])
    chosen = followed.strays.counted & (followed.before != followed.after)
    ways, counts = np.unique(pairs[chosen], axis=0, return_counts=True)
    found = [
        Moved(followed.strays.kind, code_of.get(before), code_of.get(after), count)
        for (before, after), count in zip(ways.tolist(), counts.tolist(), strict=True)
    ]
    moved = (one for one in found if one.from_code != one.to_code)
    return sorted(moved, key=lambda one: (one.from_code or "", one.to_code or ""))


def households_moved(followed: Iterable[Followed]) -> Ids:
    """Return how many households are where, before and after.

    Parameters
    ----------
    followed : iterable of Followed
        By table.

    Returns
    -------
    NDArray[int64], shape (3, n)
        Homes before, homes after, and how many households live in both.
    """
    return np.hstack([_households(each) for each in followed])


def _households(followed: Followed) -> Ids:
    lived_in = followed.strays.households > 0
    pairs = np.column_stack([followed.before, followed.after])[lived_in]
    ways, way = np.unique(pairs, axis=0, return_inverse=True)
    sums = np.bincount(way.ravel(), weights=followed.strays.households[lived_in], minlength=len(ways))
    return np.vstack([ways.T, sums]).astype(np.int64)
