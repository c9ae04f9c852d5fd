"""The cell nearest to a point outside all cells."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from geo.geometry.locate.kernels import OUTSIDE, Floats, Ints

_WGS84 = Geod(ellps="WGS84")


class NearestCell:
    """The nearest cell of a division and its distance on the ground.

    Parameters
    ----------
    cells : ndarray of Polygon or MultiPolygon
        Longitude and latitude in degrees; None and empty ones are near to nothing.
    middle_lat : float
        The latitude where the plane is true, in degrees.

    Notes
    -----
    The nearest point of a division is found in a plane of latitude and scaled longitude, true at the middle
    latitude; its distance is the geodesic one on WGS84. A scale that is wrong by a share e at
    the point asked for makes that distance too long by e**2 / 2 of itself at most: 1e-5 for a city. The plane
    does not close at the antimeridian.
    """

    __slots__ = ("_scale", "_tree")

    def __init__(self, cells: NDArray[np.object_], middle_lat: float) -> None:
        self._scale = np.array([_degree_ratio(middle_lat), 1.0])
        self._tree = shapely.STRtree(shapely.transform(cells, self._to_plane))

    def find_many(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int32], Floats]:
        """Return the nearest cell of each point and its distance in metres, ``OUTSIDE`` and NaN if none."""
        cell = np.full(lon.size, OUTSIDE, np.int32)
        distance_m = np.full(lon.size, np.nan)
        on_earth = np.flatnonzero((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0))
        points = np.asarray(shapely.points(self._to_plane(np.column_stack([lon, lat])[on_earth])))
        which, nearest = _first_matches(*self._tree.query_nearest(points, all_matches=True))
        lines = shapely.shortest_line(points[which], self._tree.geometries[nearest])
        foot = shapely.get_coordinates(shapely.get_point(lines, -1)) / self._scale
        at = on_earth[which]
        cell[at] = nearest
        distance_m[at] = _WGS84.inv(lon[at], lat[at], foot[:, 0], foot[:, 1])[2]
        return cell, distance_m

    def _to_plane(self, lon_lat: Floats) -> Floats:
        plane: Floats = lon_lat * self._scale
        return plane


def _first_matches(point: Ints, cell: Ints) -> tuple[Ints, Ints]:
    """Return each point once, with the lowest of its cells."""
    order = np.lexsort((cell, point))
    once, first = np.unique(point[order], return_index=True)
    return once, cell[order][first]


def _degree_ratio(lat: float) -> float:
    """Return the length of a degree of longitude over that of a degree of latitude on WGS84."""
    cosine, sine = np.cos(np.radians(lat)), np.sin(np.radians(lat))
    return float(cosine * (1.0 - _WGS84.es * sine**2) / (1.0 - _WGS84.es))
