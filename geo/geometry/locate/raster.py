"""A division as a raster whose squares know the cells that cover them.

Words: a *cell* is a polygon of the division, a *square* an element of the raster, a *strip* what one edge has
in one row, an *entry* one edge in one square. A square is *busy* when an edge may pass it: then it has a
*reference point* whose covering cells are known, and the edges that part a point from it change the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geometry.locate.blocks import pack_blocks
from geo.geometry.locate.edges import Edges
from geo.geometry.locate.kernels import OUTSIDE, Floats, paint
from geo.geometry.locate.squares import Frame, covered_runs, entries_of, reference_rows, strips_of


@dataclass(frozen=True, slots=True)
class Raster:
    """What a lookup reads.

    Attributes
    ----------
    frame : Frame
        Extent and resolution.
    slots : ndarray of int32, shape (rows * columns,)
        ``2 * cell + on_border`` where no edge passes, ``OUTSIDE`` where no cell covers the square either, and
        below it ``OUTSIDE - 1 - offset`` of the blocks of a busy square.
    words : ndarray of float64
        The blocks of the busy squares.
    """

    frame: Frame
    slots: NDArray[np.int32]
    words: Floats

    @classmethod
    def of_cells(cls, cells: NDArray[np.object_]) -> Raster:
        """Return the raster of a division.

        Parameters
        ----------
        cells : ndarray of Polygon or MultiPolygon
            Valid, longitude and latitude in degrees; the position is the rank. None and empty cover nothing.

        Returns
        -------
        Raster
            About ``SQUARES_PER_EDGE`` squares per edge, ``MOST_SQUARES`` at most.
        """
        edges = Edges.of_cells(cells)
        frame = Frame.around(edges.ends, float(np.nansum(shapely.area(cells))))
        slots = np.full(frame.rows * frame.columns, OUTSIDE, np.int32)
        if not len(edges.ends):
            return cls(frame, slots, np.empty(0))
        strips = strips_of(edges, frame)
        y_of_row = reference_rows(edges, frame)
        entries = entries_of(edges, strips, y_of_row, frame)
        runs = covered_runs(edges, strips, entries, y_of_row, frame)
        paint(slots, runs.start, runs.stop, runs.cell)
        blocks = pack_blocks(edges, entries, runs)
        slots[blocks.square] = OUTSIDE - 1 - blocks.offset
        return cls(frame, slots, blocks.words)
