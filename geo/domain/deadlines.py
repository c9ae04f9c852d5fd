"""Until when something has to be done: limits counted in working days, days or hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.domain.profiles.limits import CLOCK, DayRules, TimeLimit
from geo.domain.working_days import FIRST_YEAR, LAST_YEAR, Calendar, Days
from geo.errors import BadValue

_ONE_DAY = np.timedelta64(1, "D")
_AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when something has to be done, and how that was counted.

    Attributes
    ----------
    due_at : datetime
        Aware; on time at this very moment.
    limit : TimeLimit
        How long it may take.
    counted_from : date
        The day that isn't counted itself.
    idle : tuple of date
        Days since then that were skipped because they are not worked; empty unless working days are counted.
    is_provisional : bool
        Whether working days were counted in a year whose schedule nobody has published yet.
    """

    due_at: datetime
    limit: TimeLimit
    counted_from: date
    idle: tuple[date, ...]
    is_provisional: bool


def due_clocks(
    china: Calendar,
    reported: Days,
    limit: TimeLimit,
    rules: DayRules,
    *,
    stood: NDArray[np.int64] | int = 0,
) -> Days:
    """Give until when each of a set of reports has to be dealt with.

    Parameters
    ----------
    china : Calendar
        The working days.
    reported : NDArray[datetime64[us]]
        When each report came in, on the clock of the city.
    limit : TimeLimit
        How long it may take.
    rules : DayRules
        How days are counted.
    stood : NDArray[int64] or int, optional
        For how long each clock stood, in the unit of the limit.

    Returns
    -------
    NDArray[datetime64[us]]
        The very end of the time, on the clock of the city.

    Raises
    ------
    BadValue
        If a report lies outside the years of the calendar.

    Notes
    -----
    Never before the report: what comes in after the end of the last day has until midnight.
    """
    clocks: Days = np.asarray(reported, dtype="datetime64[us]")
    if limit.unit == "hours":
        return np.add(clocks, np.multiply(np.add(limit.amount, stood), np.timedelta64(1, "h")))
    due = np.add(_last_days(china, clocks, limit, rules, stood), minutes(rules.due_at))
    midnights = np.add(clocks.astype("datetime64[D]"), _ONE_DAY)
    return np.where(due < clocks, midnights, due).astype("datetime64[us]")


def _last_days(
    china: Calendar, clocks: Days, limit: TimeLimit, rules: DayRules, stood: NDArray[np.int64] | int
) -> Days:
    first = counted_from(china, clocks, limit, rules)
    amount = np.add(limit.amount, stood)
    if limit.unit == "days":
        return np.add(first, np.multiply(amount, _ONE_DAY))
    forward = limit.amount == 0 or rules.late_report == "next_working_day"
    return china.offset(first, amount, forward=forward)


def counted_from(china: Calendar, clocks: Days, limit: TimeLimit, rules: DayRules) -> Days:
    """Give the day after which the days of each limit are counted; see `due_clocks`."""
    days = clocks.astype("datetime64[D]")
    _check_years(days)
    if limit.unit != "working_days" or rules.late_report == "same_day":
        return days
    late = (clocks - days >= minutes(rules.reports_until)) & np.is_busday(days, busdaycal=china.busdays)
    return china.offset(np.add(days, late * _ONE_DAY), 0)


def deadline(
    china: Calendar, reported_at: datetime, zone: tzinfo, limit: TimeLimit, rules: DayRules
) -> Deadline:
    """Give until when a report has to be dealt with, and how that was counted.

    Parameters
    ----------
    china : Calendar
        The working days.
    reported_at : datetime
        When it came in, aware.
    zone : tzinfo
        Of the city.
    limit : TimeLimit
        How long it may take.
    rules : DayRules
        How days are counted.

    Returns
    -------
    Deadline
        Its moment in the zone of the city.

    Raises
    ------
    BadValue
        If it came in outside the years of the calendar.
    """
    clock: Days = np.array(reported_at.astimezone(zone).replace(tzinfo=None), dtype="datetime64[us]")
    first = _moment(counted_from(china, clock, limit, rules), zone)
    due_at = _moment(due_clocks(china, clock, limit, rules), zone)
    if limit.unit != "working_days":
        return Deadline(due_at, limit, first.date(), (), is_provisional=False)
    last = (due_at - _AN_INSTANT).date()
    return Deadline(
        due_at,
        limit,
        first.date(),
        china.idle_days(first.date() + timedelta(days=1), last),
        is_provisional=china.is_provisional(first.date()) or china.is_provisional(last),
    )


def _moment(clock: Days, zone: tzinfo) -> datetime:
    shown: Any = clock.astype("datetime64[us]").item()
    return datetime.combine(shown.date(), shown.time(), zone)


def minutes(clock: str) -> np.timedelta64:
    """Give how long after midnight a clock shows ``HH:MM``.

    Parameters
    ----------
    clock : str
        ``00:00`` to ``24:00``.

    Returns
    -------
    timedelta64
        In minutes.

    Raises
    ------
    BadValue
        If it isn't a time of the day.

    Examples
    --------
    >>> minutes("17:30")
    np.timedelta64(1050,'m')
    """
    if not CLOCK.fullmatch(clock):
        raise BadValue(field="clock", value=clock, expected="HH:MM")
    hours, past = clock.split(":")
    return np.timedelta64(60 * int(hours) + int(past), "m")


def _check_years(days: Days) -> None:
    years = days.astype("datetime64[Y]").astype(int) + 1970
    if years.size and not (years.min() >= FIRST_YEAR and years.max() < LAST_YEAR):
        expected = f"{FIRST_YEAR} – {LAST_YEAR - 1}"
        raise BadValue(field="reported_at", value=str(days.max()), expected=expected)
