"""How far the principles of a division hold (界定清晰、规模适度 …)."""

from __future__ import annotations

from dataclasses import dataclass

from geo.domain.measures import Share
from geo.domain.profiles.division import Principle


@dataclass(frozen=True, slots=True)
class PrincipleHeld:
    """A principle with the share of grids that meet it.

    Attributes
    ----------
    profile : str
        Key of the profile that has the principle.
    principle : Principle
        The principle, with the checks that tell of it.
    grids : Share or None
        Grids that pass all its checks, of all grids; None where people judge.
    """

    profile: str
    principle: Principle
    grids: Share | None
