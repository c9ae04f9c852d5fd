"""Who serves in a grid (B)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from geo.domain.grids import Level
from geo.domain.profiles.rules import Fault, Quoted, Rules, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PerHouseholds(Rules):
    """Of how many households one holder of a post takes care.

    Attributes
    ----------
    low, high : int
        Both included.
    """

    low: int
    high: int

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: no households, or the lower limit above the upper one."""
        if self.low < 1:
            yield Fault("low", "at-least", {"least": 1})
        if self.low > self.high:
            yield Fault("low", "above-upper-limit", {"low": self.low, "high": self.high})


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRule(Quoted):
    """A post in each grid of a level.

    Attributes
    ----------
    key : str
        What assignments keep.
    name : Words
        What people read.
    level : Level
        In each grid of which it is held.
    least : int
        How many holders a grid needs.
    most : int or None
        How many it may have; None where there is no limit.
    per_households : PerHouseholds or None
        Holders by the households of the grid, where they are known.
    many_grids : bool
        Whether one person may hold it in many grids (一员多格), or in one alone (一格一员).
    publishes : tuple of {'name', 'phone'}
        What everybody may know of its holders; nothing where it isn't public.
    """

    key: str
    name: Words
    level: Level = Level.UNIT
    least: int = 0
    most: int | None = None
    per_households: PerHouseholds | None = None
    many_grids: bool = True
    publishes: tuple[Literal["name", "phone"], ...] = ()

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no other post
        """Give what can't hold: a key that is none, or more holders needed than there may be."""
        if not self.key.isidentifier():
            yield Fault("key", "no-key", {"value": self.key})
        if self.least < 0:
            yield Fault("least", "at-least", {"least": 0})
        if self.most is not None and self.least > self.most:
            yield Fault("least", "above-upper-limit", {"low": self.least, "high": self.most})


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Quoted):
    """Who works in a grid together: 3+X.

    Attributes
    ----------
    core : tuple of str
        Posts that each grid has.
    others : tuple of str
        Posts that it may have besides.
    """

    core: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:
        """Give what can't hold: posts that the profile doesn't have."""
        for name in ("core", "others"):
            for post in getattr(self, name):
                if post not in posts:
                    yield Fault(name, "unknown-post", {"value": post, "known": sorted(posts)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing(Quoted):
    """A/B posts: in two neighbouring grids, one holder covers for the other's leave.

    Attributes
    ----------
    posts : tuple of str
        Posts whose grids pair; none where nobody is covered for.
    """

    posts: tuple[str, ...] = ()

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:
        """Give what can't hold: posts that the profile doesn't have."""
        for post in self.posts:
            if post not in posts:
                yield Fault("posts", "unknown-post", {"value": post, "known": sorted(posts)})


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRules(Rules):
    """Who serves in a grid (B).

    Attributes
    ----------
    posts : tuple of PostRule
        The highest first.
    team : Team or None
        Who works together.
    pairing : Pairing or None
        Who stands in for whom.
    publication : Quoted or None
        Why those who are responsible are public.
    """

    posts: tuple[PostRule, ...] = ()
    team: Team | None = None
    pairing: Pairing | None = None
    publication: Quoted | None = None

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - these are the posts
        """Give what can't hold: a post that stands here twice."""
        for key, times in Counter(post.key for post in self.posts).items():
            if times > 1:
                yield Fault("posts", "twice", {"value": key})
