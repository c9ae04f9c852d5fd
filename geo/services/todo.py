"""What each person has to do, and reminders before it falls due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from geo.db import todo as rows
from geo.db.duties import Question
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import WHOLE_CITY, Action, Actor
from geo.domain.duties import Slot
from geo.domain.measures import Period
from geo.domain.profiles.duties import Duty, Per
from geo.domain.profiles.regulations import Regime
from geo.domain.todo import Reminder, Task, around, reminders_due, urgency
from geo.services import people
from geo.services.duties import Clock, as_seen, duty_regimes, ruled_slots
from geo.services.privacy import Veils

LONGEST_LIST = 2000
"""Nobody reads further; the first ones are the most pressing."""
AHEAD = timedelta(days=7)
_YEAR = timedelta(days=366)
_KEPT = timedelta(days=40)


def tasks(actor: Actor, uow: UnitOfWork, clock: Clock, *, person_id: int | None = None) -> tuple[Task, ...]:
    """Give what somebody has to do now or within a week, the most pressing first.

    Parameters
    ----------
    actor : Actor
        Who asks: for themselves, or for somebody who serves where they may read people.
    uow : UnitOfWork
        The transaction.
    clock : Clock
        The present, and how days are counted.
    person_id : int, optional
        For whom; for the actor's own person by default.

    Returns
    -------
    tuple of Task
        At most `LONGEST_LIST` of each duty; none for an actor without a person.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read that person's duties.
    NotFound
        If there is nobody with this number.
    """
    who = _person(actor, uow, clock, person_id)
    if who is None:
        return ()
    posts, where = rows.charges_of(uow.connection, who, clock.today())
    found = [
        task
        for regime in _regimes(uow, clock)
        for duty in regime.profile.duties.duties
        if posts.intersection(duty.answering)
        for task in _tasks_of(uow, Question(duty, (), regime, where, None, clock.zone), clock, who)
    ]
    seen = as_seen(Veils(actor, uow, clock.today()), found)
    return tuple(sorted(seen, key=lambda task: task.order))


def _person(actor: Actor, uow: UnitOfWork, clock: Clock, person_id: int | None) -> int | None:
    actor.jurisdiction(Action.READ_PATROLS)
    if person_id is None or person_id == actor.person_id:
        return actor.person_id
    return people.get(actor, uow, person_id, clock.today()).id


def _regimes(uow: UnitOfWork, clock: Clock) -> tuple[Regime, ...]:
    return duty_regimes(uow, Period(clock.now - _YEAR, clock.now + AHEAD), clock.zone)


def _tasks_of(uow: UnitOfWork, question: Question, clock: Clock, who: int) -> Iterator[Task]:
    duty = question.duty
    open_now, before = _around(duty, question.regime, clock)
    if not open_now:
        return
    looked_at = (*([before] if before else []), *open_now)
    asked = replace(question, slots=looked_at)
    found = rows.open_targets(uow.connection, asked, person_id=who, today=clock.today(), limit=LONGEST_LIST)
    is_before = [slot is before for slot in looked_at]
    missed = {(one.target_id, one.grid_code) for one in found if is_before[one.n]}
    today_ends, week_ends = _ends(clock)
    for one in found:
        if not is_before[one.n]:
            slot = looked_at[one.n]
            yield Task(
                duty,
                slot,
                duty.targets.kind,
                one.target_id,
                one.name,
                one.grid_code,
                one.grid_name,
                one.lon,
                one.lat,
                one.done,
                (one.target_id, one.grid_code) in missed,
                urgency(slot, clock.now, today_ends, week_ends),
            )


def _around(duty: Duty, regime: Regime, clock: Clock) -> tuple[tuple[Slot, ...], Slot | None]:
    """Give the stretches that are open or begin within a week, and the one before them."""
    found = ruled_slots(duty, Period(clock.now - _YEAR, clock.now + _YEAR), clock, regime)
    is_daily = duty.frequency.per in {Per.DAY, Per.WORKING_DAY}
    coming = () if is_daily else _coming(duty, found, clock.now)
    open_now, before = around(found, clock.now)
    return (*open_now, *coming), before


def _coming(duty: Duty, found: tuple[Slot, ...], now: datetime) -> tuple[Slot, ...]:
    """Give the stretches that begin within a week and have a day of their own."""
    if duty.frequency.month_day is None:
        return ()
    return tuple(slot for slot in found if now < slot.start <= now + AHEAD)


def _ends(clock: Clock) -> tuple[datetime, ...]:
    """Give the midnight after today, and the one after the coming Sunday."""
    tomorrow = clock.today() + timedelta(days=1)
    monday = clock.today() + timedelta(days=7 - clock.today().weekday())
    return tuple(datetime.combine(day, time.min, clock.zone) for day in (tomorrow, monday))


# reminders ------------------------------------------------------------------------------------------------


def remind(actor: Actor, uow: UnitOfWork, clock: Clock) -> int:
    """Let everybody be reminded of what they still owe, and notify what was missed; twice is as good as once.

    Parameters
    ----------
    actor : Actor
        Who lets it be done; for the whole city.
    uow : UnitOfWork
        The transaction.
    clock : Clock
        The present, and how days are counted.

    Returns
    -------
    int
        How many reminders and notices are new.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write people of the whole city.
    """
    actor.require(Action.WRITE_PEOPLE, ())
    made = sum(
        _remind_of(uow, duty, regime, clock)
        for regime in _regimes(uow, clock)
        for duty in regime.profile.duties.duties
    )
    if made:
        uow.record(actor, "remind", "reminder", clock.today().isoformat(), {"made": made})
    return made


def _remind_of(uow: UnitOfWork, duty: Duty, regime: Regime, clock: Clock) -> int:
    found = ruled_slots(duty, Period(clock.now - _YEAR, clock.now + _YEAR), clock, regime)
    question = Question(duty, (), regime, WHOLE_CITY, None, clock.zone)
    told = [(slot, reminders_due(slot, duty.reminders, clock.now)) for slot in found]
    due = [(slot, count) for slot, count in told if count and clock.now < slot.deadline]
    made = 0
    if due:
        asked = replace(question, slots=[slot for slot, _ in due])
        made += rows.remind(uow.connection, asked, [count for _, count in due], clock.now)
    if duty.notified_after_days is None:
        return made
    return made + _notify(uow, question, found, clock, timedelta(days=duty.notified_after_days))


def _notify(
    uow: UnitOfWork, question: Question, found: tuple[Slot, ...], clock: Clock, silence: timedelta
) -> int:
    lately = [slot for slot in found if clock.now - silence <= slot.start <= clock.now]
    over = [slot for slot in lately if slot.end <= clock.now]
    if not over:
        return 0
    missed = rows.notify_missed(uow.connection, replace(question, slots=over), clock.now)
    return missed + rows.notify_silent(uow.connection, replace(question, slots=lately), clock.now)


def reminders_of(
    actor: Actor, uow: UnitOfWork, clock: Clock, *, person_id: int | None = None, limit: int = 100
) -> tuple[Reminder, ...]:
    """Give of what somebody was reminded lately, the latest first.

    Parameters
    ----------
    actor : Actor
        Who asks; see `tasks`.
    uow : UnitOfWork
        The transaction.
    clock : Clock
        The present.
    person_id : int, optional
        Who; the actor's own person by default.
    limit : int, optional
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read that person's duties.
    NotFound
        If there is nobody with this number.
    """
    who = _person(actor, uow, clock, person_id)
    if who is None:
        return ()
    return rows.reminders(uow.connection, person_id=who, since=clock.now - _KEPT, limit=limit)
