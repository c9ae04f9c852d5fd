"""How issues go through levels: sets of them on one clock, people, pauses, duplicates, cases, ratings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from geo.domain.issue_deadlines import (
    Numbers,
    Pauses,
    due_on_level,
    extended,
    level_of,
    limit_of,
    next_level,
)
from geo.domain.issues import IssueState
from geo.domain.personal import IN_WORDS, personal
from geo.domain.profiles.issues import IssueRules
from geo.domain.working_days import Calendar, Days


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a set of issues stands.

    Attributes
    ----------
    ids : NDArray[int64], shape (n,)
        The issues, ascending.
    categories, kinds, levels : NDArray[object], shape (n,)
        Their categories; keys of their kinds and levels, or None.
    counted_since, level_since, due : NDArray[datetime64[us]], shape (n,)
        On the clock of the city; ``NaT`` where there is none.
    pauses : Pauses
        When their clocks stood.
    """

    ids: Numbers
    categories: NDArray[np.object_]
    kinds: NDArray[np.object_]
    levels: NDArray[np.object_]
    counted_since: Days
    level_since: Days
    due: Days
    pauses: Pauses

    def where(self, chosen: NDArray[np.bool_]) -> Standing:
        """Give those of the set that are chosen."""
        places = np.cumsum(chosen) - 1
        of = chosen[self.pauses.issue]
        pauses = Pauses(
            places[self.pauses.issue[of]].astype(np.int64), self.pauses.since[of], self.pauses.until[of]
        )
        return Standing(
            self.ids[chosen],
            self.categories[chosen],
            self.kinds[chosen],
            self.levels[chosen],
            self.counted_since[chosen],
            self.level_since[chosen],
            self.due[chosen],
            pauses,
        )


def due_by_rules(china: Calendar, rules: IssueRules, standing: Standing) -> Days:
    """Give until when each of a set of issues has to be dealt with.

    Parameters
    ----------
    china : Calendar
        The working days.
    rules : IssueRules
        The rules.
    standing : Standing
        The issues.

    Returns
    -------
    NDArray[datetime64[us]]
        On the clock of the city; ``NaT`` without any limit.
    """
    kinds = {kind.key: kind for kind in rules.kinds}
    due = np.full(len(standing.ids), np.datetime64("NaT"), dtype="datetime64[us]")
    for level, kind in set(zip(standing.levels, standing.kinds, strict=True)):
        here = (standing.levels == level) & (standing.kinds == kind)
        some = standing.where(here)
        due[here] = due_on_level(
            china,
            rules,
            limit_of(level_of(rules, level), kinds.get(kind)),
            counted_since=some.counted_since,
            level_since=some.level_since,
            pauses=some.pauses,
        )
    return due


def raised(rules: IssueRules, standing: Standing, now: np.datetime64) -> Standing:
    """Give the issues whose time on their level has run out, on the next level from now on.

    Parameters
    ----------
    rules : IssueRules
        The rules.
    standing : Standing
        The issues.
    now : datetime64
        The present, on the clock of the city.

    Returns
    -------
    Standing
        Those that go up; one on the highest level stays there.

    Notes
    -----
    An issue leaves a level for the time that ran out while it was there: so it goes up once, however often
    the clock is asked.
    """
    above = {key: next_level(rules, key) for key in set(standing.levels) if key is not None}
    following = np.array([getattr(above.get(key), "key", None) for key in standing.levels], dtype=object)
    late = (standing.due < now) & (standing.level_since < standing.due) & (following != None)  # noqa: E711
    some = standing.where(late)
    since = np.full(len(some.ids), now, dtype="datetime64[us]")
    return replace(some, levels=following[late], level_since=since)


def over_ceiling(china: Calendar, rules: IssueRules, standing: Standing, now: np.datetime64) -> Standing:
    """Give the issues that take longer than any issue may, whatever the levels allow."""
    if rules.ceiling is None:
        return standing.where(np.zeros(len(standing.ids), dtype=bool))
    latest = extended(china, standing.counted_since, rules.ceiling.limit, rules.days, standing.pauses)
    return standing.where(latest < now)


@dataclass(frozen=True, slots=True)
class Named:
    """The one person who is named for a charge of an issue.

    Attributes
    ----------
    charge : str
        ``first_asked``, ``handling``, or a charge of the profile.
    person_id : int
        Who.
    name : str
        Their name.
    named_at : datetime
        Since when, aware.
    """

    charge: str
    person_id: int
    name: str = field(metadata=personal("person.name"))
    named_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be named for an issue: who serves in one of the grids around it.

    Attributes
    ----------
    person_id : int
        Who.
    name : str
        Their name.
    post_zh, post_en : str
        Names of their post.
    """

    person_id: int
    name: str = field(metadata=personal("person.name"))
    post_zh: str
    post_en: str


class Shown(StrEnum):
    """Which of the unresolved issues are listed."""

    ALL = "all"
    MINE = "mine"
    OVERDUE = "overdue"
    WAITING = "waiting"
    ESCALATED = "escalated"
    """Beyond the level that dealt with them first, and not handled yet."""
    TO_ACCEPT = "to_accept"
    TO_CHECK = "to_check"
    """Handled, and not closed."""
    CASES = "cases"
    """A section has the case, and nobody has told its outcome."""


DECIDED = (Shown.ESCALATED, Shown.TO_ACCEPT, Shown.TO_CHECK, Shown.CASES)
"""What awaits those who lead."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An unresolved issue in a list.

    Attributes
    ----------
    number, category : str
        As people quote them.
    state : IssueState
        Where it stands.
    due_at : datetime or None
        Until when it has to be dealt with, aware.
    is_overdue, is_waiting : bool
        Whether that has passed, or its clock stands.
    grid, grid_code : str or None
        Name and code of the leaf grid that holds it.
    lon, lat : float or None
        Where it is, degrees.
    handler : str or None
        Who sees to it.
    """

    number: str
    category: str
    state: IssueState
    due_at: datetime | None
    is_overdue: bool
    is_waiting: bool
    grid: str | None
    grid_code: str | None
    lon: float | None
    lat: float | None
    handler: str | None = field(metadata=personal("person.name"))


@dataclass(frozen=True, slots=True)
class Flow:
    """What decides which steps an issue may take.

    Attributes
    ----------
    charges : frozenset of str
        For which somebody is named.
    open_case : str or None
        The number of a case whose outcome nobody has told yet.
    """

    charges: frozenset[str]
    open_case: str | None


@dataclass(frozen=True, slots=True)
class Pause:
    """A time during which the clock of an issue stood because the reporter was waited for.

    Attributes
    ----------
    paused_at, resumed_at : datetime or None
        Aware; ``resumed_at`` is None while it stands.
    reason : str
        What is waited for.
    due_at : datetime or None
        Until when the issue had to be dealt with before.
    """

    paused_at: datetime
    resumed_at: datetime | None
    reason: str = field(metadata=IN_WORDS)
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two unresolved issues that are likely about one matter.

    Attributes
    ----------
    id, number
        The one that was reported later.
    first_id, first_number
        The one that was reported first.
    distance_m : float
        How far apart they are.
    """

    id: int
    number: str
    first_id: int
    first_number: str
    distance_m: float


@dataclass(frozen=True, slots=True)
class Untold:
    """A stage of which the reporter of an issue was not told.

    Attributes
    ----------
    id, number
        The issue.
    stage : str
        The stage that it has reached.
    """

    id: int
    number: str
    stage: str
