"""The answer to the question which grids hold a point."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.generations import Generation
from geo.domain.grids import GridName
from geo.domain.people import Responsible


@dataclass(frozen=True, slots=True)
class Link:
    """One grid in a chain, with whom the public may turn to there.

    Attributes
    ----------
    grid : GridName
        What it is called.
    responsible : tuple of Responsible
        Who is responsible, the highest post first.
    """

    grid: GridName
    responsible: tuple[Responsible, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The leaf grid nearest to a point that no grid covers.

    Attributes
    ----------
    grid : GridName
        What it is called.
    distance_m : float
        Geodesic distance in metres.
    """

    grid: GridName
    distance_m: float


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point is.

    Attributes
    ----------
    lon, lat : float
        The point, EPSG:4326.
    generation : Generation
        The division that was asked.
    chain : tuple of Link
        The grids that hold the point, the widest first; empty outside every grid.
    on_border : bool
        Whether the point lies on the boundary of its leaf grid: of several that cover it, the lowest code is
        given.
    nearest : Nearest or None
        Only outside every grid.
    """

    lon: float
    lat: float
    generation: Generation
    chain: tuple[Link, ...]
    on_border: bool
    nearest: Nearest | None
