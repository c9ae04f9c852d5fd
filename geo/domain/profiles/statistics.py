"""What ledgers and statistics hold (F)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from geo.domain.profiles.rules import Fault, Quoted, Rules, Words


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
        Which one: ``monthly_statistics``, ``important_information``, ``population_register``.
    days : int or None
        Due so many days after what it tells of was found; 0 for the same day.
    day_of_month : int or None
        Due on this day of each month, 31 for its last one.
    """

    key: str
    days: int | None = None
    day_of_month: int | None = None


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
