"""How the ground is divided, and how large a grid is (A)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from geo.domain.grids import Level
from geo.domain.profiles.rules import Fault, Quoted, Rules, Words

Check = Literal[
    "one_part",
    "households_in_range",
    "no_gaps",
    "staffed",
    "subjects_placed",
    "subjects_known",
    "duties_set",
]
"""What the house can check of a grid."""

Follows = Literal["compounds", "lanes", "roads", "departments", "areas", "markets"]
"""What a boundary runs along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Quoted):
    """From where to where a number may go.

    Attributes
    ----------
    low, high : int or None
        Both included; None where the source sets no limit.
    """

    low: int | None = None
    high: int | None = None

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: limits below 0, or the lower one above the upper one."""
        for name in ("low", "high"):
            if (getattr(self, name) or 0) < 0:
                yield Fault(name, "at-least", {"least": 0})
        if self.low is not None and self.high is not None and self.low > self.high:
            yield Fault("low", "above-upper-limit", {"low": self.low, "high": self.high})


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRule(Quoted):
    """What a level of the division is called here.

    Attributes
    ----------
    key : str
        What the profile calls it.
    level : Level
        The level of the house that it is kept on.
    name : Words
        What people read.
    """

    key: str
    level: Level
    name: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Typical(Quoted):
    """About how large a grid is meant to be.

    Attributes
    ----------
    households, population : int or None
        None where the source names no figure.
    """

    households: int | None = None
    population: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries(Quoted):
    """What planners let boundaries follow.

    Attributes
    ----------
    follow : tuple of Follows
        In the order of the source.
    whole_buildings : bool
        Whether every building has to lie in one grid.
    """

    follow: tuple[Follows, ...] = ()
    whole_buildings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Principle(Quoted):
    """A principle with the checks that tell how far it holds.

    Attributes
    ----------
    key : str
        Such as ``right_size``.
    name : Words
        What people read.
    checks : tuple of Check
        A grid meets the principle when it passes all of them; without any, people judge.
    """

    key: str
    name: Words
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(Quoted):
    """What everybody may know of a division that holds.

    Attributes
    ----------
    people : bool
        Whether those who are responsible are named, as far as their posts publish it.
    """

    people: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionRules(Rules):
    """How the ground is divided, and how large a grid is (A).

    Attributes
    ----------
    levels : tuple of LevelRule
        From the widest to the narrowest.
    households : Span
        How many a grid of the narrowest level has.
    typical : Typical
        About how large it is meant to be.
    sized_by : {'households', 'departments', 'market', 'subjects'}
        What makes grids equally large.
    boundaries : Boundaries
        What they follow.
    least_width_m : float
        No piece of a grid is narrower than this, in metres: twice its area over its perimeter.
    principles : tuple of Principle
        What a division is measured by.
    publication : Publication
        What everybody may know.
    """

    levels: tuple[LevelRule, ...] = ()
    households: Span = field(default_factory=Span)
    typical: Typical = field(default_factory=Typical)
    sized_by: Literal["households", "departments", "market", "subjects"] = "households"
    boundaries: Boundaries = field(default_factory=Boundaries)
    least_width_m: float = 0.5
    principles: tuple[Principle, ...] = ()
    publication: Publication = field(default_factory=Publication)

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: levels that don't go from wide to narrow, or no width at all."""
        if self.least_width_m <= 0:
            yield Fault("least_width_m", "above", {"least": 0})
        depths = [rule.level.depth for rule in self.levels]
        if depths != sorted(set(depths)):
            yield Fault("levels", "not-widest-first", {"levels": [rule.level for rule in self.levels]})
