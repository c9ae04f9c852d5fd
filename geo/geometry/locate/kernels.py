"""The compiled inner loops of the lookup index, and the exact predicate they stand on.

They share one file because numba notices a change of the file that holds a function, and of no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Point = tuple[float, float]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OUTSIDE = -1
"""Slot of a point that no cell covers."""

HEADER = 6
"""Words in front of a block: candidates, edges, more blocks follow, reference x, reference y, inside mask."""

EDGE = 5
"""Words of one edge in a block: ax, ay, bx, by, mask of the cells that own it."""

_FILTER = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
_UNDERFLOW = 1e-300
_SPLITTER = 2.0**27 + 1.0
_SCALE = 2.0**480


def compiled(function: Kernel) -> Kernel:
    """Compile for one process, and for the next ones too where the machine lets us keep the result."""
    try:
        return cast("Kernel", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder that numba may write to
        return cast("Kernel", numba.njit(nogil=True)(function))


@compiled
def _two_sum(a: float, b: float) -> tuple[float, float]:
    """Return the rounded sum and its exact rounding error."""
    total = a + b
    shadow = total - a
    return total, (a - (total - shadow)) + (b - shadow)


@compiled
def _two_product(a: float, b: float) -> tuple[float, float]:
    """Return the rounded product and its exact rounding error."""
    product = a * b
    carry = _SPLITTER * a
    a_high = carry - (carry - a)
    a_low = a - a_high
    carry = _SPLITTER * b
    b_high = carry - (carry - b)
    b_low = b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@compiled
def _exact_orientation(a: Point, b: Point, c: Point) -> int:
    """Return the sign of the determinant from its six products, summed without any rounding."""
    ax, ay, bx, by = a[0] * _SCALE, a[1] * _SCALE, b[0] * _SCALE, b[1] * _SCALE
    cx, cy = c[0] * _SCALE, c[1] * _SCALE
    expansion = np.zeros(12)
    length = 0
    for left, right in ((ax, by), (-ax, cy), (bx, cy), (-bx, ay), (cx, ay), (-cx, by)):
        product, error = _two_product(left, right)
        for term in (error, product):
            carry = term
            for i in range(length):
                carry, expansion[i] = _two_sum(carry, expansion[i])
            expansion[length] = carry
            length += 1
    for i in range(11, -1, -1):
        if expansion[i] != 0.0:
            return 1 if expansion[i] > 0.0 else -1
    return 0


@compiled
def orientation(a: Point, b: Point, c: Point) -> int:
    """Return 1 where c lies left of the line from a to b, -1 right of it, 0 on it: exact for doubles.

    Parameters
    ----------
    a, b, c : tuple of float
        Points of the plane, their coordinates of absolute value below 2**30.

    Returns
    -------
    int
        The sign of ``(ax - cx) * (by - cy) - (ay - cy) * (bx - cx)`` in real numbers.

    Notes
    -----
    A floating-point filter decides nearly always; what it can't decide is summed as an expansion of
    non-overlapping doubles, whose largest component has the sign of the sum. Scaling by a power of two keeps
    the products of coordinates that are multiples of 2**-1017 clear of underflow.

    References
    ----------
    J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates, 1997.
    """
    left = (a[0] - c[0]) * (b[1] - c[1])
    right = (a[1] - c[1]) * (b[0] - c[0])
    determinant = left - right
    bound = _FILTER * (abs(left) + abs(right)) + _UNDERFLOW
    if determinant > bound:
        return 1
    if determinant < -bound:
        return -1
    return _exact_orientation(a, b, c)


@compiled
def sides(edges: Floats, which: Ints, x: Floats, y: Floats) -> NDArray[np.int8]:
    """Return for each point on which side of its edge it lies: 1 left, -1 right, 0 on its line."""
    side = np.empty(which.size, np.int8)
    for i in range(which.size):
        edge = edges[which[i]]
        side[i] = orientation((edge[0], edge[1]), (edge[2], edge[3]), (x[i], y[i]))
    return side


@compiled
def paint(slots: NDArray[np.int32], start: Ints, stop: Ints, cell: Ints) -> None:
    """Give the squares of each run the slot of its cell, or make them odd where an earlier run has been."""
    for i in range(cell.size):
        for at in range(start[i], stop[i]):
            slots[at] = 2 * cell[i] if slots[at] == OUTSIDE else slots[at] | 1


@compiled
def resolve(words: Floats, marks: Ints, at: int, x: float, y: float) -> int:
    """Return the slot of a point in a busy square.

    Parameters
    ----------
    words, marks : ndarray
        The blocks, as doubles and as integers: two views of one buffer.
    at : int
        Where the first block of the square starts.
    x, y : float
        The point, inside the square.

    Returns
    -------
    int
        ``2 * cell + on_border`` for the lowest cell that covers the point, or ``OUTSIDE``.

    Notes
    -----
    Each edge is stored with the reference point r on its left, or on its line but off the edge. It parts r
    from p exactly when p lies right of it and its ends lie on different sides of the line r p, an end on that
    line counting as right of it. No edge passes through r; one through p sets a bit of the border.
    """
    p = x, y
    slot = OUTSIDE
    more = True
    while more:
        candidates, edges, more = marks[at], marks[at + 1], marks[at + 2] != 0
        r = words[at + 3], words[at + 4]
        inside, border = marks[at + 5], 0
        first = at + HEADER + candidates
        after = first + EDGE * edges
        for edge in range(first, after, EDGE):
            a, b, owners = (words[edge], words[edge + 1]), (words[edge + 2], words[edge + 3]), marks[edge + 4]
            side = orientation(a, b, p)
            if side < 0 and (orientation(r, p, a) > 0) != (orientation(r, p, b) > 0):
                inside ^= owners
            elif side == 0 and _in_box(a, b, p):
                border |= owners
        covering = inside | border
        for bit in range(candidates):
            if (covering >> bit) & 1:
                if slot != OUTSIDE:
                    return slot | 1
                slot = 2 * marks[at + HEADER + bit] + ((border >> bit) & 1)
        at = after
    return slot


@compiled
def _in_box(a: Point, b: Point, p: Point) -> bool:
    """Return whether p lies in the closed box that a and b span."""
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])


@compiled
def find_slots(
    slots: NDArray[np.int32],
    blocks: tuple[Floats, Ints],
    frame: tuple[float, float, float, float, float, int],
    lon: Floats,
    lat: Floats,
) -> NDArray[np.int32]:
    """Return the slot of each point; NaN and points beyond the frame are ``OUTSIDE``."""
    words, marks = blocks
    west, south, east, north, density, columns = frame
    found = np.full(lon.size, OUTSIDE, np.int32)
    for i in range(lon.size):
        x, y = lon[i], lat[i]
        if west <= x <= east and south <= y <= north:
            slot = slots[int((y - south) * density) * columns + int((x - west) * density)]
            if slot < OUTSIDE:
                slot = resolve(words, marks, OUTSIDE - 1 - slot, x, y)
            found[i] = slot
    return found
