"""How much of what is due was visited, and how much of the ground was walked: two measures, kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.domain.grids import GridName
from geo.domain.measures import AreaShare, Period, Share

NEGLECT: float = 0.5
"""A grid is neglected when its rate is below this part of the rate of all grids together."""


@dataclass(frozen=True, slots=True)
class GridCoverage:
    """The subjects of one grid.

    Attributes
    ----------
    grid : GridName
        The grid.
    share : Share
        Distinct subjects visited at least once, out of those that were due.
    """

    grid: GridName
    share: Share


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of subjects: active entities visited at least once in a period, out of all active ones.

    Attributes
    ----------
    period : Period
        In which visits count.
    grids : tuple of GridCoverage
        All grids of one level, by code.
    unlocated : int
        Active entities that no grid holds; they are in no share.
    """

    period: Period
    grids: tuple[GridCoverage, ...]
    unlocated: int

    @property
    def total(self) -> Share:
        """All grids together."""
        return Share(
            sum(row.share.numerator for row in self.grids), sum(row.share.denominator for row in self.grids)
        )

    @property
    def neglected(self) -> tuple[GridCoverage, ...]:
        """The grids whose rate is below `NEGLECT` times the rate of all together, the lowest rate first."""
        total = self.total.rate or 0.0
        low = ((row.share.rate, row) for row in self.grids)
        found = [(rate, row) for rate, row in low if rate is not None and rate < NEGLECT * total]
        return tuple(row for _, row in sorted(found, key=lambda pair: (pair[0], -pair[1].share.denominator)))


@dataclass(frozen=True, slots=True)
class GridGround:
    """The walked ground of one grid.

    Attributes
    ----------
    grid : GridName
        The grid.
    share : AreaShare
        Ground within half a swath of a track, out of the area of the grid.
    """

    grid: GridName
    share: AreaShare


@dataclass(frozen=True, slots=True)
class GroundCoverage:
    """Coverage of ground: merged strips along the tracks of a period, out of the area.

    Attributes
    ----------
    period : Period
        In which fixes count.
    swath_m : float
        Width of the strip along a track, metres.
    step_m : float
        How far apart the points stand on which the area is counted, metres: its borders are known to
        ``step_m / √2``.
    grids : tuple of GridGround
        All grids of one level, by code.
    """

    period: Period
    swath_m: float
    step_m: float
    grids: tuple[GridGround, ...]


@dataclass(frozen=True, slots=True)
class Density:
    """Visits counted in square bins.

    Attributes
    ----------
    cell_m : float
        Side of a bin, metres.
    lon, lat : NDArray[float64], shape (n,)
        Middle of each bin, EPSG:4326 degrees.
    visits : NDArray[int64], shape (n,)
        Visits in each bin, at least 1.
    """

    cell_m: float
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    visits: NDArray[np.int64]
