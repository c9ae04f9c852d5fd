"""The edges of a division, and the arithmetic of sorted arrays that the index is built with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geometry.locate.kernels import Floats, Ints


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of all cells, each once and upwards, with the cells that own them.

    Attributes
    ----------
    ends : ndarray of float64, shape (n, 4)
        ``x1, y1, x2, y2`` with ``y1 <= y2``.
    first : ndarray of int64, shape (n + 1,)
        Where the owners of each edge start in ``owner``.
    owner : ndarray of int64
        Positions of cells.
    """

    ends: Floats
    first: Ints
    owner: Ints

    @classmethod
    def of_cells(cls, cells: NDArray[np.object_]) -> Edges:
        """Return the edges of the cells without those of no length."""
        parts, cell_of_part = shapely.get_parts(cells, return_index=True)
        rings, part_of_ring = shapely.get_rings(parts, return_index=True)
        points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
        same_ring = ring_of_point[1:] == ring_of_point[:-1]
        at = np.flatnonzero(same_ring & (points[1:] != points[:-1]).any(axis=1))
        ends = _upwards(points[at], points[at + 1])
        order = np.lexsort(ends.T)
        ends = ends[order]
        first = np.flatnonzero(np.append(True, (ends[1:] != ends[:-1]).any(axis=1))[: len(ends)])
        owner = cell_of_part[part_of_ring[ring_of_point[at]]][order]
        return cls(ends[first], np.append(first, len(ends)), owner)

    def owners_of(self, which: Ints) -> tuple[Ints, Ints]:
        """Return (index into ``which``, cell) for every owner of every edge asked for."""
        index, at = ranges(self.first[which], self.first[which + 1])
        return index, self.owner[at]

    def straddle(self, which: Ints, y: Floats) -> NDArray[np.bool_]:
        """Return whether each edge asked for passes its latitude, which no vertex has."""
        low: Floats = self.ends[which, 1]
        high: Floats = self.ends[which, 3]
        return (low < y) & (y < high)


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of squares in one row, from ``start`` up to ``stop``, whose reference points ``cell`` covers."""

    start: Ints
    stop: Ints
    cell: Ints


def ranges(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Return (index of the range, value) for every value of every range from start up to stop."""
    size = stop - start
    which = np.repeat(np.arange(size.size), size)
    return which, np.arange(which.size) + (start - np.cumsum(size) + size)[which]


def starts(values: Ints) -> Ints:
    """Return where each run of equal values starts, given at least one value."""
    return np.flatnonzero(np.append(True, values[1:] != values[:-1]))


def _upwards(start: Floats, end: Floats) -> Floats:
    """Return the ends of each edge in one order, whichever way a ring takes it."""
    down = (start[:, 1] > end[:, 1]) | ((start[:, 1] == end[:, 1]) & (start[:, 0] > end[:, 0]))
    return np.where(down[:, None], np.hstack([end, start]), np.hstack([start, end]))
