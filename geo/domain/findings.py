"""Findings of supervisors: what counts in assessments and no other record tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from geo.domain.personal import IN_WORDS
from geo.domain.profiles.assessment import Tally


@dataclass(frozen=True, slots=True)
class Finding:
    """A complaint that was upheld, an accident, a report that was false, and the like.

    Attributes
    ----------
    id : int
        Row.
    tally : Tally
        What it counts as.
    happened_on : date
        The day in the city on which it happened.
    person_id : int or None
        Whose it is; None where it is the grid's alone.
    grid_code : str
        The grid, of any level.
    note : str
        What was found.
    recorded_by : str
        Username of the supervisor.
    recorded_at : datetime
        When it was recorded, aware.
    withdrawn_because : str or None
        Why it counts no longer.
    """

    id: int
    tally: Tally
    happened_on: date
    person_id: int | None
    grid_code: str
    note: str = field(metadata=IN_WORDS)
    recorded_by: str
    recorded_at: datetime
    withdrawn_because: str | None = field(metadata=IN_WORDS)
