"""Households of buildings: counted and visited, never named."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Household:
    """A household behind a door.

    Attributes
    ----------
    id : int
        Its row.
    ref : str or None
        Key in the system that it came from.
    building_id : int
        The building.
    door : str
        Which door of the building.
    marks : tuple of str
        Why it is looked after more than others, in the words of the profile; no names.
    """

    id: int
    ref: str | None
    building_id: int
    door: str
    marks: tuple[str, ...]
