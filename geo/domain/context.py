"""What lies around a border that is drawn: streets, buildings, people's addresses, problems."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class ContextLayer(StrEnum):
    """What can be shown under a draft."""

    GREEN = "green"
    WATER = "water"
    RIVER = "river"
    ROAD = "road"
    BUILDING = "building"
    """Footprints."""
    HOUSEHOLDS = "households"
    """Buildings with the number of their households, as points."""
    PREMISES = "premises"
    ADDRESSES = "addresses"
    ISSUES = "issues"
    """Those that aren't closed."""


@dataclass(frozen=True, slots=True)
class Context:
    """The features of a layer in a box.

    Attributes
    ----------
    ids : tuple of int
        Their rows.
    names : tuple of str or None
        What they are called: of an issue its category, of an address its text.
    households : tuple of int or None
        Of buildings that are lived in.
    geometries : NDArray[object], shape (n,)
        EPSG:4326, lon, lat.
    complete : bool
        Whether these are all that there are.
    """

    ids: tuple[int, ...]
    names: tuple[str | None, ...]
    households: tuple[int | None, ...]
    geometries: NDArray[np.object_]
    complete: bool
