"""Posts of a grid as they are held: who is missing, who is too many, who stands in for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from geo.domain.grids import GridName


class Fault(StrEnum):
    """What is the matter with a post of a grid, the worst first."""

    VACANT = "vacant"
    UNCOVERED = "uncovered"
    OVERFULL = "overfull"
    DOUBLE = "double"
    UNPAIRED = "unpaired"


FIELDS = {
    Fault.VACANT: "least",
    Fault.OVERFULL: "most",
    Fault.DOUBLE: "many_grids",
}
"""The field of the post from which each follows; the others follow from the pairing."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """How a post is held in a grid on a day.

    Attributes
    ----------
    grid : GridName
        Where.
    post, post_zh, post_en : str
        Key and names of the post.
    profile : str
        Key of the profile that asks for it.
    needed : int
        How many holders it asks for.
    allowed : int or None
        How many it allows.
    held : int
        How many there are.
    doubled : int
        How many of them hold the post in other grids too, where the profile allows one alone.
    away, covering : int
        How many are on leave, and how many stand in for them.
    by_households : bool
        Whether the numbers follow from the households of the grid.
    is_paired : bool or None
        Whether another grid is its partner; None where the profile pairs nothing.
    """

    grid: GridName
    post: str
    post_zh: str
    post_en: str
    profile: str
    needed: int
    allowed: int | None
    held: int
    doubled: int
    away: int
    covering: int
    by_households: bool
    is_paired: bool | None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is the matter, the worst first."""
        found = {
            Fault.VACANT: self.held < self.needed,
            Fault.UNCOVERED: 0 < self.held <= self.away and not self.covering,
            Fault.OVERFULL: self.allowed is not None and self.held > self.allowed,
            Fault.DOUBLE: self.doubled > 0,
            Fault.UNPAIRED: self.is_paired is False,
        }
        return tuple(fault for fault, holds in found.items() if holds)

    def field(self, fault: Fault) -> str:
        """Give the path in the profile from which a fault follows."""
        if fault not in FIELDS:
            return "posts.pairing.posts"
        by_households = self.by_households and fault is not Fault.DOUBLE
        return f"posts.posts.{self.post}.{'per_households' if by_households else FIELDS[fault]}"


@dataclass(frozen=True, slots=True)
class Partnership:
    """Two grids whose holders of a post stand in for each other, seen from one of them.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    post : str
        Key of the post.
    grid_code, partner_code : str
        The grids, by their codes.
    valid_from, valid_to : date
        Half-open; ``valid_to`` is None while it lasts.
    """

    id: int
    revision: int
    post: str
    grid_code: str
    partner_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Leave:
    """The days on which somebody is away.

    Attributes
    ----------
    id, revision, person_id : int
        Rows and lock counter.
    valid_from, valid_to : date
        Half-open.
    """

    id: int
    revision: int
    person_id: int
    valid_from: date
    valid_to: date
