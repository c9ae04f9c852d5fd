"""The ground that tracks cover."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.geometry.adjacency import Indices, near_pairs
from geo.geometry.projection import Floats


def walked(
    xy: Floats, seconds: Floats, owner: Indices, *, speed_limit_m_per_s: float, gap_s: float
) -> NDArray[np.object_]:
    """Return the stretches of tracks along which somebody really went.

    Parameters
    ----------
    xy : numpy.ndarray, shape (n, 2)
        The fixes of all tracks, one track after the other, each in the order of time; metric CRS.
    seconds : numpy.ndarray, shape (n,)
        Time of each fix.
    owner : numpy.ndarray of int, shape (n,)
        The track that each fix belongs to.
    speed_limit_m_per_s : float
        Faster than this nobody went: the fix jumped.
    gap_s : float
        After so long a silence nobody knows which way was taken.

    Returns
    -------
    numpy.ndarray of LineString
        Lines of consecutive fixes without a jump or a gap between them, in the order of the tracks; a track
        falls into as many as it takes, single fixes are left out.

    Examples
    --------
    >>> xy = np.array([[0, 0], [10, 0], [5000, 0], [5010, 0]])
    >>> seconds, owner = np.array([0, 10, 20, 30]), np.zeros(4, dtype=int)
    >>> [line.wkt for line in walked(xy, seconds, owner, speed_limit_m_per_s=50, gap_s=600)]
    ['LINESTRING (0 0, 10 0)', 'LINESTRING (5000 0, 5010 0)']
    """
    if len(xy) < 2:
        return np.empty(0, dtype=object)
    step_m, step_s = np.hypot(*np.diff(xy, axis=0).T), np.diff(seconds)
    jumped = step_m > speed_limit_m_per_s * np.maximum(step_s, 1.0)
    cut = (owner[1:] != owner[:-1]) | (step_s > gap_s) | jumped
    stretch = np.concatenate([[0], np.cumsum(cut)])
    lasting = np.bincount(stretch)[stretch] > 1
    _, numbers = np.unique(stretch[lasting], return_inverse=True)
    return np.atleast_1d(np.asarray(shapely.linestrings(xy[lasting], indices=numbers), dtype=object))


def covered_areas_m2(cells: ArrayLike, lines: ArrayLike, *, swath_m: float) -> Floats:
    """Return how much of each cell lies within half a swath of some line.

    Parameters
    ----------
    cells : array_like of shapely polygon, shape (n,)
        Valid, in a metric CRS.
    lines : array_like of shapely LineString
        In the same CRS.
    swath_m : float
        Width of the strip that somebody who walks a line sees, metres.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Square metres, never more than the area of the cell: strips that overlap count once.

    Notes
    -----
    ``area(cell ∩ union(buffer(line, swath / 2)))``, with a quarter of a circle drawn in 8 segments (an area
    0.6 % below that of the circle).

    Examples
    --------
    >>> line = shapely.linestrings([[-5, 5], [15, 5]])
    >>> covered_areas_m2([shapely.box(0, 0, 10, 10)], [line, line], swath_m=2).round(6).tolist()
    [20.0]
    """
    polygons = np.asarray(cells, dtype=object)
    strips = shapely.buffer(np.asarray(lines, dtype=object), swath_m / 2, quad_segs=8)
    cell, strip = near_pairs(polygons, strips)
    parts, owner = shapely.get_parts(shapely.intersection(polygons[cell], strips[strip]), return_index=True)
    areal = shapely.get_dimensions(parts) == 2
    touched, numbers = np.unique(cell[owner[areal]], return_inverse=True)
    areas = np.zeros(len(polygons))
    if len(touched):
        pieces = np.atleast_1d(shapely.multipolygons(parts[areal], indices=numbers))
        areas[touched] = shapely.area(shapely.union_all(pieces[:, np.newaxis], axis=1))
    return areas
