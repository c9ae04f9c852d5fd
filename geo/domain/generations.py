"""Generations: published divisions, immutable and dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geo.domain.grids import Level


@dataclass(frozen=True, slots=True)
class Generation:
    """A published division with the time in which it holds.

    Attributes
    ----------
    id : int
        Number of the generation.
    name : str
        What its planners call it.
    valid_from, valid_to : datetime
        The half-open time of validity; ``valid_to`` is None while no successor is known.
    levels : tuple of Level
        The levels that it holds, widest first.
    grids, leaves : int
        How many grids of all levels, and of the narrowest one.
    """

    id: int
    name: str
    valid_from: datetime
    valid_to: datetime | None
    levels: tuple[Level, ...]
    grids: int
    leaves: int
