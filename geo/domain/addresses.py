"""Standard addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely import Point

from geo.domain.grids import GridName


@dataclass(frozen=True, slots=True)
class Address:
    """A standard address with its place.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    ref : str or None
        Key in the system that it came from.
    text : str
        The address as written.
    geometry : Point or None
        EPSG:4326, lon, lat.
    grid_code : str or None
        The leaf grid that holds it in the generation in force.
    attributes : Mapping[str, Any]
        Everything else that came with it.
    """

    id: int
    revision: int
    ref: str | None
    text: str
    geometry: Point | None
    grid_code: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be the one that was meant.

    Attributes
    ----------
    address : Address
        The address.
    score : float
        Likeness, 0 to 1.
    chain : tuple of GridName
        Its grids from the widest level to the narrowest; empty outside every grid.
    """

    address: Address
    score: float
    chain: tuple[GridName, ...]
