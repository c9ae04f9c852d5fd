"""Parsed GeoJSON checked member by member, so that GEOS never sees what is malformed or too large."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast

import shapely
from shapely.geometry import shape

from geo.errors import LimitExceeded, Malformed


@dataclass(frozen=True, slots=True)
class Limits:
    """How large one geometry may be.

    Attributes
    ----------
    max_vertices : int
        Positions, all rings together.
    max_parts : int
        Members, polygons, rings and lines, all together.
    max_depth : int
        Geometries inside each other: 1 is a geometry that is no collection.
    """

    max_vertices: int = 200_000
    max_parts: int = 20_000
    max_depth: int = 4


class Note(StrEnum):
    """What was left out of a well-formed geometry."""

    EXTRA_DIMENSIONS = "extra-dimensions"


_FINITE: Final = sys.float_info.max
_COLLECTION: Final = "GeometryCollection"
_SHAPES: Final = {
    "Point": ("position",),
    "MultiPoint": ("positions",),
    "LineString": ("line",),
    "MultiLineString": ("parts", "line"),
    "Polygon": ("parts", "ring"),
    "MultiPolygon": ("parts", "rings", "ring"),
}
"""What the nested arrays of coordinates are, from the outermost inwards, for each type of geometry."""

_LEAST: Final = {"parts": 0, "rings": 1, "positions": 0, "line": 2, "ring": 4}
"""How many elements each kind of array has at least."""


def check_geojson(value: object, limits: Limits) -> frozenset[Note]:
    """Accept a parsed geometry object that is well formed and within the limits, and nothing else.

    Parameters
    ----------
    value : object
        What a JSON parser gave.
    limits : Limits
        How large it may be.

    Returns
    -------
    frozenset of Note
        What `geojson_geometry` leaves out.

    Raises
    ------
    geo.errors.Malformed
        With ``path`` (like ``coordinates[0][3]``) and ``expected``: ``object``, ``array``, ``geometry-type``,
        ``position``, ``number``, ``finite``, ``closed-ring``, ``bbox``, or how many elements an array has at
        least, like ``ring of 4``.
    geo.errors.LimitExceeded
        With ``path``, ``limit``, ``value`` and ``maximum``.

    References
    ----------
    .. [1] RFC 7946, The GeoJSON Format, section 3.1.

    Examples
    --------
    >>> [note.value for note in check_geojson({"type": "Point", "coordinates": [120.1, 30.2, 8]}, Limits())]
    ['extra-dimensions']
    """
    walk = _Walk(limits)
    walk.geometry(value, "", depth=1)
    return frozenset({Note.EXTRA_DIMENSIONS} if walk.longest_position > 2 else ())


def geojson_geometry(value: object, limits: Limits) -> shapely.Geometry:
    """Return the geometry of a parsed geometry object, in two dimensions.

    Parameters
    ----------
    value : object
        What a JSON parser gave.
    limits : Limits
        How large it may be.

    Returns
    -------
    shapely.Geometry
        The geometry, which may still be invalid or empty.

    Raises
    ------
    geo.errors.Malformed
        As `check_geojson` does.
    geo.errors.LimitExceeded
        As `check_geojson` does.

    Examples
    --------
    >>> geojson_geometry({"type": "Point", "coordinates": [120.1, 30.2, 8]}, Limits()).wkt
    'POINT (120.1 30.2)'
    """
    check_geojson(value, limits)
    return _built(cast("dict[str, Any]", value))


def geojson_features(value: object) -> list[Any]:
    """Return the members of a parsed GeoJSON text, each still to be read by `feature_geometry`.

    Parameters
    ----------
    value : object
        What a JSON parser gave: a feature collection, a feature or a bare geometry.

    Returns
    -------
    list
        The members of the collection; a bare geometry becomes the geometry of the only one.

    Raises
    ------
    geo.errors.Malformed
        With ``path`` and ``expected``: ``object``, ``array`` or ``geojson-type``.
    """
    match value:
        case {"type": "FeatureCollection", "features": list(features)}:
            return features
        case {"type": "FeatureCollection"}:
            raise Malformed(path="features", expected="array")
        case {"type": "Feature"}:
            return [value]
        case {"type": str(kind)} if kind in _SHAPES or kind == _COLLECTION:
            return [{"type": "Feature", "properties": None, "geometry": value}]
        case {}:
            raise Malformed(path="type", expected="geojson-type")
        case _:
            raise Malformed(path="", expected="object")


def feature_geometry(feature: object, limits: Limits) -> shapely.Geometry | None:
    """Return the geometry of a parsed feature, in two dimensions.

    Parameters
    ----------
    feature : object
        One of `geojson_features`.
    limits : Limits
        How large its geometry may be.

    Returns
    -------
    shapely.Geometry or None
        The geometry, which may still be invalid or empty; ``None`` for a feature without a place.

    Raises
    ------
    geo.errors.Malformed
        As `check_geojson` does, and with ``expected`` ``feature`` or ``identifier``.
    geo.errors.LimitExceeded
        As `check_geojson` does.

    References
    ----------
    .. [1] RFC 7946, The GeoJSON Format, section 3.2.
    """
    match feature:
        case {"type": "Feature", "id": dict() | list() | bool() | None}:
            raise Malformed(path="id", expected="identifier")
        case {"type": "Feature", "properties": dict() | None, "geometry": None}:
            return None
        case {"type": "Feature", "properties": dict() | None, "geometry": geometry}:
            _Walk(limits).geometry(geometry, "geometry", depth=1)
            return _built(geometry)
        case {"type": "Feature", "properties": dict() | None}:
            raise Malformed(path="geometry", expected="object")
        case {"type": "Feature"}:
            raise Malformed(path="properties", expected="object")
        case _:
            raise Malformed(path="", expected="feature")


class _Walk:
    """One walk through a geometry object, counting what it meets."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.vertices = 0
        self.parts = 0
        self.longest_position = 2

    def geometry(self, value: object, path: str, *, depth: int) -> None:
        if not isinstance(value, dict):
            raise Malformed(path=path, expected="object")
        _keep("max_depth", depth, self.limits.max_depth, path)
        _check_bbox(value, _member(path, "bbox"))
        kind = value.get("type")
        if kind == _COLLECTION:
            self._members(value.get("geometries"), _member(path, "geometries"), depth)
        elif isinstance(kind, str) and kind in _SHAPES:
            self._coordinates(value.get("coordinates"), _member(path, "coordinates"), *_SHAPES[kind])
        else:
            raise Malformed(path=_member(path, "type"), expected="geometry-type")

    def _members(self, value: object, path: str, depth: int) -> None:
        for n, member in enumerate(self._parts(value, path, "parts")):
            self.geometry(member, f"{path}[{n}]", depth=depth + 1)

    def _coordinates(self, value: object, path: str, kind: str, *inner: str) -> None:
        if inner:
            for n, part in enumerate(self._parts(value, path, kind)):
                self._coordinates(part, f"{path}[{n}]", *inner)
        elif kind == "position":
            self._position(value, path)
        else:
            self._positions(value, path, kind)

    def _parts(self, value: object, path: str, kind: str) -> list[object]:
        parts = _array(value, path, kind)
        self.parts += len(parts)
        _keep("max_parts", self.parts, self.limits.max_parts, path)
        return parts

    def _positions(self, value: object, path: str, kind: str) -> None:
        positions = _array(value, path, kind)
        self.vertices += len(positions)
        _keep("max_vertices", self.vertices, self.limits.max_vertices, path)
        for n, position in enumerate(positions):
            self._position(position, f"{path}[{n}]")
        if kind == "ring" and positions[0] != positions[-1]:
            raise Malformed(path=path, expected="closed-ring")

    def _position(self, value: object, path: str) -> None:
        if not isinstance(value, list) or not 2 <= len(value) <= 4:
            raise Malformed(path=path, expected="position")
        _check_numbers(value, path)
        self.longest_position = max(self.longest_position, len(value))


def _member(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _keep(limit: str, value: int, maximum: int, path: str) -> None:
    if value > maximum:
        raise LimitExceeded(path=path, limit=limit, value=value, maximum=maximum)


def _array(value: object, path: str, kind: str) -> list[object]:
    if not isinstance(value, list):
        raise Malformed(path=path, expected="array")
    if len(value) < _LEAST[kind]:
        raise Malformed(path=path, expected=f"{kind} of {_LEAST[kind]}")
    return value


def _check_numbers(values: list[Any], path: str) -> None:
    for n, value in enumerate(values):
        if type(value) not in {int, float}:
            raise Malformed(path=f"{path}[{n}]", expected="number")
        # NaN fails every comparison, and an integer beyond all floats is compared without being converted.
        if not -_FINITE <= value <= _FINITE:
            raise Malformed(path=f"{path}[{n}]", expected="finite")


def _check_bbox(geometry: dict[str, object], path: str) -> None:
    match geometry:
        case {"bbox": list(numbers)} if len(numbers) in {4, 6}:
            _check_numbers(numbers, path)
        case {"bbox": _}:
            raise Malformed(path=path, expected="bbox")


def _built(geometry: dict[str, Any]) -> shapely.Geometry:
    if geometry["type"] == _COLLECTION:
        return shapely.GeometryCollection([_built(member) for member in geometry["geometries"]])
    return shape({"type": geometry["type"], "coordinates": _planar(geometry["coordinates"])})


def _planar(coordinates: list[Any]) -> list[Any]:
    if coordinates and isinstance(coordinates[0], list):
        return [_planar(inner) for inner in coordinates]
    return coordinates[:2]
