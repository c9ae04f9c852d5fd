"""Grids, their levels and their codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shapely import MultiPolygon


class Level(StrEnum):
    """The levels of a division, from the widest to the narrowest.

    A division need not hold all of them; its narrowest one is made of its *leaves*.
    """

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    UNIT = "unit"

    @property
    def depth(self) -> int:
        """0 for a district, 3 for a unit grid."""
        return list(Level).index(self)

    @property
    def above(self) -> Level | None:
        """The next wider level, or None for a district."""
        return list(Level)[self.depth - 1] if self.depth else None


@dataclass(frozen=True, slots=True)
class GridName:
    """What a grid is called: enough to show it in a chain.

    Attributes
    ----------
    code : str
        The code, for people and across generations.
    name : str
        The name as the division gives it.
    level : Level
        Its level.
    """

    code: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of one generation.

    Attributes
    ----------
    id : int
        Row of this grid in its generation.
    generation_id : int
        The generation that it belongs to.
    code, name, level
        See `GridName`.
    parent_code : str or None
        The grid of the next wider level that holds it.
    households, population : int or None
        Counts, None where nobody has counted.
    area_m2 : float
        Area in square metres, computed in the metric CRS of the division.
    is_leaf : bool
        Whether located things are kept by this grid (the narrowest level of its division).
    geometry : MultiPolygon or None
        EPSG:4326, lon, lat; None where it wasn't asked for.
    attributes : Mapping[str, Any]
        Everything else that came with it.
    """

    id: int
    generation_id: int
    code: str
    name: str
    level: Level
    parent_code: str | None
    households: int | None
    population: int | None
    area_m2: float
    is_leaf: bool
    geometry: MultiPolygon | None
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GridFilter:
    """Which grids of a generation are wanted; None leaves a choice open.

    Attributes
    ----------
    level : Level or None
        Grids of this level.
    parent_code : str or None
        Grids directly below this one.
    box : tuple of float or None
        Grids that meet west, south, east, north in degrees.
    text : str or None
        Grids whose name holds this text, or whose code begins with it.
    """

    level: Level | None = None
    parent_code: str | None = None
    box: tuple[float, float, float, float] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A grid of the same level on the other side of a border.

    Attributes
    ----------
    grid : GridName
        What it is called.
    shared_border_m : float
        Length of the common border in metres, above 0.
    """

    grid: GridName
    shared_border_m: float
