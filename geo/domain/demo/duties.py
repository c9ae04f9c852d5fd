"""What people of the demo city do beside the usual visits: patrols, logs, check-ins, meetings, trainings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from geo.domain.demo import DemoSize
from geo.domain.demo.ground import Floats, Ground, Ints
from geo.domain.demo.history import (
    DAY_S,
    DAYS,
    a_block_of,
    heads,
    middle_of,
    neglected,
    since_midnight,
)
from geo.domain.demo.things import Things
from geo.domain.demo.walks import walked
from geo.domain.working_days import Calendar

MARKS = ("key", "elderly_alone", "hardship")
REGISTERED = 8
"""One household of so many stands in the register of those that are visited."""
MARKED = 0.1
"""The share of them that are looked after more than others."""
KEY_VISITS = 3.3
"""Families with a mark that a diligent head visits in a quarter."""
ABSENT = 0.08


@dataclass(frozen=True, slots=True)
class Doors:
    """Households, building by building.

    Attributes
    ----------
    building : NDArray[intp]
        The building of each, by position.
    door : list of str
        Behind which door.
    mark : list of str or None
        Why it is looked after.
    """

    building: Ints
    door: list[str]
    mark: list[str | None]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Visits of heads to their grids, or to households.

    Attributes
    ----------
    unit : NDArray[intp]
        In which unit.
    household : NDArray[intp]
        Which household, by position; −1 for a patrol of the grid.
    kind : list of str
        Kind of visit.
    xy : NDArray[float64], shape (n, 2)
        Where it was reported from, in metres.
    at : NDArray[float64], shape (n,)
        Seconds before now, negative.
    """

    unit: Ints
    household: Ints
    kind: list[str]
    xy: Floats
    at: Floats


@dataclass(frozen=True, slots=True)
class Held:
    """Something that was held or written.

    Attributes
    ----------
    kind : str
        Kind of activity.
    community : int
        For which community, by position.
    head : int
        By which head, by position; −1 for what all heads of the community attend.
    starts_at : datetime
        When, aware.
    minutes : int
        How long.
    present : tuple of bool
        Which of the heads of the community were there, in their order; empty for what one head does.
    """

    kind: str
    community: int
    head: int
    starts_at: datetime
    minutes: int
    present: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Year:
    """The days of the history.

    Attributes
    ----------
    days : list of date
        In order.
    now : datetime
        The end of them, in the city's time.
    calendar : Calendar
        The working days.
    """

    days: list[date]
    now: datetime
    calendar: Calendar

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Give a time of a day in the city."""
        return datetime.combine(day, time(hour, minute), self.now.tzinfo)


def households(size: DemoSize, things: Things) -> Doors:
    """Give each building as many households as it has, some of them with a mark.

    Parameters
    ----------
    size, things : DemoSize, Things
        The city.
    """
    rng = np.random.default_rng(size.seed + 21)
    counts = things.building_households.astype(np.intp) // REGISTERED
    building = np.repeat(np.arange(len(counts)), counts)
    nth = np.arange(len(building)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_marked = rng.random(len(building)) < MARKED
    marks = rng.choice(MARKS, len(building))
    return Doors(
        building,
        [f"{n // 12 + 1}单元{n // 2 % 6 + 1}{n % 2 + 1:02d}室" for n in nth.tolist()],
        [str(mark) if marked else None for mark, marked in zip(marks, is_marked, strict=True)],
    )


def rounds(size: DemoSize, ground: Ground, things: Things, doors: Doors, now: datetime) -> Rounds:
    """Give the rounds of heads through their grids, and the visits of people to households and families.

    Parameters
    ----------
    size, ground, things, doors : DemoSize, Ground, Things, Doors
        The city.
    now : datetime
        The end of the half year, in the city's time.
    """
    rng = np.random.default_rng(size.seed + 22)
    zeal = _zeal(rng, size)
    day, unit = np.nonzero(rng.random((DAYS - 1, size.grids)) < zeal)
    unit_of = ground.unit[things.building_block[doors.building]]
    marked = np.flatnonzero([mark is not None for mark in doors.mark])
    families = np.maximum(np.bincount(unit_of[marked], minlength=size.grids), 1)
    often = 2 * KEY_VISITS / families[unit_of[marked]] * zeal[unit_of[marked]]
    visited = np.repeat(marked, rng.poisson(often))
    months = _first_halves(now)
    month, home = np.nonzero(rng.random((len(months), len(unit_of))) < zeal[unit_of])
    seen = np.concatenate([visited, home])
    days_ago = np.concatenate([day + 1, rng.integers(1, DAYS, len(visited)), _a_day_of(rng, months, month)])
    where = np.concatenate([unit, unit_of[seen]])
    by_heads = len(unit) + len(visited)
    xy = np.concatenate(
        [middle_of(ground, a_block_of(rng, ground, unit)), things.building_xy[doors.building[seen]]]
    )
    walk = _walks(size, ground, where, by_heads) * DAYS + days_ago
    return Rounds(
        unit=where,
        household=np.concatenate([np.full(len(unit), -1), seen]),
        kind=["patrol"] * len(unit) + ["key_visit"] * len(visited) + ["home_visit"] * len(home),
        xy=xy,
        at=walked(walk, xy, _afternoons(rng, by_heads, len(home))) - since_midnight(now) - days_ago * DAY_S,
    )


def _first_halves(now: datetime) -> list[Ints]:
    """Give the days from the 1st to the 15th of each month, as days ago."""
    ago = np.arange(1, DAYS)
    days = [(now - timedelta(days=int(k))).date() for k in ago]
    months = sorted({(day.year, day.month) for day in days if day.day <= 15})
    return [
        np.array(
            [k for k, day in zip(ago, days, strict=True) if (day.year, day.month) == month and day.day <= 15]
        )
        for month in months
    ]


def _a_day_of(rng: np.random.Generator, months: list[Ints], month: Ints) -> Ints:
    """Pick a day of the first half of each month."""
    picked = np.empty(len(month), dtype=np.intp)
    for k, days in enumerate(months):
        picked[month == k] = rng.choice(days, int((month == k).sum()))
    return picked


def _zeal(rng: np.random.Generator, size: DemoSize) -> Floats:
    """Give the share of days on which each grid is gone round."""
    zeal = rng.uniform(0.7, 0.99, size.grids)
    zeal[neglected(size)] = 0.05
    return zeal


def _walks(size: DemoSize, ground: Ground, unit: Ints, by_heads: int) -> Ints:
    """Give the numbers of walks: one for each head, then one for all who visit households of a community."""
    own = heads(size)[unit[:by_heads]]
    return np.concatenate([own, size.grids + ground.community_of_unit[unit[by_heads:]]])


def _afternoons(rng: np.random.Generator, by_heads: int, others: int) -> Floats:
    """Give times of a day, in seconds: from 13:30 on for heads, from 15:00 on for visits to households."""
    return np.concatenate([rng.uniform(13.5, 14.2, by_heads), rng.uniform(15.0, 16.5, others)]) * 3600


def held(size: DemoSize, communities: NDArray[np.intp], now: datetime, calendar: Calendar) -> list[Held]:
    """Give what was held for communities, and what each head wrote and reported.

    Parameters
    ----------
    size : DemoSize
        How many units.
    communities : NDArray[intp], shape (grids,)
        The community of each unit.
    now : datetime
        The end of the half year, in the city's time.
    calendar : Calendar
        The working days.
    """
    rng = np.random.default_rng(size.seed + 23)
    of_head = heads(size)
    year = Year([(now - timedelta(days=k)).date() for k in range(DAYS, 0, -1)], now, calendar)
    found: list[Held] = []
    for head in range(of_head.max() + 1):
        own = np.flatnonzero(of_head == head)
        found += _written(rng, head, int(communities[own[0]]), year)
    for community in range(communities.max() + 1):
        team = len(np.unique(of_head[communities == community]))
        found += _met(rng, community, team, year)
    return sorted(found, key=lambda one: (one.starts_at, one.community, one.head, one.kind))


def _written(rng: np.random.Generator, head: int, community: int, year: Year) -> list[Held]:
    """Let a head check in nearly each day, and write a log nearly each working day."""
    steadiness = rng.uniform(0.75, 0.99)
    checked_in = [day for day in year.days if rng.random() < steadiness]
    logged = [day for day in year.days if year.calendar.is_working_day(day) and rng.random() < steadiness]
    return [
        *(Held("check_in", community, head, year.at(day, 8, 20), 0) for day in checked_in),
        *(Held("log", community, head, year.at(day, 17, 10), 10) for day in logged),
    ]


def _met(rng: np.random.Generator, community: int, team: int, year: Year) -> list[Held]:
    """Let a community meet, brief the public, look at logs, report visits, ask residents, train people."""

    def one(kind: str, day: date, hour: int, minutes: int, *, attended: bool = False) -> Held:
        present = tuple((rng.random(team) >= ABSENT).tolist()) if attended else ()
        return Held(kind, community, -1, year.at(day, hour), minutes, present)

    firsts = [day for day in year.days if day.day == 1]
    working = [year.calendar.working_days(day, day + timedelta(days=28)) for day in firsts]
    held_on = [
        month[late] for month, late in zip(working, rng.choice([0, 0, 0, 0, 2], len(firsts)), strict=True)
    ]
    mondays = [day for day in year.days if day.weekday() == 0 and rng.random() < 0.9]
    reports = [day for day in year.days if day.day in {15, 20} and rng.random() < 0.93]
    found = [
        *(one("meeting", day, 14, 90, attended=True) for day in held_on),
        *(one("briefing", month[9], 19, 60, attended=True) for month in working if rng.random() < 0.9),
        *(one("log_check", day, 16, 30) for day in mondays),
        *(one("visit_report", day, 16, 10) for day in reports),
        *(one("training", month[6], 9, 180, attended=True) for month in working[::2]),
        one("survey", working[0][3], 10, 240),
    ]
    return [one for one in found if one.starts_at < year.now]
