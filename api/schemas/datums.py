"""Datums as the interface tells of them."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, Field

from geo.geometry.shift import Bounds, ShiftLattice

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]

_DECIMALS = 8
"""Of a degree: 1 mm."""


class Shift(BaseModel):
    """Offsets from one datum to another on a regular lattice."""

    bounds: Annotated[
        Bounds,
        Field(
            description="格网范围，按源基准 · The lattice, in the source datum: west, south, east, north",
            examples=[[120.07, 30.17, 120.23, 30.33]],
        ),
    ]
    offsets: Annotated[
        list[list[tuple[float, float]]],
        Field(
            description="各格点经纬度的增量（度），行自南向北，列自西向东 · What is added to lon, lat at "
            "each point, degrees: rows from south to north, columns from west to east",
            examples=[[[0.00462, -0.00251]]],
        ),
    ]

    @classmethod
    def of(cls, lattice: ShiftLattice) -> Shift:
        """Give a lattice as the interface tells of it."""
        return cls(bounds=lattice.bounds, offsets=np.round(lattice.offsets, _DECIMALS).tolist())
