"""Which cells are neighbours, by a shared border or by a single point."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.geometry.projection import Floats

Indices = NDArray[np.intp]


def neighbours(cells: ArrayLike) -> tuple[Indices, Indices, Floats]:
    """Return the pairs of cells that share a border (rook contiguity), each once.

    Parameters
    ----------
    cells : array_like of shapely polygon
        Valid polygons in a metric CRS.

    Returns
    -------
    i, j : numpy.ndarray of int
        Places of the two cells, ``i < j``, in ascending order.
    shared_m : numpy.ndarray
        Length of the shared border, metres, above 0.

    Examples
    --------
    >>> cells = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 2), shapely.box(2, 2, 3, 3)]
    >>> i, j, shared_m = neighbours(cells)
    >>> i.tolist(), j.tolist(), shared_m.tolist()
    ([0], [1], [1.0])
    """
    i, j, common = _common_borders(cells)
    shared_m = shapely.length(common)
    sharing = shared_m > 0
    return i[sharing], j[sharing], shared_m[sharing]


def touching_points(cells: ArrayLike) -> tuple[Indices, Indices, NDArray[np.object_]]:
    """Return the pairs of cells that meet in points alone (queen without rook contiguity), each once.

    Parameters
    ----------
    cells : array_like of shapely polygon
        Valid polygons in a metric CRS.

    Returns
    -------
    i, j : numpy.ndarray of int
        Places of the two cells, ``i < j``, in ascending order.
    points : numpy.ndarray of object
        The common points of each pair as a Point or MultiPoint.

    Examples
    --------
    >>> i, j, points = touching_points([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)])
    >>> i.tolist(), j.tolist(), points[0].wkt
    ([0], [1], 'POINT (1 1)')
    """
    i, j, common = _common_borders(cells)
    in_points = (shapely.length(common) == 0) & ~shapely.is_empty(common)
    return i[in_points], j[in_points], common[in_points]


def near_pairs(cells: NDArray[np.object_], others: NDArray[np.object_]) -> tuple[Indices, Indices]:
    """Return the pairs of places whose geometries share a point, found by a spatial index.

    Parameters
    ----------
    cells, others : numpy.ndarray of object
        Geometries of one CRS.

    Returns
    -------
    i, j : numpy.ndarray of int
        Place in `cells` and place in `others`, ascending.
    """
    i, j = shapely.STRtree(others).query(cells, predicate="intersects")
    order = np.lexsort((j, i))
    return i[order], j[order]


def _common_borders(cells: ArrayLike) -> tuple[Indices, Indices, NDArray[np.object_]]:
    polygons = np.asarray(cells, dtype=object)
    i, j = near_pairs(polygons, polygons)
    once = i < j
    i, j = i[once], j[once]
    borders = shapely.boundary(polygons)
    return i, j, shapely.intersection(borders[i], borders[j])
