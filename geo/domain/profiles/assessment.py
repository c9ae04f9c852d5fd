"""How work is assessed, and what follows (G)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from geo.domain.profiles.rules import Quoted, Rules, Words


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

    periods: tuple[AssessedPeriod, ...] = ()
    full_score: float = 100.0
    minimum_sample: int = 1
    indicators: tuple[IndicatorRule, ...] = ()
    deductions: tuple[DeductionRule, ...] = ()
    thresholds: tuple[ThresholdRule, ...] = ()
    honours: tuple[HonourRule, ...] = ()
    consequences: dict[str, Words] = field(default_factory=dict)
