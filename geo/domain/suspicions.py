"""Records that a supervisor should look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from geo.domain.personal import IN_WORDS, personal


class SuspicionKind(StrEnum):
    """Why a record is looked at."""

    TOO_FAST = "too_fast"
    SAME_PHOTO = "same_photo"
    FAR_AWAY = "far_away"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a record is as it should be, after all.

    Attributes
    ----------
    reason, by : str
        What a supervisor says, and who it is.
    at : datetime
        When.
    """

    reason: str = field(metadata=IN_WORDS)
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A record that a supervisor should look at, with the figures that say why.

    Attributes
    ----------
    kind : SuspicionKind
        Why.
    visit_id, other_visit_id : int and int or None
        The record, and the one that it is compared with.
    visited_at : datetime
        When the visit was said to be.
    who : tuple of str
        Names of those who went.
    subject : str or None
        What was visited.
    grid_code : str or None
        The leaf grid in the generation in force.
    lon, lat : float or None
        Where the visit was said to be, EPSG:4326.
    value, limit : float
        The figure, and the one that the profile allows: km/h, differing bits of 64, metres, or hours.
    distance_m, seconds : float or None
        What a speed is made of.
    explanation : Explanation or None
        What a supervisor has said.
    """

    kind: SuspicionKind
    visit_id: int
    other_visit_id: int | None
    visited_at: datetime
    who: tuple[str, ...] = field(metadata=personal("person.name"))
    subject: str | None
    grid_code: str | None
    lon: float | None
    lat: float | None
    value: float
    limit: float
    distance_m: float | None
    seconds: float | None
    explanation: Explanation | None
