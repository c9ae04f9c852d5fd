"""Measures of the size and shape of polygons in metres."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.geometry.projection import Floats


def area_m2(polygons: ArrayLike) -> Floats:
    """Return the area of each polygon.

    Parameters
    ----------
    polygons : array_like of shapely polygon
        Metric CRS.

    Returns
    -------
    numpy.ndarray
        Square metres; 0 for an empty or missing polygon.
    """
    return np.nan_to_num(shapely.area(_array(polygons)))


def perimeter_m(polygons: ArrayLike) -> Floats:
    """Return the length of all rings of each polygon.

    Parameters
    ----------
    polygons : array_like of shapely polygon
        Metric CRS.

    Returns
    -------
    numpy.ndarray
        Metres; 0 for an empty or missing polygon.
    """
    return np.nan_to_num(shapely.length(_array(polygons)))


def polsby_popper(polygons: ArrayLike) -> Floats:
    """Return how much of the circle of equal perimeter each polygon fills.

    Parameters
    ----------
    polygons : array_like of shapely polygon
        Metric CRS.

    Returns
    -------
    numpy.ndarray
        From 0 (a line) to 1 (a disc); not a number without a perimeter.

    Notes
    -----
    ``4 pi A / P²`` with area A and perimeter P. A raggedly drawn border lowers it, whatever the shape.

    References
    ----------
    .. [1] Polsby and Popper, The third criterion: compactness as a procedural safeguard against partisan
       gerrymandering, Yale Law & Policy Review 9, 1991.

    Examples
    --------
    >>> print(f"{polsby_popper([shapely.box(0, 0, 1, 1)])[0]:.4f}")
    0.7854
    """
    return _ratio(4 * np.pi * area_m2(polygons), perimeter_m(polygons) ** 2)


def reock(polygons: ArrayLike) -> Floats:
    """Return how much of its smallest enclosing circle each polygon fills.

    Parameters
    ----------
    polygons : array_like of shapely polygon
        Metric CRS.

    Returns
    -------
    numpy.ndarray
        From 0 (a line) to 1 (a disc); not a number without an extent.

    Notes
    -----
    ``A / (pi r²)`` with the radius r of the minimum bounding circle. It does not mind a ragged border.

    References
    ----------
    .. [1] Reock, A note: measuring compactness as a requirement of legislative apportionment, Midwest Journal
       of Political Science 5, 1961.

    Examples
    --------
    >>> print(f"{reock([shapely.box(0, 0, 1, 1)])[0]:.4f}")
    0.6366
    """
    return _ratio(area_m2(polygons), np.pi * shapely.minimum_bounding_radius(_array(polygons)) ** 2)


def mean_width_m(polygons: ArrayLike) -> Floats:
    """Return the width of the strip that has the area and the perimeter of each polygon.

    Parameters
    ----------
    polygons : array_like of shapely polygon
        Metric CRS.

    Returns
    -------
    numpy.ndarray
        Metres; not a number without a perimeter.

    Notes
    -----
    ``2 A / P``: a strip of length L and width w has the area ``L w`` and a perimeter of about ``2 L``. It
    tells slivers from ground whatever way they wind.

    Examples
    --------
    >>> print(f"{mean_width_m([shapely.box(0, 0, 100, 0.1)])[0]:.3f}")
    0.100
    """
    return _ratio(2 * area_m2(polygons), perimeter_m(polygons))


def _array(polygons: ArrayLike) -> NDArray[np.object_]:
    return np.asarray(polygons, dtype=object)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    nothing = np.full_like(denominator, np.nan)
    return np.divide(numerator, denominator, out=nothing, where=denominator > 0)
