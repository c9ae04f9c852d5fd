"""The grids of one level as they are compared and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.domain.grids import GridName
from geo.geometry.adjacency import Indices
from geo.geometry.autocorrelation import contiguous_pairs
from geo.geometry.crs import metric_crs, to_lonlat, to_metric

Bounds = tuple[float, float, float, float]

CONTIGUITY_TOLERANCE_M = 1.0
"""Borders that are surveyed apart by less than this are one border."""

DRAWN_STEPS = 5000
"""A drawing shows details down to this part of the extent: under a pixel on any screen, seen as a whole."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """The grids of one level of one generation.

    Attributes
    ----------
    grids : tuple of GridName
        The grids, by code.
    crs : CRS
        The metric CRS of `cells`.
    cells : NDArray[object], shape (n,)
        Polygons in `crs`, as published.
    outlines : NDArray[object], shape (n,)
        Simplified polygons, EPSG:4326, lon, lat; borders that are shared stay shared.
    bounds : tuple of float
        West, south, east, north, degrees.
    i, j : NDArray[int]
        Places of each pair of grids that touch, each pair once.
    """

    grids: tuple[GridName, ...]
    crs: CRS
    cells: NDArray[np.object_]
    outlines: NDArray[np.object_]
    bounds: Bounds
    i: Indices
    j: Indices

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, ascending."""
        return tuple(grid.code for grid in self.grids)

    def places(self, codes: Sequence[str]) -> Indices:
        """Give the places of grids.

        Parameters
        ----------
        codes : sequence of str
            Codes that are all in `codes`.
        """
        place = {code: n for n, code in enumerate(self.codes)}
        return np.array([place[code] for code in codes], dtype=np.intp)

    def pairs_among(self, codes: Sequence[str]) -> tuple[Indices, Indices]:
        """Give the pairs of touching grids among some grids, as places among these.

        Parameters
        ----------
        codes : sequence of str
            Codes that are all in `codes`.
        """
        rank = np.full(len(self.codes), -1, dtype=np.intp)
        rank[self.places(codes)] = np.arange(len(codes))
        i, j = rank[self.i], rank[self.j]
        among = (i >= 0) & (j >= 0)
        return i[among], j[among]


def shapes_of(grids: tuple[GridName, ...], geometries: NDArray[np.object_]) -> Shapes:
    """Give the shapes of grids.

    Parameters
    ----------
    grids : tuple of GridName
        The grids, by code; at least one.
    geometries : NDArray[object]
        MultiPolygons, EPSG:4326, lon, lat.

    Returns
    -------
    Shapes
        In the order of `grids`.
    """
    west, south, east, north = shapely.total_bounds(geometries).tolist()
    crs = metric_crs((west, south, east, north))
    cells = to_metric(geometries, crs)
    left, bottom, right, top = shapely.total_bounds(cells)
    drawn = shapely.coverage_simplify(cells, tolerance=max(right - left, top - bottom) / DRAWN_STEPS)
    i, j = contiguous_pairs(cells, tolerance_m=CONTIGUITY_TOLERANCE_M)
    return Shapes(grids, crs, cells, to_lonlat(drawn, crs), (west, south, east, north), i, j)
