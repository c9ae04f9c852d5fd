"""Where issues lie together more, or less, than chance would have them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from geo.domain.grids import GridName
from geo.domain.measures import Period
from geo.geometry.adjacency import Indices
from geo.geometry.autocorrelation import (
    Moran,
    contiguity,
    false_discovery_adjusted,
    gearys_c,
    gi_star,
    islands,
    morans_i,
    row_standardised,
    two_sided,
)

THRESHOLDS = ((0.01, "99"), (0.05, "95"), (0.10, "90"))
"""Adjusted p-values up to which a finding holds at 99, 95 and 90 %."""


class Finding(StrEnum):
    """What is said of a grid."""

    HOT_99 = "hot-99"
    HOT_95 = "hot-95"
    HOT_90 = "hot-90"
    NONE = "none"
    COLD_90 = "cold-90"
    COLD_95 = "cold-95"
    COLD_99 = "cold-99"
    ISLAND = "island"

    @property
    def is_hot(self) -> bool:
        """Whether it is a hot spot at 90 % or more."""
        return self.startswith("hot")

    @property
    def is_cold(self) -> bool:
        """Whether it is a cold spot at 90 % or more."""
        return self.startswith("cold")


@dataclass(frozen=True, slots=True)
class GridHotspot:
    """What Gi* finds in one grid.

    Attributes
    ----------
    grid : GridName
        The grid.
    issues : int
        Issues reported in the period.
    z : float
        Gi* of the grid with its neighbours, a standard normal deviate.
    p : float
        Two-sided p-value, adjusted for the many tests (Benjamini and Hochberg); 1 for an island.
    finding : Finding
        The class that follows.
    """

    grid: GridName
    issues: int
    z: float
    p: float
    finding: Finding


@dataclass(frozen=True, slots=True)
class Hotspots:
    """Hot and cold spots of the issues reported in a period, void ones left out.

    Attributes
    ----------
    period : Period
        In which the issues were reported.
    grids : tuple of GridHotspot
        All grids of one level, by code.
    unlocated : int
        Issues that no grid holds; they are in no count.
    moran : Moran or None
        Moran's I with row-standardised weights: whether there is any pattern at all.
    geary : float or None
        Geary's C with the same weights.

    Notes
    -----
    What is compared is the number of issues of each grid: unit grids are drawn to hold a like workload.
    """

    period: Period
    grids: tuple[GridHotspot, ...]
    unlocated: int
    moran: Moran | None
    geary: float | None

    @property
    def hot(self) -> tuple[GridHotspot, ...]:
        """The hot spots, the hottest first."""
        return tuple(sorted((row for row in self.grids if row.finding.is_hot), key=lambda row: -row.z))

    @property
    def cold(self) -> tuple[GridHotspot, ...]:
        """The cold spots, the coldest first."""
        return tuple(sorted((row for row in self.grids if row.finding.is_cold), key=lambda row: row.z))

    @property
    def islands(self) -> tuple[GridHotspot, ...]:
        """The grids without any neighbour, of which nothing is said."""
        return tuple(row for row in self.grids if row.finding is Finding.ISLAND)


def find_hotspots(
    period: Period, counts: tuple[tuple[GridName, int], ...], i: Indices, j: Indices, *, unlocated: int
) -> Hotspots:
    """Give the hot and cold spots of counts by grid.

    Parameters
    ----------
    period : Period
        In which the issues were reported.
    counts : tuple of (GridName, int)
        Issues of each grid.
    i, j : NDArray[int]
        Places in `counts` of each pair of grids that touch, each pair once.
    unlocated : int
        Issues that no grid holds.

    Returns
    -------
    Hotspots
        In the order of `counts`.
    """
    values = np.array([count for _, count in counts], dtype=np.float64)
    weights = contiguity(i, j, len(values))
    alone = islands(weights)
    z = gi_star(values, weights)
    p = np.ones(len(values))
    p[~alone] = false_discovery_adjusted(two_sided(z[~alone]))
    rows = zip(counts, z.tolist(), p.tolist(), alone.tolist(), strict=True)
    standardised = row_standardised(weights)
    return Hotspots(
        period,
        tuple(
            GridHotspot(grid, count, deviate, probability, _finding(deviate, probability, is_island=island))
            for (grid, count), deviate, probability, island in rows
        ),
        unlocated,
        morans_i(values, standardised),
        gearys_c(values, standardised),
    )


def _finding(z: float, p: float, *, is_island: bool) -> Finding:
    if is_island:
        return Finding.ISLAND
    side = "hot" if z > 0 else "cold"
    return next((Finding(f"{side}-{level}") for limit, level in THRESHOLDS if p <= limit), Finding.NONE)
