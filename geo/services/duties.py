"""What was due and what came of it, for any period, level, grid and person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from geo.db import duties as rows
from geo.db.duties import Question
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor, Jurisdiction
from geo.domain.duties import (
    DUTY_MEASURES,
    DutyTally,
    DutyTrail,
    GridTally,
    Owing,
    PersonTally,
    Slot,
    Tally,
    slots,
)
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.domain.profiles.assessment import Rate
from geo.domain.profiles.duties import Duty, TargetKind
from geo.domain.profiles.regulations import Regime, joined
from geo.domain.todo import Task
from geo.domain.working_days import Calendar
from geo.errors import BadValue, NotFound
from geo.services.generations import told_at
from geo.services.privacy import Veils
from geo.services.profiles import regimes
from geo.services.working_days import city_calendar

LONGEST = timedelta(days=1100)
"""The longest period: three years."""
_LOOKBACK = timedelta(days=400)
"""A stretch of time that ends in a period may have begun a year before it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What time is counted by.

    Attributes
    ----------
    zone : ZoneInfo
        Of the city.
    calendar : Calendar
        Its working days.
    now : datetime
        The present, aware: what isn't due by now counts nowhere.
    """

    zone: ZoneInfo
    calendar: Calendar
    now: datetime

    def today(self) -> date:
        """Give the date in the city."""
        return self.now.astimezone(self.zone).date()


def clock_at(uow: UnitOfWork, zone: ZoneInfo, now: datetime) -> Clock:
    """Give what time is counted by.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction: the city may have working days of its own.
    zone : ZoneInfo
        Of the city.
    now : datetime
        The present, aware.
    """
    return Clock(zone, city_calendar(uow), now)


def duty_tallies(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    clock: Clock,
    *,
    level: Level | None = None,
    grid_code: str | None = None,
    duty: str | None = None,
    at: datetime | None = None,
) -> tuple[DutyTally, ...]:
    """Give what was due in a period and what came of it, by duty and grid.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    period : Period
        Whose deadlines count; at most `LONGEST`.
    clock : Clock
        The present, and how days are counted.
    level : Level, optional
        The level of the grids; the leaves by default.
    grid_code : str, optional
        Only in this grid and below.
    duty : str, optional
        Only the duty with this key.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Returns
    -------
    tuple of DutyTally
        One for each duty and each set of rules that held, in the order of the profiles. A duty that a profile
        changed is told once before and once after.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    BadValue
        If the period is too long.

    Notes
    -----
    A stretch of time is ruled by what held on its first day, and belongs to the period in which its deadline
    lies. A thing owes it if it was there from its first to its last day; what is new owes the next one. Grids
    that came after the division asked for are told of the one that most of their ground came from, those
    retired before it of the one that most of theirs went to: so all divisions agree on the whole.
    """
    jurisdiction = actor.jurisdiction(Action.READ_MEASURES)
    found = []
    for question in _questions(uow, period, clock, jurisdiction, grid_code=grid_code, duty=duty, at=at):
        total, grids = rows.grid_tallies(uow.connection, question, level)
        found.append(DutyTally(question.duty, question.slots, total, grids))
    return tuple(found)


def person_tallies(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    clock: Clock,
    *,
    grid_code: str | None = None,
    duty: str | None = None,
    at: datetime | None = None,
) -> dict[str, tuple[PersonTally, ...]]:
    """Give what was due of each person in a period and what came of it, by key of the duty.

    Parameters
    ----------
    actor : Actor
        Who asks: sees what was due in the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    period : Period
        See `duty_tallies`.
    clock : Clock
        The present, and how days are counted.
    grid_code : str, optional
        Only in this grid and below.
    duty : str, optional
        Only the duty with this key.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Returns
    -------
    dict of str to tuple of PersonTally
        By number of the person. Somebody answers for a stretch of time if they held the post in the grid for
        all of it; who stands in for them does it for them.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures, or may not read people.
    BadValue
        If the period is too long.
    """
    actor.jurisdiction(Action.READ_MEASURES)
    jurisdiction = actor.jurisdiction(Action.READ_PEOPLE)
    found: dict[str, tuple[PersonTally, ...]] = {}
    for question in _questions(uow, period, clock, jurisdiction, grid_code=grid_code, duty=duty, at=at):
        told = rows.person_tallies(uow.connection, question)
        found[question.duty.key] = _summed((*found.get(question.duty.key, ()), *told))
    people = {one.person_id for told in found.values() for one in told}
    veils = Veils(actor, uow, clock.today()).of_people(people)
    return {key: tuple(veils[one.person_id].shown(one) for one in told) for key, told in found.items()}


def people_together(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    clock: Clock,
    *,
    duty: str | None = None,
    at: datetime | None = None,
) -> tuple[PersonTally, ...]:
    """Give what was due of each person and what came of it, all duties together; see `person_tallies`."""
    found = person_tallies(actor, uow, period, clock, duty=duty, at=at)
    return _summed(one for told in found.values() for one in told)


def duties_of(uow: UnitOfWork, period: Period, clock: Clock) -> tuple[Duty, ...]:
    """Give the duties that hold anywhere in a period, once each, in the order of the profiles.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    period : Period
        The period.
    clock : Clock
        How days are counted.
    """
    found = (
        duty for regime in duty_regimes(uow, period, clock.zone) for duty in regime.profile.duties.duties
    )
    return tuple({duty.key: duty for duty in found}.values())


def _summed(tallies: Iterable[PersonTally]) -> tuple[PersonTally, ...]:
    """Give one tally for each person."""
    of_person: dict[int, PersonTally] = {}
    for one in tallies:
        known = of_person.get(one.person_id)
        of_person[one.person_id] = replace(one, tally=known.tally + one.tally) if known else one
    return tuple(of_person[key] for key in sorted(of_person))


def duty_trail(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    clock: Clock,
    *,
    duty: str,
    grid_code: str | None = None,
    person_id: int | None = None,
    limit: int = 1000,
    after: int = 0,
    at: datetime | None = None,
) -> tuple[int, ...]:
    """Give the numbers of the visits, activities or tracks that count for a duty in a period, ascending.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    period : Period
        See `duty_tallies`.
    clock : Clock
        The present, and how days are counted.
    duty : str
        Key of the duty.
    grid_code : str, optional
        Only in this grid and below.
    person_id : int, optional
        Only what counts for this person.
    limit, after : int, optional
        At most so many, with greater numbers.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    BadValue
        If the period is too long.
    NotFound
        If no profile has this duty in the period.
    """
    jurisdiction = actor.jurisdiction(Action.READ_MEASURES)
    questions = list(_questions(uow, period, clock, jurisdiction, grid_code=grid_code, duty=duty, at=at))
    if not questions:
        raise NotFound(kind="duty", key=duty)
    found: set[int] = set()
    for question in questions:
        found.update(rows.trail(uow.connection, question, person_id=person_id, limit=limit, after=after))
    return tuple(sorted(found)[:limit])


def trail_of(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    clock: Clock,
    *,
    rate: Rate,
    grid_code: str | None = None,
    person_id: int | None = None,
    limit: int = 1000,
    at: datetime | None = None,
) -> DutyTrail:
    """Give what a rate of duties is made of: each stretch that was due on each thing, and what came of it.

    Parameters
    ----------
    actor : Actor
        Who asks: sees what was due in the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    period : Period
        See `duty_tallies`.
    clock : Clock
        The present, and how days are counted.
    rate : Rate
        One of `geo.domain.duties.DUTY_MEASURES`.
    grid_code : str, optional
        Only in this grid and below.
    person_id : int, optional
        Only what this person answers for.
    limit : int, optional
        At most so many of each duty; the tally counts all of them.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures, or of a person: may not read people.
    BadValue
        If the period is too long.
    """
    jurisdiction = actor.jurisdiction(Action.READ_MEASURES if person_id is None else Action.READ_PEOPLE)
    tally, found = Tally(), list[Owing]()
    for question in _questions(uow, period, clock, jurisdiction, grid_code=grid_code, duty=None, at=at):
        if DUTY_MEASURES[rate].concerns(question.duty):
            tally += _tally_of(uow, question, person_id)
            found += rows.owings(uow.connection, question, person_id=person_id, limit=limit)
    seen = as_seen(Veils(actor, uow, clock.today()), found)
    return DutyTrail(tally, tuple(sorted(seen, key=lambda one: -one.missed)))


Asked = TypeVar("Asked", Owing, Task)


def as_seen(veils: Veils, things: Iterable[Asked]) -> list[Asked]:
    """Give what is asked for, with the people on whom it is under the names that are seen of them.

    Parameters
    ----------
    veils : Veils
        What is seen of whom.
    things : iterable of Owing or Task
        On people or on anything else.
    """
    found = list(things)
    of = veils.of_people({who for one in found if (who := _person(one))})
    return [
        replace(one, name=of[who].value("person.name", one.name)) if (who := _person(one)) else one
        for one in found
    ]


def _person(one: Owing | Task) -> int | None:
    return one.target_id if one.duty.targets.kind is TargetKind.PERSON else None


def _tally_of(uow: UnitOfWork, question: Question, person_id: int | None) -> Tally:
    if person_id is None:
        return rows.grid_tallies(uow.connection, question, None)[0]
    told = rows.person_tallies(uow.connection, question)
    return sum((one.tally for one in told if one.person_id == person_id), Tally())


def _questions(
    uow: UnitOfWork,
    period: Period,
    clock: Clock,
    jurisdiction: Jurisdiction,
    *,
    grid_code: str | None,
    duty: str | None,
    at: datetime | None,
) -> Iterator[Question]:
    """Give what is to be counted: each duty under each regime, with the stretches that are due by now."""
    if period.end - period.start > LONGEST:
        expected = f"<= {(period.start + LONGEST).isoformat()}"
        raise BadValue(field="until", value=period.end.isoformat(), expected=expected)
    if period.start >= clock.now:
        return
    past = Period(period.start, min(period.end, clock.now))
    grids_at = told_at(uow, at)
    for regime in duty_regimes(uow, past, clock.zone, grid_code, grids_at):
        for one in regime.profile.duties.duties:
            stretches = ruled_slots(one, past, clock, regime)
            if stretches and duty in {None, one.key}:
                yield Question(one, stretches, regime, jurisdiction, grid_code, clock.zone, grids_at)


def duty_regimes(
    uow: UnitOfWork,
    period: Period,
    zone: ZoneInfo,
    grid_code: str | None = None,
    at: datetime | None = None,
) -> tuple[Regime, ...]:
    """Give the duties that hold for stretches of time with a deadline in a period, by grid and first day.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    period : Period
        The period.
    zone : ZoneInfo
        Of the city.
    grid_code : str, optional
        Only in this grid and below.
    at : datetime, optional
        When a division holds whose grids it lies in; the one in force by default.
    """
    since = (period.start.astimezone(zone) - _LOOKBACK).date()
    until = period.end.astimezone(zone).date() + timedelta(days=1)
    return joined(regimes(uow, since, until, grid_code, at), lambda profile: profile.duties)


def ruled_slots(duty: Duty, period: Period, clock: Clock, regime: Regime) -> tuple[Slot, ...]:
    """Give the stretches of a duty that begin while a regime holds and have their deadline in a period.

    Parameters
    ----------
    duty : Duty
        The duty.
    period : Period
        When.
    clock : Clock
        How days are counted.
    regime : Regime
        Which rules.
    """
    found = slots(duty.frequency, period, clock.zone, clock.calendar)
    return tuple(slot for slot in found if regime.since <= slot.first < regime.until)


def total_by_grid(tallies: Iterable[DutyTally]) -> tuple[GridTally, ...]:
    """Give all duties together, by grid.

    Parameters
    ----------
    tallies : iterable of DutyTally
        Of the same grids.
    """
    of_code: dict[str, GridTally] = {}
    for row in (row for one in tallies for row in one.grids):
        known = of_code.get(row.grid.code)
        of_code[row.grid.code] = replace(row, tally=known.tally + row.tally) if known else row
    return tuple(of_code[code] for code in sorted(of_code))


def total(tallies: Iterable[DutyTally]) -> Tally:
    """Give all duties together.

    Parameters
    ----------
    tallies : iterable of DutyTally
        Of the same ground.
    """
    return sum((one.total for one in tallies), Tally())
