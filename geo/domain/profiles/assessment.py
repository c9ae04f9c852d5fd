"""How work is assessed, and what follows (G)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from geo.domain.profiles.rules import Fault, Quoted, Rules, Words


class AssessedPeriod(StrEnum):
    """What a score is given for."""

    MONTH = "month"
    HALF_YEAR = "half_year"
    YEAR = "year"


class Rate(StrEnum):
    """A rate that people and grids are assessed by."""

    FREQUENCY = "frequency"
    COVERAGE = "coverage"
    ON_TIME = "on_time"
    TRANSFER = "transfer"
    VALID_REPORTS = "valid_reports"
    RECORDS = "records"
    ATTENDANCE = "attendance"
    TRAINING = "training"
    SATISFACTION = "satisfaction"


class Tally(StrEnum):
    """A count that people and grids are assessed by."""

    FALSE_REPORTS = "false_reports"
    LATE_REPORTS = "late_reports"
    MISSING_REPORTS = "missing_reports"
    COMPLAINTS_UPHELD = "complaints_upheld"
    HAZARDS_LEFT = "hazards_left"
    ACCIDENTS = "accidents"
    MAJOR_FAILURES = "major_failures"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRule(Quoted):
    """A rate that earns points.

    Attributes
    ----------
    measure : Rate
        The rate.
    weight : float
        Points out of the full score that it earns at best.
    target : float
        Rate that earns all of them; less earns them in proportion.
    """

    measure: Rate
    weight: float
    target: float = 1.0

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a weight that earns nothing, or a rate that isn't one."""
        if self.weight <= 0:
            yield Fault("weight", "above", {"least": 0})
        if not 0 < self.target <= 1:
            yield Fault("target", "share", {"value": self.target})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeductionRule(Quoted):
    """Something that costs points or money each time that it happens.

    Attributes
    ----------
    measure : Tally
        The count.
    points : float
        Points off the score for each.
    yuan_from, yuan_to : int
        Yuan for each; a range leaves the sum to who decides.
    """

    measure: Tally
    points: float = 0.0
    yuan_from: int = 0
    yuan_to: int = 0

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a deduction that adds, or a range that ends before it begins."""
        if self.points < 0:
            yield Fault("points", "at-least", {"least": 0})
        if not 0 <= self.yuan_from <= self.yuan_to:
            yield Fault("yuan_to", "at-least", {"least": max(self.yuan_from, 0)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRule(Quoted):
    """What follows when a score or a rate is too low, or a count too high.

    Attributes
    ----------
    measure : Rate, Tally or None
        The rate or the count; None for the score.
    period : AssessedPeriod
        Of which the figure is looked at.
    below : float or None
        It follows when a score or a rate is below this; None for a count.
    at_least : int or None
        It follows when a count reaches this; None for a score or a rate.
    times : int
        It follows when that happened in so many periods of one year.
    consequence : str
        Key of what follows.
    """

    measure: Rate | Tally | None = None
    period: AssessedPeriod
    below: float | None = None
    at_least: int | None = None
    times: int = 1
    consequence: str

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:  # noqa: ARG002 - concerns no post
        """Give what can't hold: a count without ``at_least``, or a score or rate without ``below``."""
        if isinstance(self.measure, Tally):
            needed, other = "at_least", "below"
        else:
            needed, other = "below", "at_least"
        if getattr(self, needed) is None:
            yield Fault(needed, "missing", {})
        if getattr(self, other) is not None:
            yield Fault(other, "either-or", {"one": needed, "other": other})
        if self.times < 1:
            yield Fault("times", "at-least", {"least": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class HonourRule(Quoted):
    """Who is honoured.

    Attributes
    ----------
    period : AssessedPeriod
        For the scores of which.
    best : int
        How many of the ranked; all who tie with the last of them as well.
    lost_by : tuple of Tally
        Counts; one of what they count and there is no honour.
    """

    period: AssessedPeriod
    best: int
    lost_by: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentRules(Rules):
    """How work is assessed, and what follows (G).

    Attributes
    ----------
    posts : tuple of str
        Whoever holds one of these is assessed; everybody with a post, without any.
    periods : tuple of AssessedPeriod
        For which scores are given.
    full_score : float
        The sum of all weights.
    minimum_sample : int
        Whoever is scored on fewer things than this in a period is not ranked.
    indicators : tuple of IndicatorRule
        What earns points.
    deductions : tuple of DeductionRule
        What costs points or money.
    thresholds : tuple of ThresholdRule
        What follows from too little.
    honours : tuple of HonourRule
        Who is honoured.
    consequences : dict of str to Words
        What may follow, by key.
    """

    posts: tuple[str, ...] = ()
    periods: tuple[AssessedPeriod, ...] = ()
    full_score: float = 100.0
    minimum_sample: int = 1
    indicators: tuple[IndicatorRule, ...] = ()
    deductions: tuple[DeductionRule, ...] = ()
    thresholds: tuple[ThresholdRule, ...] = ()
    honours: tuple[HonourRule, ...] = ()
    consequences: dict[str, Words] = field(default_factory=dict)

    def faults(self, posts: frozenset[str]) -> Iterator[Fault]:
        """Give what can't hold: weights that don't sum, a measure twice, or what isn't named elsewhere."""
        for post in self.posts:
            if post not in posts:
                yield Fault("posts", "unknown-post", {"value": post, "known": sorted(posts)})
        total = sum(one.weight for one in self.indicators)
        if self.indicators and not math.isclose(total, self.full_score, abs_tol=1e-9):
            yield Fault("indicators", "weights-sum", {"value": total, "expected": self.full_score})
        for measure, times in Counter(one.measure for one in self.indicators).items():
            if times > 1:
                yield Fault("indicators", "twice", {"value": measure.value})
        for place, one in enumerate(self.thresholds):
            if one.consequence not in self.consequences:
                known = sorted(self.consequences)
                path = f"thresholds.{place}.consequence"
                yield Fault(path, "unknown-consequence", {"value": one.consequence, "known": known})
