"""Where rows are: from geometries, from two columns of numbers or from well-known text, in one reference."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.exchange import Problem, Severity
from geo.errors import UnknownReference
from geo.geometry.crs import Reference, reference, to_storage_xy
from geo.services.exchange.limits import Limits, check_geometries
from geo.services.exchange.rows import Rows
from geo.services.exchange.table import Column, objects
from geo.services.exchange.values import shown

Bounds = tuple[float, float, float, float]

_PLAIN_WKT = re.compile(
    r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)[^a-z]*",
    re.IGNORECASE,
)
_CROWD = 3
"""So many rows on one round position, and it is a placeholder."""
_ROUND = 100
"""A position is round when its degrees have at most two decimals: a kilometre."""
_MOST_ROUND = 0.05
"""Where more of all positions are round, the file is coarse, and roundness tells nothing."""


def choose_reference(
    asked: str | None, declared: str | None, *, has_places: bool
) -> tuple[Reference, list[Problem]]:
    """Return what the numbers of a file are, with what has to be said about it.

    Parameters
    ----------
    asked, declared : str or None
        What somebody says, and what the file says.
    has_places : bool
        Whether there are any numbers.

    Returns
    -------
    reference : Reference
        The one asked for, else the one declared; WGS84 for the time being where there is neither.
    problems : list of Problem
        An error where nobody says what the numbers are; a warning where both do, and differ.

    Raises
    ------
    UnknownReference
        If the one asked for isn't known.
    """
    if asked is not None:
        chosen = reference(asked)
        return chosen, _conflict(chosen, declared)
    if declared is None:
        return reference("wgs84"), [Problem("reference-undeclared", Severity.ERROR)] if has_places else []
    try:
        return reference(declared), []
    except UnknownReference:
        return reference("wgs84"), [Problem("reference-unknown", Severity.ERROR, value=shown(declared))]


def _conflict(chosen: Reference, declared: str | None) -> list[Problem]:
    try:
        same = declared is None or _means_the_same(chosen, reference(declared))
    except UnknownReference:
        same = False
    detail = {"declared": declared, "asked": chosen.name}
    return [] if same else [Problem("reference-conflict", Severity.WARNING, value=declared, detail=detail)]


def _means_the_same(one: Reference, other: Reference) -> bool:
    return one.datum == other.datum and one.crs == other.crs


def geometries_of_text(texts: Column, limits: Limits) -> tuple[Column, NDArray[np.bool_]]:
    """Return the geometries of well-known text, and which texts are none.

    Parameters
    ----------
    texts : NDArray[object]
        Text or None. Collections are refused: nested ones exhaust the stack of the parser.
    limits : Limits
        How many vertices there may be.

    Returns
    -------
    geometries : NDArray[object]
        Shapely geometries in two dimensions, or None.
    bad : NDArray[bool]
        Whether there was something that is no well-known text.
    """
    written = objects(str(text).strip() if text is not None else "" for text in texts)
    plain = objects(text if _PLAIN_WKT.fullmatch(text) else None for text in written)
    geometries = shapely.force_2d(shapely.from_wkt(plain, on_invalid="ignore"))
    check_geometries(geometries, limits)
    return np.asarray(geometries, dtype=object), (written != "") & shapely.is_missing(geometries)


@dataclass(frozen=True, slots=True)
class Placed:
    """Points of rows.

    Attributes
    ----------
    points : NDArray[object]
        Points, EPSG:4326, or None.
    problems : tuple of Problem
        Which rows have no place though the file gives one, and why.
    """

    points: Column
    problems: tuple[Problem, ...]


def place_points(rows: Rows, around: Bounds | None) -> Placed:
    """Return one point of EPSG:4326 for each row that really has one.

    Parameters
    ----------
    rows : Rows
        With geometries in the numbers of the file. Of anything but a point, a point inside is taken.
    around : tuple of float, or None
        West, south, east, north of the division in force: tells lon from lat where they are swapped.

    Returns
    -------
    Placed
        Placeholders, positions out of range and swapped ones are reported and get no point.
    """
    geometries = rows.geometries
    present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    inner = present & (shapely.get_type_id(geometries) != shapely.GeometryType.POINT)
    anchors = geometries.copy()
    anchors[inner] = _inside(geometries[inner])
    placed = present & ~shapely.is_missing(anchors) & ~shapely.is_empty(anchors)
    xy = np.full((len(rows), 2), np.nan)
    xy[placed] = shapely.get_coordinates(anchors[placed])
    lon, lat = to_storage_xy(xy[:, 0], xy[:, 1], rows.reference)
    swapped = placed & _swapped(xy, lon, lat, rows.reference, around)
    out_of_range = placed & ~swapped & ~_on_earth(lon, lat)
    held = placed & ~swapped & ~out_of_range
    placeholder = held & _is_placeholder(xy, held)
    good = held & ~placeholder
    points = np.full(len(rows), None, dtype=object)
    points[good] = shapely.points(lon[good], lat[good])
    found = (
        ("not-a-point", Severity.WARNING, present & ~placed),
        ("point-inside-taken", Severity.NOTE, inner & good),
        ("lon-lat-swapped", Severity.WARNING, swapped),
        ("out-of-range", Severity.WARNING, out_of_range),
        ("placeholder-point", Severity.WARNING, placeholder),
    )
    return Placed(
        points,
        tuple(
            rows.problem(at, code, severity, field="geometry", detail=_position(xy[at]))
            for code, severity, mask in found
            for at in np.flatnonzero(mask)
        ),
    )


def _inside(geometries: Column) -> Column:
    sound = np.where(shapely.is_valid(geometries), geometries, shapely.convex_hull(geometries))
    return np.asarray(shapely.point_on_surface(sound), dtype=object)


def _on_earth(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)


def _swapped(
    xy: NDArray[np.float64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    chosen: Reference,
    around: Bounds | None,
) -> NDArray[np.bool_]:
    """Return which positions make sense only the other way round."""
    if not chosen.crs.is_geographic:
        return np.zeros(len(xy), dtype=bool)
    turned_lon, turned_lat = xy[:, 1], xy[:, 0]
    impossible = ~_on_earth(lon, lat) & _on_earth(turned_lon, turned_lat)
    if around is None:
        return impossible
    return impossible | (~_within(lon, lat, around) & _within(turned_lon, turned_lat, around))


def _within(lon: NDArray[np.float64], lat: NDArray[np.float64], bounds: Bounds) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _is_placeholder(xy: NDArray[np.float64], held: NDArray[np.bool_]) -> NDArray[np.bool_]:
    positions, place, crowd = np.unique(xy[held], axis=0, return_inverse=True, return_counts=True)
    is_round = (np.round(positions * _ROUND) == positions * _ROUND).all(axis=1)
    telling = is_round.mean() <= _MOST_ROUND if len(positions) else False
    nowhere = (positions == 0).all(axis=1) | (is_round & (crowd >= _CROWD) & telling)
    found = np.zeros(len(xy), dtype=bool)
    found[held] = nowhere[place.reshape(-1)]
    return found


def _position(xy: NDArray[np.float64]) -> dict[str, float | None]:
    x, y = (float(value) if np.isfinite(value) else None for value in xy)
    return {"x": x, "y": y}
