"""One grid, one ledger: all that is known of a grid, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo.domain.backlog import Count
from geo.domain.grids import Grid
from geo.domain.lineage import Succession
from geo.domain.measures import Period, Share
from geo.domain.people import Responsible
from geo.domain.profiles.rules import Words
from geo.domain.profiles.statistics import LedgerRule

COUNTED_IN_ATTRIBUTES = ("floating_population", "elderly_alone", "hardship_families")
"""Basics that come with the grids of a division, by the name of their attribute."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many things share two properties.

    Attributes
    ----------
    kind, state : str or None
        The properties: kind and state of subjects, kind and result of visits, category and state of issues.
    count : int
        How many.
    """

    kind: str
    state: str | None
    count: int


@dataclass(frozen=True, slots=True)
class PostTally:
    """How many people hold a post.

    Attributes
    ----------
    name_zh, name_en : str
        What the post is called.
    count : int
        How many.
    """

    name_zh: str
    name_en: str
    count: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What came and went in the period.

    Attributes
    ----------
    subjects_new, subjects_closed : int
        Subjects that were entered, and those that were closed.
    people_come, people_gone : int
        Posts that somebody took up, and posts that somebody left.
    """

    subjects_new: int
    subjects_closed: int
    people_come: int
    people_gone: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of a grid.

    Attributes
    ----------
    grid : Grid
        The grid.
    period : Period
        In which visits, issues and changes count.
    rule : LedgerRule
        What the regulation profile wants to be told, and in which order.
    names : mapping of str to Words
        What the profile calls kinds of visits and results.
    basics : mapping of str to int or None
        By key; None where nobody has counted.
    subjects : tuple of Tally
        By kind and state.
    responsible : tuple of Responsible
        Whom the public may turn to, the widest grid first.
    posts : tuple of PostTally
        Posts held in the grid and below.
    visited : Share
        Subjects visited in the period, out of those due.
    visits : tuple of Tally
        By kind and result.
    backlog : Count
        Issues reported up to the end of the period.
    issues : tuple of Tally
        Issues reported in the period, by category and state.
    changes : Changes
        What came and went.
    lineage : tuple of Succession
        Where its ground came from and went to, in every generation.
    """

    grid: Grid
    period: Period
    rule: LedgerRule
    names: Mapping[str, Words]
    basics: Mapping[str, int | None]
    subjects: tuple[Tally, ...]
    responsible: tuple[Responsible, ...]
    posts: tuple[PostTally, ...]
    visited: Share
    visits: tuple[Tally, ...]
    backlog: Count
    issues: tuple[Tally, ...]
    changes: Changes
    lineage: tuple[Succession, ...]
