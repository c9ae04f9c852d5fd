"""Which squares of a raster each edge passes, and which reference points of the squares each cell covers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.geometry.locate.edges import Edges, Runs, ranges
from geo.geometry.locate.kernels import Floats, Ints, sides

SQUARES_PER_EDGE = 64
MOST_SQUARES = 2**24

_FINEST = 2.0**-36
"""Side of a square over the largest coordinate, at least: keeps the margin far above the rounding errors."""

_MARGIN = 2.0**-10
"""How far, in squares, an edge is taken to reach beyond itself: 2**-46 of the largest coordinate or more."""

_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Frame:
    """The extent of a division, cut into equal squares.

    Attributes
    ----------
    west, south, east, north : float
        The extent in degrees; nothing lies within that of no edges.
    density : float
        Squares per degree.
    columns, rows : int
        Size of the raster.
    """

    west: float
    south: float
    east: float
    north: float
    density: float
    columns: int
    rows: int

    @classmethod
    def around(cls, ends: Floats, area: float) -> Frame:
        """Return the frame of the edges, with fewer squares the more cells lie over each other.

        Parameters
        ----------
        ends : ndarray of float64, shape (n, 4)
            The edges.
        area : float
            Sum of the areas of all cells in square degrees; what it exceeds that of the frame by is overlap,
            and each square has to name every cell that lies over it.
        """
        if not len(ends):
            return cls(math.inf, math.inf, -math.inf, -math.inf, 1.0, 1, 1)
        corners = ends.reshape(-1, 2)
        west, south = (float(low) for low in corners.min(axis=0))
        east, north = (float(high) for high in corners.max(axis=0))
        width, height = east - west, north - south
        layers = max(area / (width * height), 1.0) if width * height > 0.0 else 1.0
        squares = max(min(SQUARES_PER_EDGE * len(ends), MOST_SQUARES) / layers, 1.0)
        finest = max(_FINEST * float(np.abs(corners).max()), 1e-290)
        side = max(math.sqrt(width / squares) * math.sqrt(height), width / squares, height / squares, finest)
        density = 1.0 / side
        return cls(west, south, east, north, density, int(width * density) + 1, int(height * density) + 1)

    def column_of(self, x: Floats) -> Ints:
        """Return the column of each x, the outermost one for those beyond the frame."""
        return np.clip((x - self.west) * self.density, 0, self.columns - 1).astype(np.int64)

    def row_of(self, y: Floats) -> Ints:
        """Return the row of each y, the outermost one for those beyond the frame."""
        return np.clip((y - self.south) * self.density, 0, self.rows - 1).astype(np.int64)

    def x_in(self, column: Ints, attempt: int) -> Floats:
        """Return a longitude well inside each column, another one at each attempt."""
        return self.west + (column.astype(np.float64) + _fraction(attempt)) / self.density

    def y_in(self, row: Ints, attempt: int) -> Floats:
        """Return a latitude well inside each row, another one at each attempt."""
        return self.south + (row.astype(np.float64) + _fraction(attempt)) / self.density


@dataclass(frozen=True, slots=True)
class Strips:
    """For each edge and each row it may pass: the columns it may pass there, ``left`` to ``right``."""

    edge: Ints
    row: Ints
    left: Ints
    right: Ints


@dataclass(frozen=True, slots=True)
class Entries:
    """For each edge and each square it may pass, by square.

    Attributes
    ----------
    strip, edge, square : ndarray of int64
        What meets.
    x, y : ndarray of float64
        The reference point of the square, which no edge passes through.
    side : ndarray of int8
        The side of the edge, taken upwards, on which that point lies: 1 left, -1 right, 0 on its line.
    """

    strip: Ints
    edge: Ints
    square: Ints
    x: Floats
    y: Floats
    side: NDArray[np.int8]


def strips_of(edges: Edges, frame: Frame) -> Strips:
    """Return the strips of all edges, a margin wider than what each edge really passes."""
    margin = _MARGIN / frame.density
    x1, y1, x2, y2 = edges.ends.T
    edge, row = ranges(frame.row_of(y1 - margin), frame.row_of(y2 + margin) + 1)
    low = frame.south + row / frame.density - margin
    high = frame.south + (row + 1) / frame.density + margin
    x1, y1, run, rise = x1[edge], y1[edge], (x2 - x1)[edge], (y2 - y1)[edge]
    level = rise == 0.0
    slope = np.where(level, 1.0, rise)
    enters = x1 + run * np.where(level, 0.0, np.clip((low - y1) / slope, 0.0, 1.0))
    leaves = x1 + run * np.where(level, 1.0, np.clip((high - y1) / slope, 0.0, 1.0))
    left = frame.column_of(np.minimum(enters, leaves) - margin)
    right = frame.column_of(np.maximum(enters, leaves) + margin)
    return Strips(edge, row, left, right)


def reference_rows(edges: Edges, frame: Frame) -> Floats:
    """Return for each row a latitude inside it that no vertex has."""
    row = np.arange(frame.rows)
    vertices = edges.ends[:, [1, 3]]
    attempt = 1
    y = frame.y_in(row, attempt)
    while (taken := np.isin(y, vertices)).any():
        attempt += 1
        y[taken] = frame.y_in(row[taken], attempt)
    return y


def entries_of(edges: Edges, strips: Strips, y_of_row: Floats, frame: Frame) -> Entries:
    """Return the entries of all strips, with a reference point in each square."""
    strip, column = ranges(strips.left, strips.right + 1)
    square = strips.row[strip] * frame.columns + column
    order = np.argsort(square, kind="stable")
    strip, column, square = strip[order], column[order], square[order]
    edge = strips.edge[strip]
    y = y_of_row[strips.row[strip]]
    attempt = 1
    x = frame.x_in(column, attempt)
    side = sides(edges.ends, edge, x, y)
    while (touching := (side == 0) & edges.straddle(edge, y)).any():
        attempt += 1
        moved = np.flatnonzero(np.isin(square, square[touching]))
        x[moved] = frame.x_in(column[moved], attempt)
        side[moved] = sides(edges.ends, edge[moved], x[moved], y[moved])
    return Entries(strip, edge, square, x, y, side)


def covered_runs(edges: Edges, strips: Strips, entries: Entries, y_of_row: Floats, frame: Frame) -> Runs:
    """Return the runs of squares whose reference points a cell covers, by ascending cell.

    Parameters
    ----------
    edges : Edges
        The edges of all cells.
    strips : Strips
        What each edge has in each row.
    entries : Entries
        On which side of the edges the reference points lie.
    y_of_row : ndarray of float64, shape (rows,)
        The latitude of the reference points of each row, in degrees.
    frame : Frame
        The raster.

    Notes
    -----
    In a row all reference points have one latitude, which no vertex has: each edge that straddles it parts
    the reference points left of it from those right of it; every second crossing of a cell leaves the cell.
    """
    points_left = np.bincount(entries.strip[entries.side > 0], minlength=strips.edge.size)
    crossing = np.flatnonzero(edges.straddle(strips.edge, y_of_row[strips.row]))
    index, cell = edges.owners_of(strips.edge[crossing])
    strip = crossing[index]
    width = frame.columns + 1
    place = strips.row[strip] * width + strips.left[strip] + points_left[strip]
    cell, place = np.divmod(np.sort(cell * (width * frame.rows) + place), width * frame.rows)
    row, column = np.divmod(place, width)
    square = row * frame.columns + column
    return Runs(square[0::2], square[1::2], cell[0::2])


def _fraction(attempt: int) -> float:
    """Return a place in the middle half of a square, never twice the same."""
    return 0.25 + 0.5 * (attempt * _GOLDEN % 1.0)
