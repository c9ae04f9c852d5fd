"""What ledgers and statistics hold (F)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from geo.domain.profiles.rules import Fault, Quoted, Rules, Words

MONTHS, LONGEST_MONTH = 12, 31


class Figure(StrEnum):
    """What the statistics of a month may tell of each grid."""

    PATROLS = "patrols"
    SUBJECTS_VISITED = "subjects_visited"
    COVERAGE = "coverage"
    RESULTS = "results"
    VIOLATIONS = "violations"
    ISSUES = "issues"
    ON_TIME = "on_time"
    SATISFACTION = "satisfaction"
    TRANSFERS = "transfers"
    OUTCOMES = "outcomes"


BASICS = (
    "population",
    "households",
    "floating_population",
    "key_people",
    "elderly_alone",
    "hardship_families",
    "subjects",
)
"""What a ledger may begin with."""


REPORTS = ("important_information", "population_register", "monthly_statistics")
"""What may be due again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkClass(Rules):
    """A class of work that the ledger of a grid is ordered by.

    Attributes
    ----------
    key : str
        Its key.
    name : Words
        Its name.
    """

    key: str
    name: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRule(Quoted):
    """One grid, one ledger (一个网格一本台帐).

    Attributes
    ----------
    classes : tuple of WorkClass
        What the work of a grid is ordered by.
    basics : tuple of str
        Keys of the basics of a grid that it begins with, in this order.
    """

    classes: tuple[WorkClass, ...] = ()
    basics: tuple[str, ...] = ()

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a basic that nobody counts."""
        for place, key in enumerate(self.basics):
            if key not in BASICS:
                yield Fault(f"basics.{place}", "unknown-kind", {"value": key, "known": sorted(BASICS)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRule(Quoted):
    """A report that is due again and again.

    Attributes
    ----------
    key : str
        One of `REPORTS`.
    days : int or None
        Due so many days after what it tells of was found; 0 for the same day.
    day_of_month : int or None
        Due on this day of each month, 31 for its last one.
    """

    key: str
    days: int | None = None
    day_of_month: int | None = None

    def due(self, day: date) -> date:
        """Give by when it is due for what was found, or for what happened, up to a day.

        Parameters
        ----------
        day : date
            The day of what is reported; the next due day of the month is this one or a later one.

        Examples
        --------
        >>> ReportRule(key="important_information", days=0).due(date(2026, 2, 14)).isoformat()
        '2026-02-14'
        >>> ReportRule(key="population_register", day_of_month=31).due(date(2026, 2, 14)).isoformat()
        '2026-02-28'
        >>> ReportRule(key="monthly_statistics", day_of_month=25).due(date(2026, 12, 26)).isoformat()
        '2027-01-25'
        """
        if self.day_of_month is None:
            return day + timedelta(days=self.days or 0)
        here = day.replace(day=min(self.day_of_month, monthrange(day.year, day.month)[1]))
        if day <= here:
            return here
        year, month = (day.year + 1, 1) if day.month == MONTHS else (day.year, day.month + 1)
        return date(year, month, min(self.day_of_month, monthrange(year, month)[1]))

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: an unknown report, no time or two, or a day that no month has."""
        if self.key not in REPORTS:
            yield Fault("key", "unknown-kind", {"value": self.key, "known": sorted(REPORTS)})
        if (self.days is None) == (self.day_of_month is None):
            yield Fault("days", "either-or", {"one": "days", "other": "day_of_month"})
        if self.day_of_month is not None and not 1 <= self.day_of_month <= LONGEST_MONTH:
            yield Fault("day_of_month", "between", {"low": 1, "high": LONGEST_MONTH})
        if self.days is not None and self.days < 0:
            yield Fault("days", "at-least", {"least": 0})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRules(Rules):
    """What ledgers and statistics hold (F).

    Attributes
    ----------
    ledger : LedgerRule
        The ledger of each grid.
    reports : tuple of ReportRule
        What is reported, and by when.
    figures : tuple of Figure
        The figures of the monthly statistics, in this order.
    violations : tuple of str
        Keys of the results of inspections that count as violations.
    """

    ledger: LedgerRule = LedgerRule()
    reports: tuple[ReportRule, ...] = ()
    figures: tuple[Figure, ...] = ()
    violations: tuple[str, ...] = ()
