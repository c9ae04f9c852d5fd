"""The lookup index: which cell of a division covers a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon

from geo.geometry.locate.kernels import OUTSIDE, find_slots, resolve
from geo.geometry.locate.nearest import NearestCell
from geo.geometry.locate.raster import Raster


class Found(NamedTuple):
    """The answer to one lookup.

    Attributes
    ----------
    cell : int
        Position of the lowest cell that covers the point, or ``OUTSIDE``.
    on_border : bool
        Whether the point lies on the boundary of that cell, or is covered by another one too.
    """

    cell: int
    on_border: bool


class LocateIndex:
    """Which cell of a division covers a point: always exact, nearly always one look at a raster.

    Parameters
    ----------
    raster : Raster
        The division as a raster.
    nearest_cell : NearestCell
        The same division, for points outside it.
    cells : int
        How many cells the division has.

    Notes
    -----
    A point gets what ``shapely.covers`` says of the same doubles, in the plane of longitude and latitude.
    Cells may overlap, leave gaps, have holes and parts; the lowest position of all that cover the point wins.

    Examples
    --------
    >>> from shapely import box
    >>> index = LocateIndex.build([box(120.0, 30.0, 120.1, 30.1), box(120.1, 30.0, 120.2, 30.1)])
    >>> index.find(120.15, 30.05)
    Found(cell=1, on_border=False)
    >>> index.find(120.1, 30.05)
    Found(cell=0, on_border=True)
    """

    __slots__ = ("_blocks", "_frame", "_lookup", "_nearest", "_slots")

    def __init__(self, raster: Raster, nearest_cell: NearestCell, cells: int) -> None:
        frame = raster.frame
        answers = [Found(slot >> 1, bool(slot & 1)) for slot in range(2 * cells)]
        answers.append(Found(OUTSIDE, on_border=False))
        self._frame = frame.west, frame.south, frame.east, frame.north, frame.density, frame.columns
        self._slots = raster.slots
        self._blocks = raster.words, raster.words.view(np.int64)
        self._lookup = *self._frame, raster.slots.data, answers
        self._nearest = nearest_cell

    @classmethod
    def build(cls, cells: Sequence[Polygon | MultiPolygon] | NDArray[np.object_]) -> LocateIndex:
        """Return the index of the cells.

        Parameters
        ----------
        cells : sequence of Polygon or MultiPolygon
            Valid, longitude and latitude in degrees; the position of a cell is its rank where several cover a
            point. None and empty ones cover nothing.

        Returns
        -------
        LocateIndex
            Immutable; safe to read from several threads.
        """
        geometries = np.asarray(cells, dtype=object)
        raster = Raster.of_cells(geometries)
        middle_lat = (raster.frame.south + raster.frame.north) / 2
        index = cls(raster, NearestCell(geometries, middle_lat), len(geometries))
        index.find_many([], [])  # compiles now what the first lookup would have to wait for
        return index

    def find(self, lon: float, lat: float) -> Found:
        """Return the lowest cell that covers the point, and whether it lies on a border.

        Parameters
        ----------
        lon, lat : float
            Degrees; NaN and infinity are outside.

        Returns
        -------
        Found
            The cell is ``OUTSIDE`` when no cell covers the point.
        """
        west, south, east, north, density, columns, slots, answers = self._lookup
        if west <= lon <= east and south <= lat <= north:
            slot = slots[int((lat - south) * density) * columns + int((lon - west) * density)]
            if slot < OUTSIDE:
                slot = resolve(*self._blocks, OUTSIDE - 1 - slot, float(lon), float(lat))
            return answers[slot]
        return answers[OUTSIDE]

    def find_many(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return what ``find`` says of each point.

        Parameters
        ----------
        lon, lat : array_like of float, shape (n,)
            Degrees; NaN and infinity are outside.

        Returns
        -------
        cell : ndarray of int32, shape (n,)
            ``OUTSIDE`` where no cell covers the point.
        on_border : ndarray of bool, shape (n,)
            As in ``Found``.
        """
        slots = find_slots(self._slots, self._blocks, self._frame, *_points(lon, lat))
        return slots >> 1, (slots > OUTSIDE) & (slots & 1 == 1)

    def nearest(self, lon: float, lat: float) -> tuple[int, float]:
        """Return the nearest cell of a point outside all cells, and its distance in metres.

        Parameters
        ----------
        lon, lat : float
            Degrees.

        Returns
        -------
        cell : int
            The lowest of the nearest cells; ``OUTSIDE`` when there is no cell or the point is not on Earth.
        distance_m : float
            Geodesic distance on WGS84; NaN where the cell is ``OUTSIDE``.
        """
        cell, distance_m = self.nearest_many([lon], [lat])
        return int(cell[0]), float(distance_m[0])

    def nearest_many(self, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return what ``nearest`` says of each point.

        Parameters
        ----------
        lon, lat : array_like of float, shape (n,)
            Degrees.

        Returns
        -------
        cell : ndarray of int32, shape (n,)
            ``OUTSIDE`` when there is no cell or the point is not on Earth.
        distance_m : ndarray of float64, shape (n,)
            Geodesic distance on WGS84; NaN where the cell is ``OUTSIDE``.
        """
        return self._nearest.find_many(*_points(lon, lat))


def _points(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both as writable arrays of one size, the one kind that the kernels are compiled for."""
    x, y = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return np.require(x, requirements=["C", "W"]), np.require(y, requirements=["C", "W"])
