"""All that somebody who works on an issue has to see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from geo.domain.deadlines import Deadline, deadline
from geo.domain.issue_cases import Case, Rating
from geo.domain.issue_deadlines import level_of, limit_of
from geo.domain.issue_flow import Duplicate, Named, Pause
from geo.domain.issues import Issue, IssueEvent, IssueState
from geo.domain.profiles.issues import HandlingLevel, IssueKind, IssueRules
from geo.domain.profiles.limits import TimeLimit
from geo.domain.profiles.rules import Words
from geo.domain.working_days import Calendar


@dataclass(frozen=True, slots=True)
class DueDate:
    """How a deadline came about.

    Attributes
    ----------
    due_at : datetime
        On the clock of the city.
    limit : TimeLimit
        How long it may take.
    counted_from : date
        The day that isn't counted itself.
    idle : tuple of date
        Days that were skipped because they are not worked; empty unless working days are counted.
    is_provisional : bool
        Whether nobody has published yet which of the days are worked.
    """

    due_at: datetime
    limit: TimeLimit
    counted_from: date
    idle: tuple[date, ...]
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue with its history and what may be done next.

    Attributes
    ----------
    issue : Issue
        The issue.
    rules : IssueRules
        The rules that it follows.
    kind : IssueKind or None
        The way it goes.
    level, above : HandlingLevel or None
        Who deals with it, and who would if it went up.
    due : DueDate or None
        How its deadline came about; None where it has none, or somebody gave it.
    level_names : Mapping of str to Words
        What the levels of all rules since its report are called, by key.
    next_states : tuple of IssueState
        Where it may go from here; empty for who may not take it there.
    history : tuple of IssueEvent
        First step first.
    people : tuple of Named
        Who is named for it.
    pauses : tuple of Pause
        When its clock stood.
    cases : tuple of Case
        Where it was handed over.
    rating : Rating or None
        What its reporter says.
    duplicates : tuple of Duplicate
        What it is likely a duplicate of.
    may_write : bool
        Whether the reader works on it.
    """

    issue: Issue
    rules: IssueRules
    kind: IssueKind | None
    level: HandlingLevel | None
    above: HandlingLevel | None
    due: DueDate | None
    level_names: Mapping[str, Words]
    next_states: tuple[IssueState, ...]
    history: tuple[IssueEvent, ...]
    people: tuple[Named, ...]
    pauses: tuple[Pause, ...]
    cases: tuple[Case, ...]
    rating: Rating | None
    duplicates: tuple[Duplicate, ...]
    may_write: bool


def due_date(
    china: Calendar, rules: IssueRules, issue: Issue, kind: IssueKind | None, zone: tzinfo
) -> DueDate | None:
    """Give how the deadline of an issue came about, or None where no rule gave it.

    Parameters
    ----------
    china : Calendar
        The working days.
    rules : IssueRules
        The rules that it follows.
    issue : Issue
        The issue.
    kind : IssueKind or None
        The way it goes.
    zone : tzinfo
        Of the city.

    Returns
    -------
    DueDate or None
        Of the limit of its level, or of the ceiling where that ends earlier.
    """
    if issue.due_at is None or issue.due_is_given:
        return None
    starts = (
        (limit_of(level_of(rules, issue.level), kind), issue.level_since),
        (rules.ceiling.limit if rules.ceiling else None, issue.counted_since),
    )
    counted = [
        deadline(china, since, zone, limit, rules.days)
        for limit, since in starts
        if limit is not None and since is not None
    ]
    if not counted:
        return None
    return _as_it_is(china, min(counted, key=lambda one: one.due_at), issue.due_at.astimezone(zone))


def _as_it_is(china: Calendar, counted: Deadline, due_at: datetime) -> DueDate:
    """Give the days up to the very deadline, which is later than was counted if the clock stood."""
    last = (due_at - timedelta(microseconds=1)).date()
    in_working_days = counted.limit.unit == "working_days"
    return DueDate(
        due_at,
        counted.limit,
        counted.counted_from,
        china.idle_days(counted.counted_from + timedelta(days=1), last) if in_working_days else (),
        in_working_days and (counted.is_provisional or china.is_provisional(last)),
    )
