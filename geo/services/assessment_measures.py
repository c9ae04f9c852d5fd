"""The measures that people and grids are assessed by, by subject."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from geo.db import assessment as rows
from geo.db import findings
from geo.db.activities import attendance_shares
from geo.db.generations import all_generations, successions_into
from geo.db.lineage import chains_standing
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor, Jurisdiction
from geo.domain.assessment import Figures, Span
from geo.domain.duties import DUTY_MEASURES, DutyMeasure, DutyTally, PersonTally
from geo.domain.duties import Tally as Tallied
from geo.domain.grids import Level
from geo.domain.lineage import Succession
from geo.domain.measures import Period, Share
from geo.domain.profiles.assessment import AssessmentRules, Rate, Tally
from geo.domain.profiles.regulations import Regime
from geo.services import duties
from geo.services.duties import Clock

ATTENDANCE_VERSION = 1
"""Of the rate of those who were there, out of those who were to be."""

VERSIONS: dict[str, int] = {
    Rate.ATTENDANCE.value: ATTENDANCE_VERSION,
    **{rate.value: measure.version for rate, measure in DUTY_MEASURES.items()},
    **{rate.value: measure.version for rate, measure in rows.RATES.items()},
    **{tally.value: measure.version for tally, measure in rows.RECORDED.items()},
}
"""The version of each measure; those without one are findings of supervisors."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which assessment is wanted.

    Attributes
    ----------
    span : Span
        For when.
    level : Level or None
        Of the grids of this level; None for an assessment of people.
    grid_code : str or None
        Only in this grid and below; None for the whole city.
    at : datetime or None
        By the grids of the division that held then; by those in force without.
    """

    span: Span
    level: Level | None
    grid_code: str | None = None
    at: datetime | None = None

    @property
    def subject(self) -> str:
        """What is assessed: ``grid`` or ``person``."""
        return "person" if self.level is None else "grid"

    @property
    def jurisdiction(self) -> Jurisdiction:
        """The ground on which."""
        return Jurisdiction(frozenset({self.grid_code}) if self.grid_code else None)


class Measured(ABC):
    """The measures of one part of a span, by subject; each is taken once."""

    def __init__(self, actor: Actor, uow: UnitOfWork, asked: Asked, clock: Clock, regime: Regime) -> None:
        self.actor = actor
        self.uow = uow
        self.asked = asked
        self.clock = clock
        self.regime = regime
        self.period = period_of(regime.since, regime.until, clock)

    def figures(self, subject: str) -> Figures:
        """Give what was measured of a subject."""
        nothing = Share(0, 0)
        return Figures(
            {rate: shares.get(subject, nothing) for rate, shares in self.rates.items()},
            {tally: counts.get(subject, 0) for tally, counts in self.tallies.items()},
        )

    @cached_property
    def rates(self) -> dict[Rate, Mapping[str, Share]]:
        """The rates that the rules ask for."""
        return {rate: self._rate(rate) for rate in _rates_asked(self.regime.profile.assessment)}

    @cached_property
    def tallies(self) -> dict[Tally, Mapping[str, int]]:
        """The counts that the rules ask for."""
        return {tally: self._tally(tally) for tally in _tallies_asked(self.regime.profile.assessment)}

    def _rate(self, rate: Rate) -> Mapping[str, Share]:
        if rate is Rate.ATTENDANCE:
            return self.attendance()
        if rate in DUTY_MEASURES:
            return self.duties(DUTY_MEASURES[rate])
        return self.summed(rows.RATES[rate])

    def _tally(self, tally: Tally) -> Mapping[str, int]:
        counts = defaultdict(int, self.found(tally))
        if tally in rows.RECORDED:
            for key, share in self.summed(rows.RECORDED[tally]).items():
                counts[key] += share.denominator
        return counts

    @abstractmethod
    def summed(self, measure: rows.Measure) -> Mapping[str, Share]:
        """Give a measure of facts by subject."""

    @abstractmethod
    def found(self, tally: Tally) -> Mapping[str, int]:
        """Count the findings of a tally by subject."""

    @abstractmethod
    def attendance(self) -> Mapping[str, Share]:
        """Give who was present, out of who was expected, by subject."""

    @abstractmethod
    def duties(self, measure: DutyMeasure) -> Mapping[str, Share]:
        """Give a measure of duties by subject."""


class OfGrids(Measured):
    """Subjects are grids of a level, by code."""

    def summed(self, measure: rows.Measure) -> Mapping[str, Share]:
        """Give a measure of facts by subject."""
        asked = self.asked
        facts = facts_of(measure, self.regime, self.clock, asked.at)
        return rows.rate_by_grid(self.uow.connection, facts, asked.level, asked.jurisdiction, asked.at)

    def found(self, tally: Tally) -> Mapping[str, int]:
        """Count the findings of a tally by subject."""
        counts = findings.count_by_code(self.uow.connection, tally, self.regime.since, self.regime.until)
        found: dict[str, int] = defaultdict(int)
        for code, chain in chains_standing(self.uow.connection, counts, self.asked.at).items():
            for above in chain if self.regime.covers(chain) else ():
                found[above] += counts[code]
        return found

    def attendance(self) -> Mapping[str, Share]:
        """Give who was present, out of who was expected, by subject."""
        shares, _ = attendance_shares(
            self.uow.connection, self.period, self.asked.jurisdiction, self.asked.at
        )
        return shares

    def duties(self, measure: DutyMeasure) -> Mapping[str, Share]:
        """Give a measure of duties by subject."""
        told = [one for one in self.tallies_of_duties if measure.concerns(one.duty)]
        return {row.grid.code: measure.share(row.tally) for row in duties.total_by_grid(told)}

    @cached_property
    def tallies_of_duties(self) -> tuple[DutyTally, ...]:
        """What came of all duties."""
        asked = self.asked
        return duties.duty_tallies(
            self.actor,
            self.uow,
            self.period,
            self.clock,
            level=asked.level,
            grid_code=asked.grid_code,
            at=asked.at,
        )


class OfPeople(Measured):
    """Subjects are people, by number."""

    def summed(self, measure: rows.Measure) -> Mapping[str, Share]:
        """Give a measure of facts by subject."""
        facts = facts_of(measure, self.regime, self.clock, self.asked.at)
        zone = self.clock.zone.key
        shares = rows.rate_by_person(self.uow.connection, facts, zone, self.asked.jurisdiction)
        return {str(person): share for person, share in shares.items()}

    def found(self, tally: Tally) -> Mapping[str, int]:
        """Count the findings of a tally by subject."""
        counts = findings.count_by_person(
            self.uow.connection,
            tally,
            self.regime.since,
            self.regime.until,
            jurisdiction=self.asked.jurisdiction,
            at=self.asked.at,
        )
        return {str(person): count for person, count in counts.items()}

    def attendance(self) -> Mapping[str, Share]:
        """Give who was present, out of who was expected, by subject."""
        _, shares = attendance_shares(
            self.uow.connection, self.period, self.asked.jurisdiction, self.asked.at
        )
        return {str(person): share for person, share in shares.items()}

    def duties(self, measure: DutyMeasure) -> Mapping[str, Share]:
        """Give a measure of duties by subject."""
        rules = self.regime.profile.duties
        told = [
            (str(row.person_id), row.tally)
            for key, people in self.tallies_of_duties.items()
            if (duty := rules.duty(key)) and measure.concerns(duty)
            for row in people
        ]
        sums: dict[str, Tallied] = defaultdict(Tallied)
        for person, tally in told:
            sums[person] += tally
        return {person: measure.share(tally) for person, tally in sums.items()}

    @cached_property
    def tallies_of_duties(self) -> Mapping[str, tuple[PersonTally, ...]]:
        """What came of all duties, by their key."""
        return duties.person_tallies(
            self.actor,
            self.uow,
            self.period,
            self.clock,
            grid_code=self.asked.grid_code,
            at=self.asked.at,
        )


def successions_since(uow: UnitOfWork, day: date, at: datetime | None) -> list[Succession]:
    """Give what became of what in the divisions that began on a day or later, and by a time; oldest first."""
    later = [one for one in all_generations(uow.connection) if one.valid_from.date() >= day]
    begun = [one for one in later if at is None or one.valid_from <= at]
    return [one for generation in begun for one in successions_into(uow.connection, generation.id)]


def _rates_asked(rules: AssessmentRules) -> set[Rate]:
    thresholds = {one.measure for one in rules.thresholds if isinstance(one.measure, Rate)}
    return {one.measure for one in rules.indicators} | thresholds


def _tallies_asked(rules: AssessmentRules) -> set[Tally]:
    thresholds = {one.measure for one in rules.thresholds if isinstance(one.measure, Tally)}
    lost = {tally for honour in rules.honours for tally in honour.lost_by}
    return {one.measure for one in rules.deductions} | thresholds | lost


def period_of(since: date, until: date, clock: Clock) -> Period:
    """Give days as a period that doesn't reach beyond the present.

    Parameters
    ----------
    since, until : date
        The first day, and the first one after.
    clock : Clock
        The present.
    """
    start, end = (datetime.combine(day, time.min, clock.zone) for day in (since, until))
    return Period(start, min(end, clock.now))


def _inspection(regime: Regime) -> str:
    return regime.profile.inspections.kind


def facts_of(measure: rows.Measure, regime: Regime, clock: Clock, at: datetime | None) -> rows.Facts:
    """Give the facts of a measure on the days and the ground of a regime, up to the present.

    Parameters
    ----------
    measure : Measure
        What is measured.
    regime : Regime
        When and where, and what counts as an inspection and as late.
    clock : Clock
        The present.
    at : datetime or None
        By the division that held then; None for the one in force.
    """
    hours = regime.profile.privacy.suspicious.delay_hours
    asked = rows.Asked(
        period_of(regime.since, regime.until, clock),
        clock.zone.key,
        regime.profile.inspections.kind,
        None if hours is None else timedelta(hours=hours),
        at,
    )
    return rows.facts_of(measure, asked, regime)
