"""What is not resolved yet, what is overdue, and what was closed too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geo.domain.grids import GridName
from geo.domain.issues import IssueState
from geo.domain.measures import Period, Share


@dataclass(frozen=True, slots=True)
class Count:
    """Issues counted at a moment; void ones are left out.

    Attributes
    ----------
    unresolved : int
        Reported and not closed.
    overdue : int
        Of the unresolved, those whose deadline has passed.
    undated : int
        Of the unresolved, those without a deadline: they can't be overdue.
    closed : int
        Closed.
    closed_late : int
        Of the closed, those that missed a deadline on their way.
    """

    unresolved: int
    overdue: int
    undated: int
    closed: int
    closed_late: int

    @property
    def overdue_share(self) -> Share:
        """The overdue out of the unresolved."""
        return Share(self.overdue, self.unresolved)

    @property
    def late_share(self) -> Share:
        """The late out of the closed."""
        return Share(self.closed_late, self.closed)

    def __add__(self, other: Count) -> Count:
        return Count(
            self.unresolved + other.unresolved,
            self.overdue + other.overdue,
            self.undated + other.undated,
            self.closed + other.closed,
            self.closed_late + other.closed_late,
        )


NOTHING = Count(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class GridBacklog:
    """The issues of one grid.

    Attributes
    ----------
    grid : GridName
        The grid.
    count : Count
        Its issues.
    """

    grid: GridName
    count: Count


@dataclass(frozen=True, slots=True)
class Backlog:
    """The state of all issues at a moment.

    Attributes
    ----------
    at : datetime
        The moment, aware.
    reported : Period or None
        In which the issues were reported; None for all that were reported up to the moment.
    grids : tuple of GridBacklog
        All grids of one level, by code.
    unlocated : Count
        Issues that no grid holds; they are in no grid's count.
    """

    at: datetime
    reported: Period | None
    grids: tuple[GridBacklog, ...]
    unlocated: Count

    @property
    def total(self) -> Count:
        """All grids together, without what is unlocated."""
        return sum((row.count for row in self.grids), start=NOTHING)


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """An unresolved issue as a point on the map.

    Attributes
    ----------
    number, category : str
        As people quote them.
    state : IssueState
        Where it stands now.
    reported_at, due_at : datetime or None
        Aware; ``due_at`` is None without a deadline.
    is_overdue : bool
        Whether the deadline has passed at the moment asked for.
    lon, lat : float
        EPSG:4326 degrees.
    grid_code : str or None
        The leaf grid that holds it.
    """

    number: str
    category: str
    state: IssueState
    reported_at: datetime
    due_at: datetime | None
    is_overdue: bool
    lon: float
    lat: float
    grid_code: str | None
