"""What a list is narrowed down to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted; None doesn't narrow.

    Attributes
    ----------
    box : tuple of float or None
        Those that meet west, south, east, north in degrees (EPSG:4326).
    grid_code : str or None
        Those in this grid, of any level.
    since, until : datetime or None
        Those of the half-open time, aware.
    kind, state : str or None
        Those of the kind (of issues: the category) and in the state.
    """

    box: tuple[float, float, float, float] | None = None
    grid_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: str | None = None
    state: str | None = None
