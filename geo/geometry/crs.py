"""Reference systems: storage is EPSG:4326 as lon, lat, computation is in metres, others go by name."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import BadValue, UnknownReference
from geo.geometry import datum as datums
from geo.geometry.projection import Positions, move, reproject, reproject_xy

STORAGE_SRID: Final = 4326
STORAGE: Final = CRS.from_epsg(STORAGE_SRID)
METRIC_IN_CHINA: Final = range(4534, 4555)
"""EPSG codes of the CGCS2000 3-degree Gauss-Kruger zones on the meridians 75° E to 135° E."""

_EPSG: Final = re.compile(r"epsg:([1-9]\d{3,5})", re.IGNORECASE)
_NAMED: Final[dict[str, tuple[int, datums.Shifted | None]]] = {
    "wgs84": (4326, None),
    "cgcs2000": (4490, None),
    "gcj02": (4326, "gcj02"),
    "bd09": (4326, "bd09"),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """What the numbers of a file mean.

    Attributes
    ----------
    name : str
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:nnnn``.
    crs : pyproj.CRS
        The reference system of the numbers, after the datum shift has been taken away.
    datum : {"gcj02", "bd09"} or None
        The shifted datum that the numbers speak, if any.
    """

    name: str
    crs: CRS
    datum: datums.Shifted | None


def reference(name: str) -> Reference:
    """Return the reference of that name.

    Parameters
    ----------
    name : str
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:nnnn``, in any case.

    Returns
    -------
    Reference
        The reference, with its name in the spelling above.

    Raises
    ------
    geo.errors.UnknownReference
        When the name is none of these, or the EPSG code is not that of a geographic or projected plane.

    Examples
    --------
    >>> reference("epsg:4549").name
    'EPSG:4549'
    >>> reference("GCJ02").datum
    'gcj02'
    """
    known = name.strip().lower()
    if known not in _NAMED:
        return _epsg_reference(name)
    code, shifted = _NAMED[known]
    return Reference(known, CRS.from_epsg(code), shifted)


def _epsg_reference(name: str) -> Reference:
    code = _EPSG.fullmatch(name.strip())
    if code is None:
        raise UnknownReference(name=name)
    try:
        crs = CRS.from_epsg(int(code[1]))
    except CRSError as error:
        raise UnknownReference(name=name) from error
    if len(crs.axis_info) != 2 or not (crs.is_geographic or crs.is_projected):
        raise UnknownReference(name=name)
    return Reference(f"EPSG:{code[1]}", crs, None)


def metric_crs(bounds: tuple[float, float, float, float]) -> CRS:
    """Return the system in metres that fits an extent.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north in degrees of EPSG:4326.

    Returns
    -------
    pyproj.CRS
        In China a 3-degree Gauss-Kruger zone of CGCS2000 (EPSG:4534 to 4554), elsewhere a UTM zone of WGS84.

    Raises
    ------
    geo.errors.BadValue
        When the bounds are not finite.

    Notes
    -----
    The zone is that of the middle of the extent. Gauss-Kruger zones of 3 degrees are the surveyor's own
    system in Chinese cities and keep true scale on the central meridian: at the distance x from it lengths
    grow by ``x² / 2R²``, at most 3.5e-4 (35 cm in 1 km, areas 7e-4) at the border of a zone and under 1e-4
    within 90 km of the meridian. UTM zones are 6 degrees wide with the scale 0.9996 on the meridian: lengths
    err by 4e-4 there and by up to 1e-3 at the border of the zone on the equator. An extent wider than its
    zone errs by the same law.

    References
    ----------
    .. [1] GB/T 18314-2024 and EPSG Geodetic Parameter Dataset, codes 4534 to 4554.
    .. [2] Snyder, Map Projections: A Working Manual, USGS 1395, 1987, eq. 8-11.

    Examples
    --------
    >>> metric_crs((120.0, 30.1, 120.2, 30.4)).to_epsg()
    4549
    >>> metric_crs((-76.7, 39.2, -76.5, 39.4)).to_epsg()
    32618
    """
    west, south, east, north = bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise BadValue(field="bounds", value=[str(bound) for bound in bounds], expected="finite")
    return CRS.from_epsg(_gauss_kruger(lon) if datums.in_china(lon, lat) else _utm(lon, lat))


def _gauss_kruger(lon: float) -> int:
    zone = round((lon - 75) / 3)
    return METRIC_IN_CHINA[min(max(zone, 0), len(METRIC_IN_CHINA) - 1)]


def _utm(lon: float, lat: float) -> int:
    zone = min(max(int((lon + 180) // 6) + 1, 1), 60)
    return (32600 if lat >= 0 else 32700) + zone


def to_metric(geometries: ArrayLike, crs: CRS) -> NDArray[np.object_]:
    """Geometries of the storage stand in metres.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        EPSG:4326, lon, lat.
    crs : pyproj.CRS
        A metric system, as `metric_crs` gives it.

    Returns
    -------
    numpy.ndarray of object
        The geometries in `crs`, metres.
    """
    return reproject(geometries, STORAGE, crs)


def to_lonlat(geometries: ArrayLike, crs: CRS) -> NDArray[np.object_]:
    """Geometries in metres stand in the storage system.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        In `crs`, metres.
    crs : pyproj.CRS
        A metric system, as `metric_crs` gives it.

    Returns
    -------
    numpy.ndarray of object
        The geometries in EPSG:4326, lon, lat.
    """
    return reproject(geometries, crs, STORAGE)


def to_storage_xy(x: ArrayLike, y: ArrayLike, reference: Reference) -> Positions:
    """Positions of a file stand in the storage system.

    Parameters
    ----------
    x, y : array_like of float
        Numbers as the file has them, x (lon) before y (lat).
    reference : Reference
        What the numbers mean.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude, EPSG:4326; infinite where there is no such place.

    Examples
    --------
    >>> lon, lat = to_storage_xy([116.410369], [39.921337], reference("bd09"))
    >>> print(f"{lon[0]:.4f} {lat[0]:.4f}")
    116.3978 39.9136
    """
    lon, lat = reproject_xy(x, y, reference.crs, STORAGE)
    return (lon, lat) if reference.datum is None else datums.TO_WGS84[reference.datum](lon, lat)


def from_storage_xy(lon: ArrayLike, lat: ArrayLike, reference: Reference) -> Positions:
    """Positions of the storage are written in a reference.

    Parameters
    ----------
    lon, lat : array_like of float
        EPSG:4326 degrees.
    reference : Reference
        What the numbers shall mean.

    Returns
    -------
    tuple of numpy.ndarray
        x and y in the reference; infinite where it has no such place.
    """
    if reference.datum is not None:
        lon, lat = datums.FROM_WGS84[reference.datum](lon, lat)
    return reproject_xy(lon, lat, STORAGE, reference.crs)


def to_storage(geometries: ArrayLike, reference: Reference) -> NDArray[np.object_]:
    """Geometries of a file stand in the storage system, in two dimensions.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        Numbers as the file has them, x (lon) before y (lat).
    reference : Reference
        What the numbers mean.

    Returns
    -------
    numpy.ndarray of object
        The geometries in EPSG:4326, lon, lat.
    """
    return move(geometries, lambda x, y: to_storage_xy(x, y, reference))


def from_storage(geometries: ArrayLike, reference: Reference) -> NDArray[np.object_]:
    """Geometries of the storage are written in a reference.

    Parameters
    ----------
    geometries : array_like of shapely geometry
        EPSG:4326, lon, lat.
    reference : Reference
        What the numbers shall mean.

    Returns
    -------
    numpy.ndarray of object
        The geometries in the reference.
    """
    return move(geometries, lambda x, y: from_storage_xy(x, y, reference))
