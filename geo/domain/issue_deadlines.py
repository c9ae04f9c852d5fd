"""Until when issues have to be dealt with, by the rules of a regulation profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.domain.deadlines import due_clocks
from geo.domain.profiles.issues import Category, HandlingLevel, IssueKind, IssueRules
from geo.domain.profiles.limits import DayRules, TimeLimit
from geo.domain.working_days import Calendar, Days
from geo.errors import BadValue

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pauses:
    """The times during which clocks stood, each of one issue of a set.

    Attributes
    ----------
    issue : NDArray[int64], shape (n,)
        Place of the issue in the set.
    since, until : NDArray[datetime64[us]], shape (n,)
        On the clock of the city.
    """

    issue: Numbers
    since: Days
    until: Days

    @classmethod
    def none(cls) -> Pauses:
        """Give no pauses."""
        moments = np.array([], dtype="datetime64[us]")
        return cls(np.array([], dtype=np.int64), moments, moments)

    def stood(self, count: int, china: Calendar, limit: TimeLimit) -> Numbers:
        """Give for how long the clock of each issue stood.

        Parameters
        ----------
        count : int
            How many issues the set holds.
        china : Calendar
            The working days.
        limit : TimeLimit
            In its unit.

        Returns
        -------
        NDArray[int64], shape (count,)
            Days after the one on which a pause began, up to the one on which it ended; hours rounded up.
        """
        first, last = self.since.astype("datetime64[D]"), self.until.astype("datetime64[D]")
        if limit.unit == "hours":
            lengths = -((self.since - self.until) // np.timedelta64(1, "h"))
        elif limit.unit == "days":
            lengths = (last - first).astype(np.int64)
        else:
            after = np.timedelta64(1, "D")
            lengths = np.busday_count(np.add(first, after), np.add(last, after), busdaycal=china.busdays)
        return np.bincount(self.issue, weights=lengths, minlength=count).astype(np.int64)


def kind_of(rules: IssueRules, category: str, given: str | None = None) -> IssueKind | None:
    """Give the kind of an issue of a category, or None where it is of none.

    Parameters
    ----------
    rules : IssueRules
        The rules.
    category : str
        Its category.
    given : str or None, optional
        Key of the kind where somebody has chosen it.

    Raises
    ------
    BadValue
        If the profile doesn't have the kind that was chosen.
    """
    kinds = {kind.key: kind for kind in rules.kinds}
    if given is not None and given not in kinds:
        raise BadValue(field="kind", value=given, expected=", ".join(kinds) or "–")
    route = _route(rules, category)
    return kinds.get(given or (route.kind if route else rules.default_kind) or "")


def first_level(rules: IssueRules, category: str, kind: IssueKind | None) -> HandlingLevel | None:
    """Give the level that deals with an issue first, or None where the profile has no levels."""
    route = _route(rules, category)
    named = (route.level if route else None) or (kind.level if kind else None)
    return level_of(rules, named) or next(iter(rules.levels), None)


def level_of(rules: IssueRules, key: str | None) -> HandlingLevel | None:
    """Give a level by its key, or None where the profile doesn't have it."""
    return next((level for level in rules.levels if level.key == key), None)


def next_level(rules: IssueRules, key: str | None) -> HandlingLevel | None:
    """Give the level above another, or None above the highest one."""
    keys = [level.key for level in rules.levels]
    at = keys.index(key) + 1 if key in keys else 0
    return rules.levels[at] if at < len(keys) else None


def limit_of(level: HandlingLevel | None, kind: IssueKind | None) -> TimeLimit | None:
    """Give how long an issue of a kind may stay on a level, or None without limit."""
    if kind is not None and kind.limit is not None:
        return kind.limit
    return None if level is None else level.limit


def due_on_level(
    china: Calendar,
    rules: IssueRules,
    limit: TimeLimit | None,
    *,
    counted_since: Days,
    level_since: Days,
    pauses: Pauses,
) -> Days:
    """Give until when each of a set of issues on one level has to be dealt with.

    Parameters
    ----------
    china : Calendar
        The working days.
    rules : IssueRules
        The rules.
    limit : TimeLimit or None
        How long they may stay on the level.
    counted_since, level_since : NDArray[datetime64[us]]
        When each was reported or reopened, and when it came to the level; on the clock of the city.
    pauses : Pauses
        When their clocks stood.

    Returns
    -------
    NDArray[datetime64[us]]
        On the clock of the city; ``NaT`` without any limit.

    Notes
    -----
    The earlier one of level and ceiling; of a pause, the level counts what lies after the issue came to it.
    """
    never = np.full(len(counted_since), np.datetime64("NaT"), dtype="datetime64[us]")
    on_level = never if limit is None else extended(china, level_since, limit, rules.days, pauses)
    if rules.ceiling is None:
        return on_level
    return np.fmin(on_level, extended(china, counted_since, rules.ceiling.limit, rules.days, pauses))


def extended(china: Calendar, since: Days, limit: TimeLimit, days: DayRules, pauses: Pauses) -> Days:
    """Give until when each of a set has to be dealt with, without the time in which its clock stood since."""
    later = pauses.until > since[pauses.issue]
    counted = Pauses(
        pauses.issue[later],
        np.maximum(pauses.since, since[pauses.issue])[later],
        pauses.until[later],
    )
    return due_clocks(china, since, limit, days, stood=counted.stood(len(since), china, limit))


def _route(rules: IssueRules, category: str) -> Category | None:
    return next((one for one in rules.categories if one.key == category), None)
