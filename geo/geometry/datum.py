"""GCJ-02 and BD-09, the shifted datums of Chinese web maps, to and from WGS84.

GCJ-02 moves each place inside China by 100 to 700 m; BD-09 moves GCJ-02 once more, everywhere. Neither has
an official text: the formulas are those found by reverse engineering, which all open implementations share.

References
----------
.. [1] https://en.wikipedia.org/wiki/Restrictions_on_geographic_data_in_China, sections GCJ-02 and BD-09.
.. [2] Krasovsky 1940 ellipsoid: EPSG:7024, semi-major axis 6 378 245 m, inverse flattening 298.3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from geo.geometry.projection import Floats, Positions, move, reproject

Shift: TypeAlias = Callable[[ArrayLike, ArrayLike], Positions]
Shifted: TypeAlias = Literal["gcj02", "bd09"]

CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east and north of the rectangle in which GCJ-02 differs from WGS84, degrees."""

_SEMI_MAJOR_M: Final = 6_378_245.0
_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_ORIGIN: Final = (105.0, 35.0)
_BD09_OFFSET: Final = (0.0065, 0.006)
_BD09_ANGLE: Final = np.pi * 3000.0 / 180.0
_STEPS: Final = 8
"""The shift changes by under 1 % over its own length: each step gains two digits, eight pass the last bit."""


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Positions lie in the rectangle in which GCJ-02 differs from WGS84.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees.

    Returns
    -------
    numpy.ndarray of bool
        In the shape of the input; the border belongs to the rectangle.

    Examples
    --------
    >>> in_china([116.4, 2.35], [39.9, 48.86]).tolist()
    [True, False]
    """
    west, south, east, north = CHINA
    x, y = _floats(lon, lat)
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Positions:
    """WGS84 positions are read in GCJ-02; outside China they are unchanged.

    Parameters
    ----------
    lon, lat : array_like of float
        WGS84 degrees.

    Returns
    -------
    tuple of numpy.ndarray
        GCJ-02 longitude and latitude, degrees.

    Notes
    -----
    A sum of sines of the distance from (105° E, 35° N) gives an offset in metres on the Krasovsky
    ellipsoid, divided by the length of a degree of the meridian and of the parallel.

    Examples
    --------
    >>> lon, lat = wgs84_to_gcj02(121.5272106, 31.1774276)
    >>> print(f"{lon:.6f} {lat:.6f}")
    121.531542 31.175304
    """
    x, y = _floats(lon, lat)
    inside = in_china(x, y)
    east, north = _gcj02_offset(x, y)
    return np.where(inside, x + east, x), np.where(inside, y + north, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Positions:
    """GCJ-02 positions are read in WGS84, to the last bits of a double; outside China they are unchanged.

    Parameters
    ----------
    lon, lat : array_like of float
        GCJ-02 degrees.

    Returns
    -------
    tuple of numpy.ndarray
        WGS84 longitude and latitude, degrees.

    Notes
    -----
    Fixed point of ``w = g - offset(w)``. Along the rectangle itself, in a band as wide as the shift,
    GCJ-02 is not one to one; there the position is taken as shifted when the given place lies inside. On the
    meridian 105° E a square root has its kink, and the position is good to a micrometre only.

    Examples
    --------
    >>> there = wgs84_to_gcj02(116.404, 39.915)
    >>> back = gcj02_to_wgs84(*there)
    >>> bool(abs(back[0] - 116.404) < 1e-12)
    True
    """
    x, y = _floats(lon, lat)
    inside = in_china(x, y)
    wgs_x, wgs_y = _fixed_point(x, y, _gcj02_offset)
    return np.where(inside, wgs_x, x), np.where(inside, wgs_y, y)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Positions:
    """GCJ-02 positions are read in BD-09.

    Parameters
    ----------
    lon, lat : array_like of float
        GCJ-02 degrees.

    Returns
    -------
    tuple of numpy.ndarray
        BD-09 longitude and latitude, degrees.

    Notes
    -----
    In polar form about (0, 0) the radius gains ``2e-5 sin(3000° y)`` and the angle ``3e-6 cos(3000° x)``,
    then (0.0065, 0.006) is added.

    Examples
    --------
    >>> lon, lat = gcj02_to_bd09(116.404, 39.915)
    >>> print(f"{lon:.8f} {lat:.8f}")
    116.41036949 39.92133699
    """
    x, y = _floats(lon, lat)
    east, north = _bd09_offset(x, y)
    return x + east, y + north


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Positions:
    """BD-09 positions are read in GCJ-02, exact to the last bits.

    Parameters
    ----------
    lon, lat : array_like of float
        BD-09 degrees.

    Returns
    -------
    tuple of numpy.ndarray
        GCJ-02 longitude and latitude, degrees.

    Notes
    -----
    Fixed point of ``g = b - offset(g)``. The closed form in use elsewhere is an approximation.

    Examples
    --------
    >>> there = gcj02_to_bd09(116.404, 39.915)
    >>> back = bd09_to_gcj02(*there)
    >>> bool(abs(back[1] - 39.915) < 1e-12)
    True
    """
    return _fixed_point(*_floats(lon, lat), _bd09_offset)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Positions:
    """BD-09 positions are read in WGS84.

    Parameters
    ----------
    lon, lat : array_like of float
        BD-09 degrees.

    Returns
    -------
    tuple of numpy.ndarray
        WGS84 longitude and latitude, degrees.
    """
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Positions:
    """WGS84 positions are read in BD-09.

    Parameters
    ----------
    lon, lat : array_like of float
        WGS84 degrees.

    Returns
    -------
    tuple of numpy.ndarray
        BD-09 longitude and latitude, degrees.
    """
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


TO_WGS84: Final[dict[Shifted, Shift]] = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
FROM_WGS84: Final[dict[Shifted, Shift]] = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


@dataclass(frozen=True, slots=True)
class ShiftFit:
    """How well a layer covers an outline as labelled, and when one of the two is read in a shifted datum.

    Attributes
    ----------
    iou_as_labelled : float
        Area of the intersection over area of the union, both taken as WGS84.
    iou_shifted : float
        The best of the same ratio when the layer or the outline is read as GCJ-02 or BD-09.
    datum : {"gcj02", "bd09"}
        The datum that gives `iou_shifted`.
    shifted : {"layer", "outline"}
        Which of the two gives `iou_shifted` when it is read in `datum`.
    """

    iou_as_labelled: float
    iou_shifted: float
    datum: Shifted
    shifted: Literal["layer", "outline"]

    @property
    def suspicious(self) -> bool:
        """The label is probably wrong.

        Returns
        -------
        bool
            False where a doubt remains.

        Notes
        -----
        The misfit ``1 - IoU`` at least halves and the gain is at least 0.01. Two honest sources of one border
        differ by some percent that no shift removes; a wrong datum adds about ``shift x perimeter / area``,
        which vanishes with the right reading.
        """
        halves = 1.0 - self.iou_shifted <= 0.5 * (1.0 - self.iou_as_labelled)
        return halves and self.iou_shifted - self.iou_as_labelled >= 0.01


def shift_fit(layer: ArrayLike, outline: shapely.Geometry, metric: CRS) -> ShiftFit:
    """Return the fit of a layer to an outline, as labelled and as shifted.

    Parameters
    ----------
    layer : array_like of shapely polygon
        Cells whose union should cover the outline, lon/lat labelled WGS84.
    outline : shapely.Geometry
        Polygon of the reference, lon/lat labelled WGS84.
    metric : pyproj.CRS
        The system in metres in which areas are taken.

    Returns
    -------
    ShiftFit
        Both ratios, and the reading that gives the better one.
    """
    ground = shapely.union_all(shapely.make_valid(np.asarray(layer, dtype=object)))
    reference = shapely.make_valid(outline)
    readings: list[tuple[Shifted, Literal["layer", "outline"]]] = [
        (datum, shifted) for datum in TO_WGS84 for shifted in ("layer", "outline")
    ]
    ratios = [
        _iou(_read_as(datum, ground), reference, metric)
        if shifted == "layer"
        else _iou(ground, _read_as(datum, reference), metric)
        for datum, shifted in readings
    ]
    best = int(np.argmax(ratios))
    return ShiftFit(_iou(ground, reference, metric), ratios[best], *readings[best])


def _read_as(datum: Shifted, geometry: shapely.Geometry) -> shapely.Geometry:
    moved: shapely.Geometry = move(np.array([geometry], dtype=object), TO_WGS84[datum])[0]
    return shapely.make_valid(moved)


def _iou(first: shapely.Geometry, second: shapely.Geometry, metric: CRS) -> float:
    pair = np.array([shapely.intersection(first, second), shapely.union(first, second)], dtype=object)
    common, whole = shapely.area(reproject(pair, CRS.from_epsg(4326), metric))
    return float(common / whole) if whole > 0 else 0.0


def _floats(lon: ArrayLike, lat: ArrayLike) -> Positions:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _fixed_point(x: Floats, y: Floats, offset: Callable[[Floats, Floats], Positions]) -> Positions:
    origin_x, origin_y = x, y
    for _ in range(_STEPS):
        east, north = offset(origin_x, origin_y)
        origin_x, origin_y = x - east, y - north
    return origin_x, origin_y


@np.errstate(invalid="ignore", over="ignore", divide="ignore")  # far from China, where the answer is not used
def _gcj02_offset(lon: Floats, lat: Floats) -> Positions:
    x, y = lon - _ORIGIN[0], lat - _ORIGIN[1]
    root = np.sqrt(np.abs(x))
    common = _waves(x, (6, 20), (2, 20))
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east_m += _waves(x, (1, 20), (1 / 3, 40), (1 / 12, 150), (1 / 30, 300))
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north_m += _waves(y, (1, 20), (1 / 3, 40), (1 / 12, 160), (1 / 30, 320))

    phi = np.radians(lat)
    flatness = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / flatness**1.5
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flatness) * np.cos(phi)
    return np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)


def _waves(along: Floats, *terms: tuple[float, float]) -> Floats:
    total = np.zeros_like(along)
    for frequency, amplitude in terms:
        total = total + amplitude * 2 / 3 * np.sin(frequency * np.pi * along)
    return total


@np.errstate(invalid="ignore", over="ignore", divide="ignore")  # far from China, where the answer is not used
def _bd09_offset(lon: Floats, lat: Floats) -> Positions:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD09_ANGLE)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD09_ANGLE)
    east, north = _BD09_OFFSET
    return radius * np.cos(angle) + east - lon, radius * np.sin(angle) + north - lat
