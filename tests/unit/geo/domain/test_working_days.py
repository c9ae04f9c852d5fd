from datetime import date, timedelta

import pytest

from geo.domain.working_days import FIRST_YEAR, LAST_YEAR, Schedule, calendar, statutory
from geo.errors import BadValue

from .published_days import is_worked

CHINA = calendar()


def test_three_years_are_worked_as_published():
    days = [date(2024, 1, 1) + timedelta(n) for n in range(366 + 365 + 365)]
    assert days[-1] == date(2026, 12, 31)
    assert [day for day in days if CHINA.is_working_day(day) != is_worked(day)] == []
    assert not any(map(CHINA.is_provisional, days))


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_statutory_days_leave_as_many_working_days_as_the_published_ones(year):
    rule, notice = calendar([statutory(year)]), CHINA
    span = date(year, 1, 1), date(year + 1, 1, 1)
    assert len(rule.working_days(*span)) == len(notice.working_days(*span)) == 248


def test_years_to_come_follow_the_law_and_are_provisional():
    schedule = statutory(2027)
    assert sorted(schedule.off) == [
        date(2027, 1, 1),  # 元旦, a Friday
        date(2027, 2, 5),  # 除夕, a Friday
        date(2027, 2, 6),  # 初一 and 初二 at a weekend: made up for on the 9th and 10th
        date(2027, 2, 7),
        date(2027, 2, 8),
        date(2027, 2, 9),
        date(2027, 2, 10),
        date(2027, 4, 5),
        date(2027, 5, 1),  # a Saturday and a Sunday
        date(2027, 5, 2),
        date(2027, 5, 3),
        date(2027, 5, 4),
        date(2027, 6, 9),
        date(2027, 9, 15),
        date(2027, 10, 1),
        date(2027, 10, 2),
        date(2027, 10, 3),
        date(2027, 10, 4),
        date(2027, 10, 5),
    ]
    assert CHINA.is_provisional(date(2027, 6, 1))
    assert CHINA.add_working_days(date(2027, 2, 4), 1) == date(2027, 2, 11)


@pytest.mark.parametrize("year", range(2027, LAST_YEAR + 1))
def test_each_statutory_year_frees_thirteen_working_days(year):
    assert sum(day.weekday() < 5 for day in statutory(year).off) == 13


def test_mid_autumn_on_national_day_is_made_up_for():
    assert date(2031, 10, 1) in statutory(2031).off  # both on that Wednesday
    assert {date(2031, 10, day) for day in (1, 2, 3, 6)} <= statutory(2031).off


def test_an_override_takes_the_place_of_a_year_and_settles_it():
    settled = Schedule(2027, frozenset({date(2027, 2, 5)}), frozenset({date(2027, 2, 6)}))
    ours = calendar([settled])
    assert ours.is_working_day(date(2027, 2, 6))
    assert ours.is_working_day(date(2027, 2, 8))
    assert not ours.is_provisional(date(2027, 2, 6))
    assert ours.is_working_day(date(2026, 10, 10)), "other years stay as they are"
    assert not CHINA.is_working_day(date(2027, 2, 6))


def test_spans_leave_out_their_end():
    week = date(2026, 10, 8), date(2026, 10, 13)
    assert CHINA.working_days(*week) == tuple(date(2026, 10, day) for day in (8, 9, 10, 12))
    assert CHINA.idle_days(*week) == (date(2026, 10, 11),)
    assert CHINA.working_days(week[0], week[0]) == ()


@pytest.mark.parametrize(
    ("year", "off", "worked", "field"),
    [
        (FIRST_YEAR - 1, [], [], "year"),
        (LAST_YEAR + 1, [], [], "year"),
        (2027, [date(2026, 2, 5)], [], "off"),
        (2027, [], [date(2028, 2, 5)], "worked"),
        (2027, [date(2027, 2, 6)], [date(2027, 2, 6)], "worked"),
    ],
)
def test_a_schedule_that_contradicts_itself_is_refused(year, off, worked, field):
    with pytest.raises(BadValue) as refused:
        Schedule(year, frozenset(off), frozenset(worked))
    assert refused.value.fields["field"] == field
