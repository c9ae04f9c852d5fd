"""Cells merged into the ground of their groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.geometry.validity import as_multipolygon


def dissolve(cells: ArrayLike, group: ArrayLike) -> tuple[NDArray[Any], NDArray[np.object_]]:
    """Return the ground of each group as one multipolygon.

    Parameters
    ----------
    cells : array_like of shapely polygon
        Valid polygons, any one CRS.
    group : array_like
        The group of each cell: numbers or codes, in the order of the cells.

    Returns
    -------
    groups : numpy.ndarray
        The distinct groups, ascending.
    ground : numpy.ndarray of object
        A valid MultiPolygon for each of them.

    Notes
    -----
    Groups whose cells match edge by edge lose their inner edges without any coordinate being computed, so
    that the outlines of neighbouring groups match as their cells did. Others are overlaid.

    Examples
    --------
    >>> cells = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 0, 3, 1)]
    >>> groups, ground = dissolve(cells, ["b", "b", "a"])
    >>> [str(name) for name in groups], shapely.area(ground).tolist()
    (['a', 'b'], [1.0, 2.0])
    """
    members = np.asarray(cells, dtype=object)
    groups, place, sizes = np.unique(np.asarray(group), return_inverse=True, return_counts=True)
    sets = np.split(members[np.argsort(place, kind="stable")], np.cumsum(sizes))[:-1]
    ground = np.array([union(members) for members in sets], dtype=object)
    return groups, as_multipolygon(ground)


def union(cells: NDArray[np.object_]) -> shapely.Geometry:
    """Return the ground that the cells cover together.

    Parameters
    ----------
    cells : numpy.ndarray of object
        Valid polygons with ground, any one CRS.

    Returns
    -------
    shapely.Geometry
        A valid polygon or multipolygon, or an empty geometry.
    """
    overlay = shapely.coverage_union_all if shapely.coverage_is_valid(cells) else shapely.union_all
    return overlay(cells)
