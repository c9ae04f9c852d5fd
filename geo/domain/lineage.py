"""What became of each grid when a division followed another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.domain.grids import GridName
from geo.geometry.adjacency import near_pairs
from geo.geometry.crs import metric_crs, to_metric

FULL_COVER = 1e-6
"""Ground that is covered but for this share counts as covered wholly: the rest is rounding."""


@dataclass(frozen=True, slots=True)
class Succession:
    """One grid that gave ground to another.

    Attributes
    ----------
    generation_id : int
        The generation of the successor.
    predecessor, successor : GridName
        The grid before and the grid after; of the same level, or both leaves.
    area_m2 : float
        The ground that they share, in square metres.
    area_share : float
        That ground as a share of the predecessor's.
    household_share : float or None
        The share of the predecessor's households that went along.
    """

    generation_id: int
    predecessor: GridName
    successor: GridName
    area_m2: float
    area_share: float
    household_share: float | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """Pieces of ground that predecessors gave to successors, column by column.

    Attributes
    ----------
    predecessor, successor : NDArray[int]
        Places in the two sets of cells.
    area_m2 : NDArray[float64]
        Ground of each piece.
    share : NDArray[float64]
        Share of the predecessor's ground.
    """

    predecessor: NDArray[np.intp]
    successor: NDArray[np.intp]
    area_m2: NDArray[np.float64]
    share: NDArray[np.float64]


def overlay(before: ArrayLike, after: ArrayLike, *, tolerance_m: float = 0.5) -> Overlay:
    """Return which cells gave ground to which, with shares that sum to 1 where all the ground went on.

    Parameters
    ----------
    before, after : array_like of Polygon or MultiPolygon
        Two divisions, EPSG:4326, lon, lat.
    tolerance_m : float, optional
        Pieces of a smaller mean width are traces of redrawing, not of a change, unless nothing else is left.

    Returns
    -------
    Overlay
        In the order of the predecessors, then of the successors.

    Notes
    -----
    Cells meet where they are stored, in the plane of longitude and latitude, where an edge is straight
    whether or not a vertex lies on it; only the pieces are measured in metres. The mean width of a piece is
    ``2 A / P``. The ground of the slivers left out is spread over the other pieces of the same predecessor in
    proportion to their area, so the shares sum to the share of its ground that the new division covers.

    Examples
    --------
    >>> cells = shapely.box([120, 120.01], 30, [120.01, 120.04], 30.01)
    >>> overlay([shapely.box(120, 30, 120.04, 30.01)], cells).share.round(4).tolist()
    [0.25, 0.75]
    """
    old, new = np.asarray(before, dtype=object), np.asarray(after, dtype=object)
    if not (old.size and new.size):
        return Overlay(*np.zeros((2, 0), np.intp), *np.zeros((2, 0)))
    metric = metric_crs(tuple(shapely.total_bounds([*old, *new])))
    i, j = near_pairs(old, new)
    pieces = np.where(shapely.equals_exact(old[i], new[j]), old[i], shapely.intersection(old[i], new[j]))
    pieces_m = to_metric(pieces, metric)
    areas_m2 = shapely.area(pieces_m)
    kept = (areas_m2 > 0) & (_is_wide(pieces_m, areas_m2, tolerance_m) | _is_largest(i, areas_m2, len(old)))
    in_degrees = _sums(i, shapely.area(pieces), len(old)) / shapely.area(old)
    in_metres = _sums(i, areas_m2, len(old)) / shapely.area(to_metric(old, metric))
    covered = np.where(in_degrees > 1 - FULL_COVER, 1.0, np.minimum(in_metres, 1.0))
    kept_m2 = _sums(i[kept], areas_m2[kept], len(old))
    i, j, areas_m2 = i[kept], j[kept], areas_m2[kept]
    return Overlay(i, j, areas_m2, areas_m2 / kept_m2[i] * covered[i])


def _is_wide(
    pieces: NDArray[np.object_], areas_m2: NDArray[np.float64], tolerance_m: float
) -> NDArray[np.bool_]:
    return np.greater_equal(2 * areas_m2, tolerance_m * shapely.length(pieces))


def _is_largest(
    predecessor: NDArray[np.intp], areas_m2: NDArray[np.float64], cells: int
) -> NDArray[np.bool_]:
    largest = np.zeros(cells)
    np.maximum.at(largest, predecessor, areas_m2)
    return np.equal(areas_m2, largest[predecessor])


def _sums(predecessor: NDArray[np.intp], areas_m2: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    return np.bincount(predecessor, weights=areas_m2, minlength=cells).astype(np.float64)
