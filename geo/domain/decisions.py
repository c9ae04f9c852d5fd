"""What awaits those who lead: issues on their way, plans, and posts that nobody holds."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.issue_flow import Listed, Shown
from geo.domain.plan_drafts import PlanRecord


@dataclass(frozen=True, slots=True)
class Pile:
    """Unresolved issues of one sort.

    Attributes
    ----------
    shown : Shown
        Which sort.
    count : int
        How many there are.
    first : tuple of Listed
        The most pressing of them.
    """

    shown: Shown
    count: int
    first: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What awaits somebody who leads.

    Attributes
    ----------
    piles : tuple of Pile
        Issues, by sort.
    plans : tuple of PlanRecord
        Plans that they may approve.
    vacancies : int
        Posts in grids that have less holders than they need.
    """

    piles: tuple[Pile, ...] = ()
    plans: tuple[PlanRecord, ...] = ()
    vacancies: int = 0

    @property
    def issues(self) -> tuple[Listed, ...]:
        """The most pressing issues of all sorts, each once."""
        return tuple({one.number: one for pile in self.piles for one in pile.first}.values())
