"""How far the places of one datum lie apart in another, over an extent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from geo.geometry.crs import Reference, from_storage_xy, to_storage_xy
from geo.geometry.projection import Floats

Bounds = tuple[float, float, float, float]

LINES: Final = 33
"""Rows and columns of a lattice."""
_FURTHEST: Final = 0.03
"""No datum moves a place of China by more, degrees: BD-09 by 0.02 in the far north."""


@dataclass(frozen=True, slots=True)
class ShiftLattice:
    """Offsets from one datum to another at the points of a regular lattice.

    Attributes
    ----------
    bounds : tuple of float
        West, south, east, north of the lattice in the datum of the places, degrees.
    offsets : numpy.ndarray of float
        Shape (rows, columns, 2): what is added to longitude and latitude, degrees; rows go from south to
        north, columns from west to east.
    """

    bounds: Bounds
    offsets: Floats


def shift_lattice(bounds: Bounds, source: Reference, target: Reference) -> ShiftLattice:
    """Return the offsets from one datum to another over an extent, whichever of the two it is told in.

    Parameters
    ----------
    bounds : tuple of float
        West, south, east, north, degrees.
    source, target : Reference
        Both in degrees.

    Notes
    -----
    Both shifts are sums of sines. Linear interpolation between lines `h` apart is off by ``A k² h² / 8`` for
    amplitude `A` and wave number `k`. The shortest wave is that of BD-09, 41 m high and 13 km long: 0.1 m on
    a map of 10 km. That of GCJ-02 is a hundred times smaller.

    Examples
    --------
    >>> from geo.geometry.crs import reference
    >>> found = shift_lattice((121.5, 31.1, 121.6, 31.2), reference("wgs84"), reference("gcj02"))
    >>> found.offsets.shape, found.offsets[16, 16].round(3).tolist()
    ((33, 33, 2), [0.004, -0.002])
    """
    west, south, east, north = around = _grown(bounds)
    lon, lat = np.meshgrid(np.linspace(west, east, LINES), np.linspace(south, north, LINES))
    there = from_storage_xy(*to_storage_xy(lon, lat, source), target)
    return ShiftLattice(around, np.stack([there[0] - lon, there[1] - lat], axis=-1))


def _grown(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    return (
        max(west - _FURTHEST, -180.0),
        max(south - _FURTHEST, -90.0),
        min(east + _FURTHEST, 180.0),
        min(north + _FURTHEST, 90.0),
    )
