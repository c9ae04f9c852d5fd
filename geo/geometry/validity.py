"""What is wrong with a polygon, and its repair within a tolerance."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import GeometryType

from geo.geometry.projection import Floats
from geo.geometry.shape_metrics import area_m2, perimeter_m

Bounds: TypeAlias = tuple[float, float, float, float]

LONLAT: Final[Bounds] = (-180.0, -90.0, 180.0, 90.0)
"""Where a position in degrees can be: west, south, east, north."""

PLANE: Final[Bounds] = (-np.inf, -np.inf, np.inf, np.inf)
"""Where a position in metres can be."""


class Reason(StrEnum):
    """What is wrong with a geometry that should be a polygon."""

    OK = "ok"
    MISSING = "missing"
    EMPTY = "empty"
    WRONG_TYPE = "wrong-type"
    NOT_FINITE = "not-finite"
    OUT_OF_RANGE = "out-of-range"
    ZERO_AREA = "zero-area"
    TOO_FEW_POINTS = "too-few-points"
    SELF_INTERSECTION = "self-intersection"
    RING_SELF_INTERSECTION = "ring-self-intersection"
    HOLE_OUTSIDE = "hole-outside"
    NESTED_HOLES = "nested-holes"
    NESTED_PARTS = "nested-parts"
    DISCONNECTED_INTERIOR = "disconnected-interior"
    DUPLICATE_RINGS = "duplicate-rings"
    INVALID = "invalid"


_BEYOND_REPAIR: Final = frozenset(
    {Reason.MISSING, Reason.WRONG_TYPE, Reason.EMPTY, Reason.NOT_FINITE, Reason.ZERO_AREA}
)
_POLYGONAL: Final = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)
_GEOS_REASONS: Final = {
    "Valid Geometry": Reason.OK,
    "Invalid Coordinate": Reason.NOT_FINITE,
    "Too few points in geometry component": Reason.TOO_FEW_POINTS,
    "Self-intersection": Reason.SELF_INTERSECTION,
    "Ring Self-intersection": Reason.RING_SELF_INTERSECTION,
    "Hole lies outside shell": Reason.HOLE_OUTSIDE,
    "Holes are nested": Reason.NESTED_HOLES,
    "Nested shells": Reason.NESTED_PARTS,
    "Interior is disconnected": Reason.DISCONNECTED_INTERIOR,
    "Duplicate Rings": Reason.DUPLICATE_RINGS,
}
_GEOS_TEXT: Final = re.compile(r"(?P<reason>[^\[]+)(?:\[(?P<x>\S+) (?P<y>\S+)\])?")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one geometry.

    Attributes
    ----------
    reason : Reason
        ``Reason.OK`` when nothing is.
    place : tuple of float or None
        x and y of the first offending point, in the CRS of the geometry, where there is one.
    """

    reason: Reason
    place: tuple[float, float] | None = None


def inspect(geometries: ArrayLike, *, bounds: Bounds = LONLAT) -> list[Finding]:
    """Return what is wrong with each geometry, the gravest alone.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        Of any type, ``None`` included, in the CRS of `bounds`.
    bounds : tuple of float
        Where positions can be: `LONLAT` for degrees, `PLANE` for metres.

    Returns
    -------
    list of Finding
        One for each geometry, in their order.

    Examples
    --------
    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> found = inspect([shapely.box(0, 0, 1, 1), bow_tie, shapely.Point(0, 0)])
    >>> [finding.reason.value for finding in found], found[1].place
    (['ok', 'self-intersection', 'wrong-type'], (1.0, 1.0))
    """
    items = np.asarray(geometries, dtype=object)
    findings = np.full(items.shape, Finding(Reason.OK), dtype=object)
    left = np.ones(items.shape, dtype=bool)
    for reason, found in (
        (Reason.MISSING, shapely.is_missing),
        (Reason.WRONG_TYPE, _is_not_polygonal),
        (Reason.EMPTY, shapely.is_empty),
        (Reason.NOT_FINITE, _is_not_finite),
        (Reason.OUT_OF_RANGE, lambda rest: _is_beyond(rest, bounds)),
        (Reason.ZERO_AREA, _is_flat),
    ):
        places = np.flatnonzero(left)
        bad = places[found(items[places])]
        findings[bad] = Finding(reason)
        left[bad] = False
    findings[left] = [_geos_finding(text) for text in shapely.is_valid_reason(items[left])]
    return list(findings)


def _is_not_polygonal(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.isin(shapely.get_type_id(geometries), _POLYGONAL, invert=True)


def _is_not_finite(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    xy, owner = shapely.get_coordinates(geometries, return_index=True)
    bad = np.zeros(geometries.shape, dtype=bool)
    bad[owner[~np.isfinite(xy).all(axis=1)]] = True
    return bad


def _is_beyond(geometries: NDArray[np.object_], bounds: Bounds) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    min_x, min_y, max_x, max_y = shapely.bounds(geometries).T
    return np.asarray((min_x < west) | (min_y < south) | (max_x > east) | (max_y > north))


def _is_flat(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which geometries are a point or a line, but for the rounding of their coordinates."""
    hull = shapely.convex_hull(geometries)
    rounding = np.spacing(np.abs(shapely.bounds(geometries)).max(axis=1))
    return np.asarray(shapely.area(hull) <= rounding * shapely.length(hull))


def _geos_finding(text: str) -> Finding:
    match = _GEOS_TEXT.fullmatch(text)
    if match is None or match["reason"] not in _GEOS_REASONS:
        return Finding(Reason.INVALID)
    place = None if match["x"] is None else (float(match["x"]), float(match["y"]))
    return Finding(_GEOS_REASONS[match["reason"]], place)


@dataclass(frozen=True, slots=True)
class Repaired:
    """One geometry after its repair.

    Attributes
    ----------
    geometry : shapely.Geometry or None
        Valid polygon or multipolygon; what came in when nothing was wrong or the repair was refused.
    reason : Reason
        What was wrong with the geometry that came in.
    refused : bool
        The repair would have gone beyond the tolerance, or nothing polygonal would have been left.
    moved_m : float
        Greatest distance by which the repair moves the border, metres; infinite when nothing is left.
    area_change_m2 : float
        Area after less area before the repair.
    """

    geometry: shapely.Geometry | None
    reason: Reason
    refused: bool
    moved_m: float
    area_change_m2: float


def repair(geometries: ArrayLike, *, tolerance_m: float) -> list[Repaired]:
    """Return each geometry made valid, or as it was where that would exceed the tolerance.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        Metric CRS.
    tolerance_m : float
        How far a repair may move the border, metres.

    Returns
    -------
    list of Repaired
        One for each geometry, in their order.

    Notes
    -----
    Rings are noded and rebuilt, shells merged and holes subtracted, with the vertices where they were. The
    change is measured by the discrete Hausdorff distance of the borders; besides, a border that moves by at
    most t changes the area by at most ``t P`` with the perimeter P. A repair beyond either bound is a guess
    at what was meant (a bow tie, a hole apart from its shell), and is refused.

    Examples
    --------
    >>> spike = shapely.Polygon([(0, 0), (9, 0), (9, 9), (4, 9), (4, 9.1), (4, 9), (0, 9)])
    >>> [mended] = repair([spike], tolerance_m=0.5)
    >>> mended.reason.value, mended.refused, round(mended.moved_m, 3), mended.area_change_m2
    ('self-intersection', False, 0.1, 0.0)
    """
    items = np.asarray(geometries, dtype=object)
    reasons = np.array([finding.reason for finding in inspect(items, bounds=PLANE)], dtype=object)
    mendable = ~np.isin(reasons, list(_BEYOND_REPAIR))
    mended = items.copy()
    mended[mendable] = rebuild(items[mendable])
    moved_m, area_change_m2, refused = np.full(len(items), np.inf), np.zeros(len(items)), ~mendable
    moved_m[mendable], area_change_m2[mendable] = change(items[mendable], mended[mendable])
    refused[mendable] = ~is_within(
        items[mendable], moved_m[mendable], area_change_m2[mendable], tolerance_m=tolerance_m
    )
    results = np.where(refused, items, mended)
    return [
        Repaired(*of)
        for of in zip(
            results, reasons, refused.tolist(), moved_m.tolist(), area_change_m2.tolist(), strict=True
        )
    ]


def rebuild(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons noded and rebuilt into valid polygons, in two dimensions, without lines and points.

    Parameters
    ----------
    geometries : numpy.ndarray of object
        Polygons and multipolygons, in any CRS.

    Returns
    -------
    numpy.ndarray of object
        Valid polygons and multipolygons, empty where nothing polygonal is left; valid ones as they were.
    """
    flat = shapely.force_2d(geometries)
    invalid = ~shapely.is_valid(flat)
    flat[invalid] = shapely.make_valid(flat[invalid], method="structure", keep_collapsed=False)
    return flat


def change(before: NDArray[np.object_], after: NDArray[np.object_]) -> tuple[Floats, Floats]:
    """Return how far the border of each polygon moves, and by how much its area changes.

    Parameters
    ----------
    before, after : numpy.ndarray of object
        Polygons of one metric CRS, side by side.

    Returns
    -------
    moved_m : numpy.ndarray
        Greatest distance from a vertex of either border to the other border, metres; infinite when one of
        them is empty.
    area_change_m2 : numpy.ndarray
        Area after less area before, a missing one counting nothing.

    Notes
    -----
    The first is the discrete Hausdorff distance, found by an index over the edges, because the plain search
    takes time by the square of the number of vertices. Vertices that both have lie on both borders.
    """
    moved_m = np.zeros(len(before))
    changed = np.flatnonzero(~shapely.equals_identical(before, after))
    moved_m[changed] = [
        max(_farthest_m(one, other), _farthest_m(other, one))
        for one, other in zip(before[changed], after[changed], strict=True)
    ]
    return moved_m, area_m2(after) - area_m2(before)


def _farthest_m(polygon: shapely.Geometry, other: shapely.Geometry) -> float:
    if shapely.is_empty(polygon) or shapely.is_empty(other):
        return np.inf
    own, others = (_vertices(one) for one in (polygon, other))
    apart = own[np.isin(own, others, invert=True)]
    _, distance_m = shapely.STRtree(_edges(other)).query_nearest(
        shapely.points(apart.real, apart.imag), return_distance=True, all_matches=False
    )
    return float(distance_m.max(initial=0))


def _vertices(polygon: shapely.Geometry) -> NDArray[np.complex128]:
    x, y = shapely.get_coordinates(polygon).T
    return np.asarray(x + 1j * y)


def _edges(polygon: shapely.Geometry) -> NDArray[np.object_]:
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(polygon)), return_index=True)
    inside = ring[:-1] == ring[1:]
    return np.asarray(shapely.linestrings(np.stack([xy[:-1][inside], xy[1:][inside]], axis=1)))


def is_within(
    before: NDArray[np.object_], moved_m: Floats, area_change_m2: Floats, *, tolerance_m: float
) -> NDArray[np.bool_]:
    """Return whether moving the border by no more than the tolerance explains a change.

    Parameters
    ----------
    before : numpy.ndarray of object
        Polygons before the change, metric CRS.
    moved_m, area_change_m2 : numpy.ndarray
        The change, as `change` gives it.
    tolerance_m : float
        How far the border may move, metres.

    Returns
    -------
    numpy.ndarray of bool
        The border moves by at most the tolerance t, and the area changes by at most t times its length.
    """
    return (moved_m <= tolerance_m) & (np.abs(area_change_m2) <= tolerance_m * perimeter_m(before))


def as_multipolygon(geometries: ArrayLike) -> NDArray[np.object_]:
    """Return each polygon as a multipolygon in two dimensions.

    Parameters
    ----------
    geometries : array_like of shapely polygon
        Polygons and multipolygons, any CRS; everything else gives an empty multipolygon.

    Returns
    -------
    numpy.ndarray of object
        MultiPolygons, in the order of the input.

    Examples
    --------
    >>> as_multipolygon([shapely.box(0, 0, 1, 1), None])[0].geom_type
    'MultiPolygon'
    """
    items = shapely.force_2d(np.asarray(geometries, dtype=object))
    parts, owner = shapely.get_parts(items, return_index=True)
    polygons = shapely.get_type_id(parts) == GeometryType.POLYGON
    result = np.full(items.shape, shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts[polygons], indices=owner[polygons], out=result)
    return result
