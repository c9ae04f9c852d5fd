"""What people draw, held against what can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import shapely

from geo.errors import BadValue, InvalidGeometry
from geo.geometry.tiling.cells import as_geojson
from geo.geometry.tiling.vertices import Shapes
from geo.geometry.validity import PLANE, Reason, inspect

Drawn: TypeAlias = shapely.Geometry | Sequence[shapely.Geometry] | Shapes
"""One geometry, or several."""


def drawn_lines(drawn: Drawn) -> Shapes:
    """Return what was drawn as lines, a polygon as its rings, only if each is finite and has a length.

    Parameters
    ----------
    drawn : shapely geometry or array_like of them
        Lines, polygons, and collections of them.

    Returns
    -------
    numpy.ndarray of object
        LineStrings.

    Raises
    ------
    BadValue
        ``field``, ``value``, ``expected``; with the lines that have no length.
    """
    items = shapely.force_2d(np.atleast_1d(np.asarray(drawn, dtype=object)))
    parts = shapely.get_parts(shapely.get_parts(items))
    polygons = shapely.get_dimensions(parts) == 2
    lines = np.concatenate([parts[~polygons], shapely.get_rings(parts[polygons])])
    if not len(lines) or not (shapely.get_dimensions(lines) == 1).all():
        raise BadValue(
            field="line", value=len(lines), expected="lines or polygons", geometry=as_geojson(items)
        )
    xy, line = shapely.get_coordinates(lines, return_index=True)
    if not np.isfinite(xy).all():
        raise BadValue(field="line", value=len(lines), expected="finite positions")
    points = lines[shapely.length(lines) == 0]
    if len(points):
        raise BadValue(field="line", value=0.0, expected="a length", geometry=as_geojson(points))
    return np.asarray(shapely.linestrings(xy, indices=line), dtype=object)


def drawn_ground(drawn: Drawn) -> shapely.Geometry:
    """Return all the ground that was drawn as one polygon, only if each polygon is valid.

    Parameters
    ----------
    drawn : shapely polygon or array_like of them
        Polygons and multipolygons, which may overlap.

    Returns
    -------
    shapely.Geometry
        Polygon or MultiPolygon.

    Raises
    ------
    InvalidGeometry
        ``reason``, with the polygon where it can be shown.
    """
    items = np.atleast_1d(np.asarray(drawn, dtype=object))
    for finding in inspect(items, bounds=PLANE):
        if finding.reason is not Reason.OK:
            place = None if finding.place is None else as_geojson(shapely.Point(finding.place))
            raise InvalidGeometry(reason=finding.reason, tolerance_m=0, geometry=place)
    return shapely.union_all(shapely.force_2d(items))
