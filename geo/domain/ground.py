"""The ground behind the grids."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class GroundKind(StrEnum):
    """The kinds of ground features, the lowest first as they are drawn."""

    GREEN = "green"
    WATER = "water"
    RIVER = "river"
    BUILDING = "building"
    ROAD = "road"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the default background is drawn from.

    Attributes
    ----------
    kinds : tuple of GroundKind
        The kind of each feature.
    geometries : NDArray[object], shape (n,)
        EPSG:4326, lon, lat.
    """

    kinds: tuple[GroundKind, ...]
    geometries: NDArray[np.object_]
