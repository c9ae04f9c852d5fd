"""How much of each cell the strips along lines cover, counted on a lattice of points.

To unite strips that lie on one another takes long; which points of a lattice lie in some strip is known as
soon as each strip is painted. Words: a *point* is a bit, a *band* as many rows of points as are held at once;
coordinates are in steps of the lattice, so that the points stand at the integers.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.geometry.locate.kernels import compiled
from geo.geometry.projection import Floats

Bits = NDArray[np.uint64]
Counts = NDArray[np.int64]
Place = tuple[int, int]
Strip = tuple[float, float, float, float, float, float, float]

POINTS_ACROSS = 16
"""So many points stand side by side in a strip, where that leaves them between the bounds of `STEPS_M`."""

STEPS_M = (0.25, 2.0)
"""Points stand no nearer than the first and no farther apart than the second."""

_WORD = 64
BAND_WORDS = 2**21
"""So many words of points are held at once."""


def step_m(swath_m: float) -> float:
    """Return how far apart the points of the lattice stand, in metres: a power of two.

    Parameters
    ----------
    swath_m : float
        Width of the strips, metres.

    Examples
    --------
    >>> step_m(20.0)
    1.0
    """
    nearest, farthest = STEPS_M
    wanted: float = 2.0 ** math.floor(math.log2(swath_m / POINTS_ACROSS))
    return min(max(wanted, nearest), farthest)


def covered_areas_m2(cells: ArrayLike, lines: ArrayLike, *, swath_m: float) -> Floats:
    """Return how much of each cell lies within half a swath of some line, to the step of a lattice.

    Parameters
    ----------
    cells : array_like of shapely polygon, shape (n,)
        Valid, in a metric CRS.
    lines : array_like of shapely LineString
        In the same CRS.
    swath_m : float
        Width of the strip that somebody who walks a line sees, metres.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Square metres, never more than the area of the cell: strips that overlap count once.

    Notes
    -----
    ``step² · #{p in the lattice: p in the cell, distance(p, lines) <= swath / 2}`` with ``step_m(swath_m)``.
    A point stands for the square around it, whose corners are ``r = step / √2`` away. So the answer lies
    between ``area(A(-r) ∩ S(-r))`` and ``area(A(r) ∩ S(r))``, where ``A(d)`` is the cell grown by d, and
    ``S(d)`` the union of the strips grown by d at each side. The lattice is that of the CRS, whichever cells
    are asked about: what the cells of a partition cover adds up to what their union covers.

    Examples
    --------
    >>> line = shapely.linestrings([[-5, 5], [15, 5]])
    >>> covered_areas_m2([shapely.box(0, 0, 10, 10)], [line, line], swath_m=2).round(6).tolist()
    [20.0]
    """
    polygons = np.asarray(cells, dtype=object)
    step = step_m(swath_m)
    rings, cell, sign = _rings(polygons)
    edges, ring = _segments(rings, step)
    ways, _ = _segments(np.asarray(lines, dtype=object), step)
    if not len(edges) or not len(ways):
        return np.zeros(len(polygons))
    beside = _points_beside(edges, ways, swath_m / 2 / step, BAND_WORDS)
    enclosed = np.abs(np.bincount(ring, beside, minlength=len(rings)))
    points = np.bincount(cell, sign * enclosed, minlength=len(polygons))
    return np.asarray(np.minimum(points * step**2, shapely.area(polygons)))


def _rings(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], Counts, Counts]:
    """Return all rings, the cell of each, and whether it adds to its cell (1) or takes away (-1)."""
    parts, cell = shapely.get_parts(polygons, return_index=True)
    outer = shapely.get_exterior_ring(parts)
    inner, part = shapely.get_rings(parts, return_index=True)
    holes = np.concatenate([[False], part[1:] == part[:-1]])[: len(part)]
    rings = np.concatenate([outer, inner[holes]])
    signs = np.repeat([1, -1], [len(outer), int(holes.sum())])
    return rings, np.concatenate([cell, cell[part[holes]]]), signs


def _segments(lines: NDArray[np.object_], step: float) -> tuple[Floats, Counts]:
    """Return x, y, x, y of the steps of lines, and the line of each."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    within = owner[1:] == owner[:-1]
    placed = xy / step - 0.5
    return np.column_stack([placed[:-1], placed[1:]])[within], owner[1:][within]


@compiled
def _points_beside(edges: Floats, ways: Floats, radius: float, held: int) -> Counts:
    """Return how many points within a radius of some way lie left of each edge, in the rows that it crosses.

    They count as negative where the edge goes down: so those of a ring add up to what it encloses.
    """
    counts = np.zeros(len(edges), np.int64)
    left = math.floor(min(edges[:, 0].min(), edges[:, 2].min()))
    right = math.ceil(max(edges[:, 0].max(), edges[:, 2].max()))
    bottom = math.floor(min(edges[:, 1].min(), edges[:, 3].min()))
    top = math.ceil(max(edges[:, 1].max(), edges[:, 3].max()))
    words = (right - left) // _WORD + 1
    height = min(max(held // words, 1), top - bottom + 1)
    band = np.zeros((height, words), np.uint64)
    before = np.zeros((height, words), np.int64)
    for first in range(bottom, top + 1, height):
        band[:] = 0
        _paint(band, (left, first), ways, radius)
        _count_before(band, before)
        _count_beside(band, before, (left, first), edges, counts)
    return counts


@compiled
def _paint(band: Bits, corner: Place, ways: Floats, radius: float) -> None:
    """Set the points of a band that lie within a radius of some way."""
    left, first = corner
    rows, columns = len(band), band.shape[1] * _WORD
    for at in range(len(ways)):
        strip = _strip(ways[at], radius)
        lowest = max(math.ceil(strip[1] - radius), first)
        highest = min(math.floor(strip[3] + radius), first + rows - 1)
        for row in range(lowest, highest + 1):
            start = math.ceil(_border(strip, radius, -1.0, row)) - left
            end = math.floor(_border(strip, radius, 1.0, row)) - left
            _set(band, row - first, max(start, 0), min(end, columns - 1))


@compiled
def _strip(way: Floats, radius: float) -> Strip:
    """Return the ends of a way, lower first, how far its long borders lie aside and up, their slope."""
    ax, ay, bx, by = way[0], way[1], way[2], way[3]
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    length = math.hypot(bx - ax, by - ay)
    if length == 0.0:
        return ax, ay, bx, by, radius, 0.0, 0.0
    slope = (bx - ax) / (by - ay) if by > ay else 0.0
    return ax, ay, bx, by, radius * (by - ay) / length, radius * (bx - ax) / length, slope


@compiled
def _border(strip: Strip, radius: float, side: float, y: float) -> float:
    """Return where a row leaves a strip on its left (-1) or right (1): on a long border, or round an end."""
    ax, ay, bx, by, aside, rise, slope = strip
    if y < ay - side * rise:
        return ax + side * math.sqrt(max(radius * radius - (y - ay) * (y - ay), 0.0))
    if y > by - side * rise:
        return bx + side * math.sqrt(max(radius * radius - (y - by) * (y - by), 0.0))
    return ax + side * aside + (y - ay + side * rise) * slope


@compiled
def _set(band: Bits, row: int, start: int, end: int) -> None:
    """Set the points of a row from start to end, both included; none where the end comes first."""
    if end < start:
        return
    ones = ~np.uint64(0)
    first, last = start // _WORD, end // _WORD
    head = ones << np.uint64(start % _WORD)
    tail = ones >> np.uint64(_WORD - 1 - end % _WORD)
    if first == last:
        band[row, first] |= head & tail
        return
    band[row, first] |= head
    band[row, last] |= tail
    for between in range(first + 1, last):
        band[row, between] = ones


@compiled
def _ones(word: np.uint64) -> int:
    """Return how many bits of a word are set."""
    pairs = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + (
        (pairs >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((eights * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def _count_before(band: Bits, before: Counts) -> None:
    """Write for each word how many points are set in its row before it."""
    for row in range(len(band)):
        total = 0
        for word in range(band.shape[1]):
            before[row, word] = total
            total += _ones(band[row, word])


@compiled
def _count_beside(band: Bits, before: Counts, corner: Place, edges: Floats, counts: Counts) -> None:
    """Add to each edge the points of a band left of it.

    Both neighbours of an edge reckon from its lower end, so that each point is on one side of it alone.
    """
    left, first = corner
    beyond = first + len(band)
    for at in range(len(edges)):
        ax, ay, bx, by = edges[at, 0], edges[at, 1], edges[at, 2], edges[at, 3]
        upwards = 1
        if ay > by:
            ax, ay, bx, by, upwards = bx, by, ax, ay, -1
        for row in range(max(math.ceil(ay), first), min(math.ceil(by), beyond)):
            column = math.ceil(ax + (row - ay) * ((bx - ax) / (by - ay))) - left
            word = column // _WORD
            below = band[row - first, word] & ~(~np.uint64(0) << np.uint64(column % _WORD))
            counts[at] += upwards * (before[row - first, word] + _ones(below))
