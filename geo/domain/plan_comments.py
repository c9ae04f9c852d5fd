"""What people say of a grid of a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shapely import Point

from geo.domain.personal import IN_WORDS


@dataclass(frozen=True, slots=True)
class PlanComment:
    """A comment that is pinned to a grid.

    Attributes
    ----------
    id, plan_id : int
        Its number, and the plan that it is about.
    grid_key : str
        The grid as it was called when the comment was made.
    place : Point
        A point inside that grid, EPSG:4326: it stays when the grid is divided or merged.
    text : str
        What is said.
    made_by : str
        Username.
    made_at : datetime
        Aware.
    resolved_by, resolved_at : str, datetime or None
        Who said that it is settled, and when; None while it is open.
    """

    id: int
    plan_id: int
    grid_key: str
    place: Point
    text: str = field(metadata=IN_WORDS)
    made_by: str
    made_at: datetime
    resolved_by: str | None = None
    resolved_at: datetime | None = None
