"""Scores of people and grids, what they are made of, their order, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from geo.domain.activities import Attendance
from geo.domain.measures import Share
from geo.domain.profiles.assessment import (
    AssessedPeriod,
    AssessmentRules,
    DeductionRule,
    HonourRule,
    IndicatorRule,
    Rate,
    Tally,
    ThresholdRule,
)

_MONTHS = {AssessedPeriod.MONTH: 1, AssessedPeriod.HALF_YEAR: 6, AssessedPeriod.YEAR: 12}
_DECIMALS = 2
"""People compare the figures that they are shown: what looks equal is equal."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a score is given for.

    Attributes
    ----------
    period : AssessedPeriod
        What they are together.
    since, until : date
        The first day, and the first one after.
    """

    period: AssessedPeriod
    since: date
    until: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.until - self.since).days


def span_of(period: AssessedPeriod, day: date) -> Span:
    """Give the month, half year or year that holds a day.

    Parameters
    ----------
    period : AssessedPeriod
        Which of them.
    day : date
        Any of its days.

    Examples
    --------
    >>> span = span_of(AssessedPeriod.HALF_YEAR, date(2026, 11, 22))
    >>> span.since.isoformat(), span.until.isoformat()
    ('2026-07-01', '2027-01-01')
    """
    months = _MONTHS[period]
    first = (day.month - 1) // months * months
    since = date(day.year, first + 1, 1)
    year, month = divmod(first + months, 12)
    return Span(period, since, date(day.year + year, month + 1, 1))


def spans_in_year(period: AssessedPeriod, year: int) -> tuple[Span, ...]:
    """Give all months, half years or the year itself of a year, the first one first."""
    months = _MONTHS[period]
    return tuple(span_of(period, date(year, month, 1)) for month in range(1, 13, months))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one person or grid.

    Attributes
    ----------
    rates : mapping of Rate to Share
        A missing one had nothing to be measured on.
    counts : mapping of Tally to int
        A missing one is zero.
    """

    rates: Mapping[Rate, Share]
    counts: Mapping[Tally, int]


@dataclass(frozen=True, slots=True)
class Fact:
    """A record that counts in a measure: the trail of a score ends here.

    Attributes
    ----------
    kind : str
        ``visit``, ``issue``, ``activity`` or ``finding``.
    id : int
        Its row.
    label : str
        What people quote it by.
    at : datetime
        When it counted, aware.
    numerator, denominator : int
        What it added to the measure.
    late_levels : tuple of str
        Of an issue, the keys of the levels whose deadline it missed.
    attendance : Attendance or None
        Of an activity, who was to be there.
    """

    kind: str
    id: int
    label: str
    at: datetime
    numerator: int
    denominator: int
    late_levels: tuple[str, ...] = ()
    attendance: Attendance | None = None


@dataclass(frozen=True, slots=True)
class Earned:
    """What an indicator gave.

    Attributes
    ----------
    rule : IndicatorRule
        What was asked.
    share : Share
        What was measured.
    """

    rule: IndicatorRule
    share: Share

    @property
    def points(self) -> float | None:
        """Give weight times rate over target, never more than the weight; None without data.

        Notes
        -----
        ``points = weight * min(1, rate / target)``
        """
        rate = self.share.rate
        return None if rate is None else self.rule.weight * min(1.0, rate / self.rule.target)


@dataclass(frozen=True, slots=True)
class Lost:
    """What a deduction took.

    Attributes
    ----------
    rule : DeductionRule
        What costs how much.
    count : int
        How often it happened.
    """

    rule: DeductionRule
    count: int

    @property
    def points(self) -> float:
        """Points off the score."""
        return self.count * self.rule.points

    @property
    def yuan(self) -> tuple[int, int]:
        """The least and the most that it costs."""
        return self.count * self.rule.yuan_from, self.count * self.rule.yuan_to


@dataclass(frozen=True, slots=True)
class PartScore:
    """What one set of rules gave, over the days on which it held.

    Attributes
    ----------
    since, until : date
        The first day, and the first one after.
    full_score : float
        What all indicators give together.
    earned, lost : tuple
        What was earned and lost, in the order of the rules.
    """

    since: date
    until: date
    full_score: float
    earned: tuple[Earned, ...]
    lost: tuple[Lost, ...]

    @property
    def value(self) -> float | None:
        """Give the score; None where no indicator has data.

        Notes
        -----
        Indicators without data count neither for nor against: the weights of the others are scaled up to the
        full score. ``value = max(0, full * sum(points) / sum(weights with data) - sum(deductions))``
        """
        points = [(one.points, one.rule.weight) for one in self.earned if one.points is not None]
        weight = sum(weight for _, weight in points)
        if not weight:
            return None
        earned = self.full_score * sum(point or 0.0 for point, _ in points) / weight
        return max(0.0, earned - sum(one.points for one in self.lost))

    @property
    def sample(self) -> int:
        """On how many things it rests."""
        return sum(one.share.denominator for one in self.earned)

    @property
    def days(self) -> int:
        """On how many days its rules held."""
        return (self.until - self.since).days


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one person or grid in a span, with what it is made of.

    Attributes
    ----------
    subject : str
        Number of the person or code of the grid.
    parts : tuple of PartScore
        One for each set of rules that held in the span, the first one first.
    """

    subject: str
    parts: tuple[PartScore, ...]

    @property
    def value(self) -> float | None:
        """The mean of the parts by their days, as shown to two decimals; None where no part has a score."""
        scored = [(part.value, part.days) for part in self.parts if part.value is not None]
        days = sum(days for _, days in scored)
        return round(sum((value or 0.0) * n for value, n in scored) / days, _DECIMALS) if days else None

    @property
    def sample(self) -> int:
        """On how many things it rests."""
        return sum(part.sample for part in self.parts)

    @property
    def yuan(self) -> tuple[int, int]:
        """The least and the most that the deductions cost."""
        lost = [one.yuan for part in self.parts for one in part.lost]
        return sum(least for least, _ in lost), sum(most for _, most in lost)


def score_part(rules: AssessmentRules, since: date, until: date, figures: Figures) -> PartScore:
    """Give what rules make of the figures of the days on which they held.

    Parameters
    ----------
    rules : AssessmentRules
        What earns and what costs.
    since, until : date
        The first day on which they held, and the first one after.
    figures : Figures
        What was measured on those days.
    """
    nothing = Share(0, 0)
    return PartScore(
        since,
        until,
        rules.full_score,
        tuple(Earned(rule, figures.rates.get(rule.measure, nothing)) for rule in rules.indicators),
        tuple(Lost(rule, figures.counts.get(rule.measure, 0)) for rule in rules.deductions),
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """A score and its place.

    Attributes
    ----------
    score : Score
        The score.
    rank : int or None
        1 for the best, the same for equal ones, and then the places that they take are left out (1, 2, 2, 4);
        None without a score or with too small a sample.
    """

    score: Score
    rank: int | None


def rank(scores: Iterable[Score], *, minimum_sample: int) -> tuple[Ranked, ...]:
    """Give all scores in order: the ranked ones first, then those that can't be, each by subject.

    Parameters
    ----------
    scores : iterable of Score
        In any order.
    minimum_sample : int
        A score that rests on fewer things is not ranked.

    Examples
    --------
    >>> rank([], minimum_sample=1)
    ()
    """
    by_subject = sorted(scores, key=lambda score: score.subject)
    fit = [one for one in by_subject if one.value is not None and one.sample >= minimum_sample]
    unfit = (one for one in by_subject if one.value is None or one.sample < minimum_sample)
    ranked: list[Ranked] = []
    for place, score in enumerate(sorted(fit, key=lambda one: -(one.value or 0.0)), start=1):
        is_tie = bool(ranked) and ranked[-1].score.value == score.value
        ranked.append(Ranked(score, ranked[-1].rank if is_tie else place))
    return (*ranked, *(Ranked(score, None) for score in unfit))


def honoured(
    ranked: Iterable[Ranked], rule: HonourRule, counts: Callable[[str], Mapping[Tally, int]]
) -> tuple[Ranked, ...]:
    """Give those who are honoured: the best who lost no honour, and all who tie with the last of them.

    Parameters
    ----------
    ranked : iterable of Ranked
        As `rank` gives them.
    rule : HonourRule
        How many, and what costs the honour.
    counts : callable
        Gives the counts of a subject.
    """
    worthy = [
        one for one in ranked if one.rank and not any(counts(one.score.subject).get(k) for k in rule.lost_by)
    ]
    if len(worthy) <= rule.best:
        return tuple(worthy)
    last = worthy[rule.best - 1].rank or 0
    return tuple(one for one in worthy if (one.rank or 0) <= last)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures of one span, as thresholds look at them.

    Attributes
    ----------
    span : Span
        Of when.
    score : float or None
        The score.
    figures : Figures
        What was measured.
    """

    span: Span
    score: float | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class Consequence:
    """Something that follows, with why.

    Attributes
    ----------
    rule : ThresholdRule
        What it follows from.
    spans : tuple of Span
        In which the figure was too low or too high.
    """

    rule: ThresholdRule
    spans: tuple[Span, ...]


def consequences(rules: AssessmentRules, outcomes: Sequence[Outcome]) -> tuple[Consequence, ...]:
    """Give what follows from the last of some spans of a year, of one subject.

    Parameters
    ----------
    rules : AssessmentRules
        What follows from what.
    outcomes : sequence of Outcome
        At least one; the one that is looked at last, after those of its year that count with it.
    """
    found = (
        Consequence(rule, tuple(one.span for one in outcomes if _is_met(rule, one)))
        for rule in rules.thresholds
    )
    return tuple(one for one in found if len(one.spans) >= one.rule.times and outcomes[-1].span in one.spans)


def _is_met(rule: ThresholdRule, outcome: Outcome) -> bool:
    if outcome.span.period is not rule.period:
        return False
    if isinstance(rule.measure, Tally):
        return rule.at_least is not None and outcome.figures.counts.get(rule.measure, 0) >= rule.at_least
    figure = outcome.score if rule.measure is None else _rate(outcome.figures, rule.measure)
    return figure is not None and rule.below is not None and figure < rule.below


def _rate(figures: Figures, measure: Rate) -> float | None:
    share = figures.rates.get(measure)
    return share.rate if share else None


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment says of one person or grid.

    Attributes
    ----------
    ranked : Ranked
        The score with its place.
    name : str
        What they are called.
    is_honoured : bool
        Whether they are among those who are honoured.
    consequences : tuple of Consequence
        What follows from this span, with those of its kind before it in the year.
    predecessors : tuple of str
        Codes of the grids whose ground the grid got in the span: what happened there counts here.
    """

    ranked: Ranked
    name: str
    is_honoured: bool
    consequences: tuple[Consequence, ...]
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The scores of all people or grids of a place in a span.

    Attributes
    ----------
    subject : str
        ``grid`` or ``person``.
    span : Span
        The days.
    made_at : datetime
        Up to when things were counted if the span wasn't over; aware.
    rules : AssessmentRules
        Those that held at its end: what may follow, by name.
    versions : mapping of str to int
        The version of each measure that was used.
    assessed : tuple of Assessed
        In order of their places.
    grids_at : datetime or None
        By the grids of the division that held then; None for the one in force when it was made.
    """

    subject: str
    span: Span
    made_at: datetime
    rules: AssessmentRules
    versions: Mapping[str, int]
    assessed: tuple[Assessed, ...]
    grids_at: datetime | None = None

    def document(self) -> dict[str, Any]:
        """Give it as what JSON can hold, with everything that a score is made of."""
        return {
            "subject": self.subject,
            "period": self.span.period,
            "since": self.span.since.isoformat(),
            "until": self.span.until.isoformat(),
            "made_at": self.made_at.isoformat(),
            **({"grids_at": self.grids_at.isoformat()} if self.grids_at else {}),
            "versions": dict(self.versions),
            "assessed": [_document_of(one) for one in self.assessed],
        }


def _document_of(one: Assessed) -> dict[str, Any]:
    score = one.ranked.score
    return {
        "subject": score.subject,
        "name": one.name,
        "rank": one.ranked.rank,
        "score": score.value,
        "sample": score.sample,
        "yuan": list(score.yuan),
        "honoured": one.is_honoured,
        "predecessors": list(one.predecessors),
        "consequences": [
            {
                "consequence": found.rule.consequence,
                "measure": found.rule.measure,
                "spans": [span.since.isoformat() for span in found.spans],
            }
            for found in one.consequences
        ],
        "parts": [_document_of_part(part) for part in score.parts],
    }


def _document_of_part(part: PartScore) -> dict[str, Any]:
    return {
        "since": part.since.isoformat(),
        "until": part.until.isoformat(),
        "score": part.value,
        "earned": [
            {
                "measure": one.rule.measure,
                "numerator": one.share.numerator,
                "denominator": one.share.denominator,
                "weight": one.rule.weight,
                "target": one.rule.target,
                "points": one.points,
            }
            for one in part.earned
        ],
        "lost": [
            {
                "measure": one.rule.measure,
                "count": one.count,
                "points": one.points,
                "yuan": list(one.yuan),
            }
            for one in part.lost
        ],
    }


@dataclass(frozen=True, slots=True)
class AssessmentSnapshot:
    """An assessment that was kept; nothing that happens later changes it.

    Attributes
    ----------
    id : int
        Row.
    made_by : str
        Username of who kept it.
    made_at : datetime
        When, aware.
    sha256 : str
        Digest of the document, in hexadecimal digits.
    document : mapping
        As `Assessment.document` gave it.
    """

    id: int
    made_by: str
    made_at: datetime
    sha256: str
    document: Mapping[str, Any]
