"""China's working days (工作日) with holidays and make-up days (调休), and deadlines counted in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, Literal

import numpy as np
from borax.calendars.lunardate import LunarDate, TermUtils
from chinese_calendar import constants as published
from numpy.typing import NDArray

from geo.errors import BadValue

Days = NDArray[np.datetime64]
"""Days, ``datetime64[D]``, or times on the clock of the city, ``datetime64[us]``."""

FIRST_YEAR, LAST_YEAR = 1970, 2100
"""The years of the calendar; lunar dates are known no longer."""

_SATURDAY = 5
_QINGMING = 6
"""Counted from the first solar term of a year (小寒, 0)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The days of a year that are off or worked in another way than its weekends tell.

    Attributes
    ----------
    year : int
        The year.
    off : frozenset of date
        Holidays, and the days that are off around them.
    worked : frozenset of date
        Make-up working days (调休).
    is_provisional : bool
        Whether it was computed because the State Council has not published it yet.

    Raises
    ------
    BadValue
        If a day is of another year, or both off and worked.
    """

    year: int
    off: frozenset[date]
    worked: frozenset[date] = frozenset()
    is_provisional: bool = False

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise BadValue(field="year", value=self.year, expected=f"{FIRST_YEAR} – {LAST_YEAR}")
        for field, days in (("off", self.off), ("worked", self.worked)):
            for day in sorted(days):
                if day.year != self.year:
                    raise BadValue(field=field, value=day.isoformat(), expected=str(self.year))
        for day in sorted(self.off & self.worked):
            raise BadValue(field="worked", value=day.isoformat(), expected="not off")

    def idle(self) -> Days:
        """Give all days of the year that are not worked, weekends included."""
        days = np.arange(f"{self.year}-01-01", f"{self.year + 1}-01-01", dtype="datetime64[D]")
        weekend = ~np.is_busday(days)
        return days[(weekend | np.isin(days, _days(self.off))) & ~np.isin(days, _days(self.worked))]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked, from `FIRST_YEAR` to `LAST_YEAR`; made by `calendar`.

    Attributes
    ----------
    busdays : busdaycalendar
        Every weekday is open in it, so that make-up Saturdays are worked; weekends are holidays like others.
    provisional_years : frozenset of int
        Years whose schedule nobody has published yet.

    Examples
    --------
    National Day 2026: off from the 1st to the 7th, with a make-up Saturday on the 10th.

    >>> china = calendar()
    >>> china.is_working_day(date(2026, 10, 10))
    True
    >>> china.add_working_days(date(2026, 9, 30), 3)
    datetime.date(2026, 10, 10)
    """

    busdays: np.busdaycalendar
    provisional_years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is worked."""
        return bool(np.is_busday(_day(day), busdaycal=self.busdays))

    def is_provisional(self, day: date) -> bool:
        """Tell whether it is not published yet which days of the year are worked."""
        return day.year in self.provisional_years

    def add_working_days(self, day: date, amount: int) -> date:
        """Give the last of some working days after a day, which isn't counted itself.

        Parameters
        ----------
        day : date
            Worked or not.
        amount : int
            How many; none give the day itself, or the next one that is worked.

        Returns
        -------
        date
            Worked.
        """
        counted: Any = self.offset(np.array(_day(day)), amount).item()
        return date(counted.year, counted.month, counted.day)

    def offset(self, days: Days, amount: NDArray[np.int64] | int, *, forward: bool = True) -> Days:
        """Give the last of some working days after each day.

        Parameters
        ----------
        days : NDArray[datetime64[D]]
            Worked or not.
        amount : NDArray[int64] or int
            How many.
        forward : bool, optional
            Whether days that are not worked count as the next working day, or as the one before.

        Returns
        -------
        NDArray[datetime64[D]]
            Worked.
        """
        roll: Literal["forward", "backward"] = "forward" if forward else "backward"
        return np.asarray(np.busday_offset(days, np.array(amount), roll=roll, busdaycal=self.busdays))

    def working_days(self, since: date, until: date) -> tuple[date, ...]:
        """Give the working days from one day (included) to another (not included)."""
        days = _span(since, until)
        return tuple(days[np.is_busday(days, busdaycal=self.busdays)].tolist())

    def idle_days(self, since: date, until: date) -> tuple[date, ...]:
        """Give the days that are not worked, from one day (included) to another (not included)."""
        days = _span(since, until)
        return tuple(days[~np.is_busday(days, busdaycal=self.busdays)].tolist())


def calendar(overrides: Iterable[Schedule] = ()) -> Calendar:
    """Give China's working days.

    Parameters
    ----------
    overrides : iterable of Schedule, optional
        Years whose schedule takes the place of what is known or computed.

    Returns
    -------
    Calendar
        Of all years.

    Notes
    -----
    A year's schedule is the one given, else the one that the State Council has published (from 2004), else
    the `statutory` one, which is provisional.
    """
    return _calendar(frozenset(overrides))


@lru_cache(maxsize=16)
def _calendar(overrides: frozenset[Schedule]) -> Calendar:
    given = {schedule.year: schedule for schedule in overrides}
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    schedules = [given.get(year) or known_schedule(year) for year in years]
    idle = np.concatenate([schedule.idle() for schedule in schedules])
    return Calendar(
        np.busdaycalendar(weekmask="1111111", holidays=idle),
        frozenset(schedule.year for schedule in schedules if schedule.is_provisional),
    )


@cache
def known_schedule(year: int) -> Schedule:
    """Give the schedule that the State Council has published for a year, else the `statutory` one."""
    off = frozenset(day for day in published.holidays if day.year == year)
    worked = frozenset(day for day in published.workdays if day.year == year)
    return Schedule(year, off, worked) if off else statutory(year)


def statutory(year: int) -> Schedule:
    """Give the thirteen days of a year that are off by law, without the arrangements that are made each year.

    Parameters
    ----------
    year : int
        From `FIRST_YEAR` to `LAST_YEAR`.

    Returns
    -------
    Schedule
        Provisional.

    Notes
    -----
    New Year, four days from Lunar New Year's Eve, Qingming, two days of Labour, Dragon Boat, Mid-Autumn and
    three National Days. A holiday at a weekend, or on the day of another, is made up for on the next weekday
    (补假). Swapped days (调休) add none: a year has as many working days as the one that will be published.

    References
    ----------
    全国年节及纪念日放假办法 (as revised in 2024, in force from 2025-01-01), articles 2 and 6.
    """
    spring = LunarDate(year, 1, 1).to_solar_date()
    holidays = [
        date(year, 1, 1),
        *(spring + timedelta(days) for days in (-1, 0, 1, 2)),
        TermUtils.nth_term_day(year, _QINGMING),
        *(date(year, 5, day) for day in (1, 2)),
        LunarDate(year, 5, 5).to_solar_date(),
        LunarDate(year, 8, 15).to_solar_date(),
        *(date(year, 10, day) for day in (1, 2, 3)),
    ]
    off = set(holidays)
    for place, day in enumerate(holidays):
        if day.weekday() >= _SATURDAY or day in holidays[:place]:
            off.add(_next_weekday(day, off))
    return Schedule(year, frozenset(off), is_provisional=True)


def _next_weekday(day: date, off: set[date]) -> date:
    following = (day + timedelta(days) for days in range(1, 31))
    return next(other for other in following if other.weekday() < _SATURDAY and other not in off)


def _day(day: date) -> np.datetime64:
    return np.datetime64(day, "D")


def _days(days: Iterable[date]) -> Days:
    return np.array(sorted(days), dtype="datetime64[D]")


def _span(since: date, until: date) -> Days:
    days: Days = np.arange(_day(since), _day(until), dtype="datetime64[D]")
    return days
