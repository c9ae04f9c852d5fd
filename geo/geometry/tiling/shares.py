"""Counts of households and people shared out when ground changes hands."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.geometry.projection import Floats
from geo.geometry.tiling.vertices import Shapes

_NOTHING = 1e-9
"""A smaller share of a cell is rounding in the overlay."""


class Dwellings:
    """Where households live: points with a count.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Positions in the plane of the cells.
    households : array_like of int, shape (n,)
        Households at each of them.
    """

    def __init__(self, x: ArrayLike, y: ArrayLike, households: ArrayLike) -> None:
        self._points = np.asarray(shapely.points(np.asarray(x), np.asarray(y)), dtype=object)
        self._households = np.asarray(households, dtype=np.int64)

    @cached_property
    def _index(self) -> shapely.STRtree:
        return shapely.STRtree(self._points)

    def within(self, grounds: Shapes) -> NDArray[np.int64]:
        """Return the households on each piece of ground, those on a border in the first piece alone.

        Parameters
        ----------
        grounds : numpy.ndarray of object
            Polygons that don't overlap.

        Returns
        -------
        numpy.ndarray of int
            Households on each.
        """
        ground, point = self._index.query(grounds, predicate="intersects")
        order = np.lexsort((ground, point))
        _, first = np.unique(point[order], return_index=True)
        once = order[first]
        counts = np.zeros(len(grounds), dtype=np.int64)
        np.add.at(counts, ground[once], self._households[point[once]])
        return counts


def flows(
    before: Shapes, after: Shapes, households: NDArray[np.float64], dwellings: Dwellings | None
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return which share of each cell's households goes to which cell, and which of them are estimates.

    Parameters
    ----------
    before, after : numpy.ndarray of object
        Polygons that cover the same ground.
    households : numpy.ndarray, shape (before,)
        What each cell counts before; not a number where nobody has counted.
    dwellings : Dwellings or None
        Where households live, if that is known.

    Returns
    -------
    weights : numpy.ndarray, shape (before, after)
        Households that live on the common ground where some live in the cell, otherwise its area.
    estimated : numpy.ndarray of bool, shape (before,)
        The cell is divided, and no count of dwellings equal to its own tells how.
    """
    i, j = shapely.STRtree(after).query(before, predicate="intersects")
    pieces = shapely.intersection(before[i], after[j])
    weights = np.zeros((len(before), len(after)))
    weights[i, j] = shapely.area(pieces)
    weights[weights < _NOTHING * weights.sum(axis=1, keepdims=True)] = 0
    estimated = np.count_nonzero(weights, axis=1) > 1
    if dwellings is None:
        return weights, estimated
    living = np.zeros_like(weights)
    living[i, j] = dwellings.within(pieces)
    total = living.sum(axis=1)
    known = total > 0
    return np.where(known[:, None], living, weights), estimated & (total != households)


def apportion(count: int, weights: Floats) -> NDArray[np.int64]:
    """Return whole numbers in proportion to weights that sum exactly to the count.

    Parameters
    ----------
    count : int
        What is shared out.
    weights : numpy.ndarray
        Not negative, not all 0.

    Returns
    -------
    numpy.ndarray of int
        The share of each.

    Notes
    -----
    Largest remainder; of equal remainders the first one goes first.

    References
    ----------
    .. [1] Balinski and Young, Fair Representation, 1982, ch. 3 (Hamilton's method).

    Examples
    --------
    >>> apportion(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    exact = count * weights / weights.sum()
    shares: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    left = count - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:left]] += 1
    return shares
