"""Vertices put onto edges, so that borders match vertex by vertex."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geometry.projection import Floats

Shapes = NDArray[np.object_]


def insert_vertices(shapes: Shapes, points: Floats, *, within: float) -> Shapes:
    """Return shapes that have each point near one of their edges as a vertex there.

    Parameters
    ----------
    shapes : numpy.ndarray of object
        Lines, or polygons and multipolygons, in any plane.
    points : numpy.ndarray, shape (n, 2)
        x and y.
    within : float
        How near, in units of the plane.

    Returns
    -------
    numpy.ndarray of object
        In the order of the input; the same objects where nothing was inserted, and otherwise with all their
        vertices in the same order and the new ones between them.

    Examples
    --------
    >>> [square] = insert_vertices(np.array([shapely.box(0, 0, 2, 2)]), np.array([[1.0, 2.0]]), within=1e-9)
    >>> square.wkt
    'POLYGON ((2 0, 2 2, 1 2, 0 2, 0 0, 2 0))'
    """
    if not (len(shapes) and len(points)):
        return shapes
    kind, xy, offsets = shapely.to_ragged_array(shapes)
    places, fresh = _insertions(xy, offsets[0], points, within)
    grown = shapely.from_ragged_array(
        kind,
        np.insert(xy, places, fresh, axis=0),
        (offsets[0] + np.searchsorted(places, offsets[0]), *offsets[1:]),
    )
    same = shapely.get_num_coordinates(grown) == shapely.get_num_coordinates(shapes)
    return np.where(same, shapes, grown)


def _insertions(
    xy: Floats, offsets: NDArray[np.signedinteger[Any]], points: Floats, within: float
) -> tuple[NDArray[np.intp], Floats]:
    """Return before which vertex each point is to be inserted, once a chain, in the order along the chain."""
    chain = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    start = np.flatnonzero((chain[:-1] == chain[1:]) & (xy[:-1] != xy[1:]).any(axis=1))
    edges = _segments(xy[start], xy[start + 1])
    point, edge = shapely.STRtree(edges).query(shapely.points(points), predicate="dwithin", distance=within)
    a, b, p = xy[start[edge]], xy[start[edge] + 1], points[point]
    along = ((p - a) * (b - a)).sum(axis=1) / ((b - a) ** 2).sum(axis=1)
    off = shapely.distance(edges[edge], shapely.points(p))
    inner = (along > 0) & (along < 1) & (p != a).any(axis=1) & (p != b).any(axis=1)
    nearest = np.lexsort((off, chain[start[edge]], point))
    nearest = nearest[inner[nearest]]
    pairs = np.column_stack([point, chain[start[edge]]])[nearest]
    once = nearest[np.unique(pairs, axis=0, return_index=True)[1]]
    ordered = once[np.lexsort((along[once], start[edge[once]]))]
    return start[edge[ordered]] + 1, p[ordered]


def attach(lines: Shapes, polygons: Shapes, *, within: float, noise: float) -> tuple[Shapes, Shapes]:
    """Return lines that run through each vertex and onto each edge that they pass near, and the polygons so.

    Parameters
    ----------
    lines : numpy.ndarray of object
        LineStrings in the plane of the polygons.
    polygons : numpy.ndarray of object
        Polygons and multipolygons.
    within : float
        How near, in units of the plane.
    noise : float
        How far rounding may put a point off the edge on which it was computed, in units of the plane.

    Returns
    -------
    lines, polygons : numpy.ndarray of object
        The lines, moved by no more than `within`; the polygons with those vertices of the lines that lie on
        their edges.

    Notes
    -----
    It is the line that moves, never the polygon: an edge gains a vertex on itself. So crossings that remain
    are farther than `within` from any vertex, where noding them is safe.

    Examples
    --------
    >>> square, line = shapely.box(0, 0, 2, 2), shapely.LineString([(0.01, 1), (3, 1)])
    >>> lines, squares = attach(np.array([line]), np.array([square]), within=0.1, noise=1e-9)
    >>> lines[0].wkt, squares[0].wkt
    ('LINESTRING (0 1, 3 1)', 'POLYGON ((2 0, 2 2, 0 2, 0 1, 0 0, 2 0))')
    """
    vertices = np.unique(shapely.get_coordinates(polygons), axis=0)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    i, j = _nearest(_points(vertices), xy, within)
    xy[i] = vertices[j]
    free = np.setdiff1d(np.arange(len(xy)), i)
    edges = edges_of(polygons)
    k, edge = _nearest(edges, xy[free], within)
    there = _points(xy[free[k]])
    xy[free[k]] = shapely.get_coordinates(
        shapely.line_interpolate_point(edges[edge], shapely.line_locate_point(edges[edge], there))
    )
    moved = np.asarray(shapely.remove_repeated_points(shapely.linestrings(xy, indices=line)))
    real = moved[shapely.length(moved) > 0]
    return (
        insert_vertices(real, vertices, within=within),
        insert_vertices(polygons, xy[free[k]], within=noise),
    )


def _nearest(targets: Shapes, xy: Floats, within: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which positions have a target near, and the nearest one."""
    there = shapely.points(xy)
    found, nearest = shapely.STRtree(targets).query_nearest(there, max_distance=within, all_matches=False)
    return found, nearest


def _points(xy: Floats) -> Shapes:
    return np.asarray(shapely.points(xy), dtype=object)


def edges_of(polygons: Shapes) -> Shapes:
    """Return each edge of all polygons as a line of two vertices.

    Parameters
    ----------
    polygons : numpy.ndarray of object
        Polygons and multipolygons.

    Returns
    -------
    numpy.ndarray of object
        LineStrings.
    """
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(polygons)), return_index=True)
    start = np.flatnonzero(ring[:-1] == ring[1:])
    return _segments(xy[start], xy[start + 1])


def fresh_vertices(before: Shapes, after: Shapes) -> Floats:
    """Return the vertices of shapes that none of the earlier ones has, each once.

    Parameters
    ----------
    before, after : numpy.ndarray of object
        Shapes of one plane.

    Returns
    -------
    numpy.ndarray, shape (n, 2)
        x and y, ascending.
    """
    old = np.unique(shapely.get_coordinates(before), axis=0)
    new = np.unique(shapely.get_coordinates(after), axis=0)
    rows, place, times = np.unique(np.concatenate([old, new]), axis=0, return_index=True, return_counts=True)
    fresh: Floats = rows[(times == 1) & (place >= len(old))]
    return fresh


def _segments(start: Floats, end: Floats) -> Shapes:
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
