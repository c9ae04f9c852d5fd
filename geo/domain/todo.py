"""What somebody has to do now, what comes next, and of what they were reminded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from geo.domain.duties import Slot
from geo.domain.profiles.duties import Duty, TargetKind


class Urgency(StrEnum):
    """How soon something has to be done."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that a duty still asks for.

    Attributes
    ----------
    duty : Duty
        Which.
    slot : Slot
        When it is to be done.
    target : TargetKind
        On what kind of thing.
    target_id : int or None
        Number of the entity, household or person; None for a grid.
    name : str
        What the thing is called.
    grid_code, grid_name : str
        Where it lies.
    lon, lat : float or None
        Its place, EPSG:4326 degrees; None where it has none.
    done : int
        How much of what is asked for is done, out of ``duty.frequency.times``.
    was_missed : bool
        Whether it wasn't done the time before.
    urgency : Urgency
        How soon.
    """

    duty: Duty
    slot: Slot
    target: TargetKind
    target_id: int | None
    name: str
    grid_code: str
    grid_name: str
    lon: float | None
    lat: float | None
    done: int
    was_missed: bool
    urgency: Urgency

    @property
    def order(self) -> tuple[int, datetime, bool, str, str, int]:
        """What comes first: the overdue, then the next deadline, what was missed before, then by grid."""
        urgencies = list(Urgency)
        return (
            urgencies.index(self.urgency),
            self.slot.deadline,
            not self.was_missed,
            self.grid_code,
            self.duty.key,
            self.target_id or 0,
        )


def urgency(slot: Slot, now: datetime, today_ends: datetime, week_ends: datetime) -> Urgency:
    """Give how soon something has to be done.

    Parameters
    ----------
    slot : Slot
        When it is to be done.
    now, today_ends, week_ends : datetime
        The present, the midnight after, and the one after the coming Sunday; aware.
    """
    if slot.deadline <= now:
        return Urgency.OVERDUE
    if slot.deadline <= today_ends:
        return Urgency.TODAY
    return Urgency.WEEK if slot.deadline <= week_ends else Urgency.LATER


class ReminderKind(StrEnum):
    """What a person is told."""

    REMINDER = "reminder"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something of which somebody was reminded, or that was notified.

    Attributes
    ----------
    id, person_id : int
        Its row, and who.
    duty : str
        Key of the duty.
    kind : ReminderKind
        A reminder before it falls due, or a notice (通报) after it was missed.
    due_at, made_at : datetime
        When it falls or fell due, and when they were told; aware.
    nth : int
        The first, second, third … one.
    """

    id: int
    person_id: int
    duty: str
    kind: ReminderKind
    due_at: datetime
    nth: int
    made_at: datetime


def reminders_due(slot: Slot, reminders: int, now: datetime) -> int:
    """Give how many of the reminders of a stretch of time are due by now: they are spread evenly over it.

    Parameters
    ----------
    slot : Slot
        The stretch.
    reminders : int
        How many there are before its deadline.
    now : datetime
        The present, aware.

    Examples
    --------
    >>> from datetime import UTC, timedelta
    >>> day = datetime(2026, 11, 20, tzinfo=UTC)
    >>> slot = Slot(day, day + timedelta(days=1), day + timedelta(days=1))
    >>> [reminders_due(slot, 3, day + timedelta(hours=hour)) for hour in (5, 6, 12, 23)]
    [0, 1, 2, 3]
    """
    passed = (now - slot.start) / (slot.deadline - slot.start)
    return max(0, min(reminders, int(passed * (reminders + 1))))


def around(found: Sequence[Slot], now: datetime) -> tuple[tuple[Slot, ...], Slot | None]:
    """Give the stretches that are open now, and the last one before them.

    Parameters
    ----------
    found : sequence of Slot
        In order.
    now : datetime
        The present, aware.
    """
    open_now = tuple(slot for slot in found if slot.start <= now < slot.end)
    before = [slot for slot in found if slot.end <= now]
    return open_now, before[-1] if before else None
