"""When duties fall due, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from geo.domain.grids import GridName
from geo.domain.measures import Period, Share
from geo.domain.personal import personal
from geo.domain.profiles.assessment import Rate
from geo.domain.profiles.duties import Duty, Frequency, MonthDay, Per, TargetKind
from geo.domain.working_days import Calendar

NOON = time(12)
MONTHS_OF = {Per.MONTH: 1, Per.QUARTER: 3, Per.HALF_YEAR: 6, Per.YEAR: 12}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time in which a duty is to be done once.

    Attributes
    ----------
    start, deadline, end : datetime
        Aware; done from the start to the deadline, late from then to the end, neither end included.
    """

    start: datetime
    deadline: datetime
    end: datetime

    @property
    def first(self) -> date:
        """The first day, on the clock of the start."""
        return self.start.date()

    @property
    def last(self) -> date:
        """The last day before the deadline."""
        return (self.deadline - timedelta(microseconds=1)).date()


def slots(frequency: Frequency, period: Period, zone: ZoneInfo, calendar: Calendar) -> tuple[Slot, ...]:
    """Give the stretches of a frequency whose deadline lies in a period.

    Parameters
    ----------
    frequency : Frequency
        How often.
    period : Period
        A deadline at its very start belongs to the period before.
    zone : ZoneInfo
        Of the city: days, weeks and months begin at its midnight, weeks on Monday.
    calendar : Calendar
        The working days.

    Returns
    -------
    tuple of Slot
        In order, none overlapping the next.

    Notes
    -----
    A stretch is never cut: it belongs as a whole to the period in which its deadline lies. So the figures of
    the months of a year add up to those of the year, and a week counts once, in the month in which it ends.

    Examples
    --------
    >>> from geo.domain.working_days import calendar
    >>> zone = ZoneInfo("Asia/Shanghai")
    >>> october = Period(datetime(2026, 10, 1, tzinfo=zone), datetime(2026, 11, 1, tzinfo=zone))
    >>> weeks = slots(Frequency(per=Per.WEEK), october, zone, calendar())
    >>> [(str(week.first), str(week.last)) for week in (weeks[0], weeks[-1])]
    [('2026-09-28', '2026-10-04'), ('2026-10-19', '2026-10-25')]
    """
    first = period.start.astimezone(zone).date() - timedelta(days=31 * MONTHS_OF.get(frequency.per, 1) + 31)
    last = period.end.astimezone(zone).date() + 31 * _DAY
    days = _stretches(frequency, first, last, calendar)
    found = [Slot(*(_moment(clock, zone) for clock in stretch)) for stretch in days]
    following = [*(slot.start for slot in found[1:]), *[slot.end for slot in found[-1:]]]
    return tuple(
        Slot(slot.start, slot.deadline, max(slot.deadline, min(slot.end, start)))
        for slot, start in zip(found, following, strict=True)
        if period.start < slot.deadline <= period.end
    )


Clock = tuple[date, time]
Stretch = tuple[Clock, Clock, Clock]
"""Start, deadline, end."""


def _moment(clock: Clock, zone: ZoneInfo) -> datetime:
    return datetime.combine(*clock, zone)


def _stretches(frequency: Frequency, first: date, last: date, calendar: Calendar) -> Iterator[Stretch]:
    if frequency.per is Per.DAY:
        return (_whole(day, day + _DAY) for day in _days(first, last))
    if frequency.per is Per.WORKING_DAY:
        return (_whole(day, day + _DAY) for day in calendar.working_days(first, last))
    if frequency.per is Per.WEEK:
        monday = first - timedelta(days=first.weekday())
        return (_whole(day, day + 7 * _DAY) for day in _days(monday, last, 7))
    if frequency.month_day is not None:
        return _on_day(frequency.month_day, first, last, calendar)
    if frequency.by_days:
        return _by_days(frequency.by_days, first, last)
    begins = _months(first, last, MONTHS_OF[frequency.per])
    return (
        _whole(start.replace(month=start.month + frequency.from_month - 1), end)
        for start, end in pairwise(begins)
    )


def _whole(start: date, end: date) -> Stretch:
    return (start, time.min), (end, time.min), (end, time.min)


def _days(first: date, last: date, step: int = 1) -> Iterator[date]:
    return (first + timedelta(days=k) for k in range(0, (last - first).days, step))


def _months(first: date, last: date, step: int) -> list[date]:
    """Give the first days of spans of months, from the one that holds the first day to one after the last."""
    begin = first.year * 12 + (first.month - 1) // step * step
    end = last.year * 12 + last.month + step
    return [date(month // 12, month % 12 + 1, 1) for month in range(begin, end, step)]


def _by_days(by_days: tuple[int, ...], first: date, last: date) -> Iterator[Stretch]:
    for start, end in pairwise(_months(first, last, 1)):
        begins = [start, *(start.replace(day=day) + _DAY for day in by_days)]
        ends = [*begins[1:-1], end]
        for begin, deadline, close in zip(begins[:-1], begins[1:], ends, strict=True):
            yield (begin, time.min), (deadline, time.min), (close, time.min)


def _on_day(on: MonthDay, first: date, last: date, calendar: Calendar) -> Iterator[Stretch]:
    for start, end in pairwise(_months(first, last, 1)):
        if on is MonthDay.FIRST_WORKING_AFTERNOON:
            day, begins = calendar.working_days(start, end)[0], NOON
        else:
            day, begins = last_working_day(start.replace(day=3), calendar), time.min
        yield (day, begins), (day + _DAY, time.min), (end, time.min)


def last_working_day(day: date, calendar: Calendar) -> date:
    """Give a day if it is worked, else the last one before it that is.

    Parameters
    ----------
    day : date
        Any.
    calendar : Calendar
        The working days.
    """
    return next(
        other for other in (day - timedelta(days=k) for k in range(31)) if calendar.is_working_day(other)
    )


# what came of it -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """What was due, and what came of it; whatever is done more often than it is due counts as often as due.

    Attributes
    ----------
    due, done, late : int
        What was due by now; of this what was done in time, and what after its deadline.
    targets, reached : int
        On how many things something was due, and on how many of these something was done, late or not.

    Notes
    -----
    ``due = done + late + missed``, each target capped by itself in each stretch of time: ten visits to one
    shop never make up for nine that had none.
    """

    due: int = 0
    done: int = 0
    late: int = 0
    targets: int = 0
    reached: int = 0

    @property
    def missed(self) -> int:
        """What was neither done in time nor late."""
        return self.due - self.done - self.late

    @property
    def frequency(self) -> Share:
        """Frequency compliance (巡查频率): done in time, out of what was due."""
        return Share(self.done, self.due)

    @property
    def coverage(self) -> Share:
        """Coverage (覆盖率): targets reached at least once, out of those on which something was due."""
        return Share(self.reached, self.targets)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.due + other.due,
            self.done + other.done,
            self.late + other.late,
            self.targets + other.targets,
            self.reached + other.reached,
        )


@dataclass(frozen=True, slots=True)
class GridTally:
    """What came of duties in one grid.

    Attributes
    ----------
    grid : GridName
        The grid, in the division of today.
    tally : Tally
        All below it.
    """

    grid: GridName
    tally: Tally


@dataclass(frozen=True, slots=True)
class PersonTally:
    """What came of the duties of one person.

    Attributes
    ----------
    person_id : int
        Who.
    name : str
        Their name.
    tally : Tally
        In the grids in which they held a post that owes the duty, while they held it.
    """

    person_id: int
    name: str = field(metadata=personal("person.name"))
    tally: Tally


@dataclass(frozen=True, slots=True)
class DutyTally:
    """What came of one duty in a period.

    Attributes
    ----------
    duty : Duty
        The duty as it stood then.
    slots : sequence of Slot
        The stretches of time that were counted, in order.
    total : Tally
        All of the ground that was asked about.
    grids : tuple of GridTally
        By code; the level that was asked for.
    """

    duty: Duty
    slots: Sequence[Slot]
    total: Tally
    grids: tuple[GridTally, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """A record that counts.

    Attributes
    ----------
    id : int
        Number of the visit, activity or track, as the duty says.
    at : datetime
        When it was, aware.
    """

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Owing:
    """What a duty asked for on one thing in one stretch of time, and what came of it.

    Attributes
    ----------
    duty : Duty
        The duty as it stood then.
    slot : Slot
        The stretch of time.
    target_id : int or None
        Number of the entity, household or person; None for a grid.
    name : str
        What the thing is called.
    grid_code, grid_name : str
        Where it lies today.
    lon, lat : float or None
        Its place, EPSG:4326 degrees; None where it has none.
    done, late : int
        Of the times that were due, those in time and those after the deadline.
    deeds : tuple of Deed
        What counts, the earliest first; there may be more than was due.
    """

    duty: Duty
    slot: Slot
    target_id: int | None
    name: str
    grid_code: str
    grid_name: str
    lon: float | None
    lat: float | None
    done: int
    late: int
    deeds: tuple[Deed, ...]

    @property
    def missed(self) -> int:
        """What was neither done in time nor late."""
        return self.duty.frequency.times - self.done - self.late


@dataclass(frozen=True, slots=True)
class DutyTrail:
    """What a rate of duties is made of.

    Attributes
    ----------
    tally : Tally
        All of it.
    owings : tuple of Owing
        By thing and stretch, what was missed first; the first ones alone if there are many.
    """

    tally: Tally
    owings: tuple[Owing, ...]


# what assessments ask -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DutyMeasure:
    """A rate that duties are measured by; what it counts never changes under the same version.

    Attributes
    ----------
    key : Rate
        Its name in profiles.
    version : int
        Counts the changes of its definition.
    concerns : callable
        Tells whether a duty counts in it.
    share : callable
        Gives the rate of what came of a duty.
    """

    key: Rate
    version: int
    concerns: Callable[[Duty], bool]
    share: Callable[[Tally], Share]


SUBJECTS = frozenset({TargetKind.ENTITY, TargetKind.HOUSEHOLD})
TRAINING = "training"

DUTY_MEASURES: dict[Rate, DutyMeasure] = {
    measure.key: measure
    for measure in (
        DutyMeasure(Rate.FREQUENCY, 1, lambda _: True, lambda tally: tally.frequency),
        DutyMeasure(
            Rate.COVERAGE, 1, lambda duty: duty.targets.kind in SUBJECTS, lambda tally: tally.coverage
        ),
        DutyMeasure(
            Rate.TRAINING, 1, lambda duty: TRAINING in duty.activities, lambda tally: tally.frequency
        ),
    )
}
"""The rates that rest on duties.

Frequency: what was done in time, out of what was due, of every duty, each target capped by itself.
Coverage: entities and households reached at least once, out of those on which something was due.
Training: trainings attended or made up in time, out of those that were due.
"""


def merged(shares: Iterable[Share]) -> Share:
    """Give shares as one: numerators and denominators summed.

    Parameters
    ----------
    shares : iterable of Share
        Of things that are counted once each.

    Examples
    --------
    >>> merged([Share(1, 2), Share(3, 4)])
    Share(numerator=4, denominator=6)
    """
    listed = list(shares)
    return Share(sum(one.numerator for one in listed), sum(one.denominator for one in listed))
