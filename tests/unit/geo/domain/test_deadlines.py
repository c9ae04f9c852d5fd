from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.deadlines import deadline, due_clocks, minutes
from geo.domain.profiles.limits import DayRules, TimeLimit
from geo.domain.working_days import calendar
from geo.errors import BadValue

from .published_days import is_worked

CHINA = calendar()
ZONE = ZoneInfo("Asia/Shanghai")
clock = datetime.fromisoformat
OFFICE = DayRules(reports_until="17:30", due_at="18:00")

# when it was reported, how many working days, the day on which they end: counted by hand on the notices
WORKING_DAYS = [
    # Spring Festival 2024: 10–17 February off, Sundays 4 and 18 worked
    ("2024-02-02 10:00", 1, "2024-02-04"),
    ("2024-02-02 10:00", 3, "2024-02-06"),
    ("2024-02-03 10:00", 1, "2024-02-05"),  # a Saturday counts as the Sunday that is worked
    ("2024-02-04 10:00", 5, "2024-02-09"),
    ("2024-02-08 10:00", 1, "2024-02-09"),
    ("2024-02-08 10:00", 2, "2024-02-18"),
    ("2024-02-09 10:00", 1, "2024-02-18"),
    ("2024-02-09 17:29", 1, "2024-02-18"),
    ("2024-02-09 17:30", 1, "2024-02-19"),  # late: counts as the 18th
    ("2024-02-10 00:00", 1, "2024-02-19"),
    ("2024-02-14 12:00", 3, "2024-02-21"),
    ("2024-02-17 23:59", 5, "2024-02-23"),
    # Qingming, Labour, Dragon Boat 2024
    ("2024-04-03 10:00", 1, "2024-04-07"),
    ("2024-04-03 18:00", 1, "2024-04-08"),
    ("2024-04-26 10:00", 1, "2024-04-28"),
    ("2024-04-26 10:00", 5, "2024-05-07"),
    ("2024-04-30 10:00", 3, "2024-05-08"),
    ("2024-05-10 10:00", 1, "2024-05-11"),
    ("2024-05-10 10:00", 2, "2024-05-13"),
    ("2024-06-07 10:00", 1, "2024-06-11"),
    # Mid-Autumn and National Day 2024
    ("2024-09-13 10:00", 1, "2024-09-14"),
    ("2024-09-13 10:00", 2, "2024-09-18"),
    ("2024-09-27 10:00", 1, "2024-09-29"),
    ("2024-09-30 10:00", 1, "2024-10-08"),
    ("2024-09-30 10:00", 5, "2024-10-12"),
    ("2024-10-04 10:00", 5, "2024-10-14"),
    ("2024-10-11 17:31", 1, "2024-10-14"),
    # month and year ends
    ("2024-02-29 10:00", 1, "2024-03-01"),
    ("2024-07-31 10:00", 3, "2024-08-05"),
    ("2024-12-31 10:00", 1, "2025-01-02"),
    ("2024-12-31 17:45", 1, "2025-01-03"),
    # Spring Festival 2025: 28 January to 4 February off, Sunday 26 and Saturday 8 worked
    ("2025-01-24 10:00", 1, "2025-01-26"),
    ("2025-01-24 10:00", 2, "2025-01-27"),
    ("2025-01-24 10:00", 3, "2025-02-05"),
    ("2025-01-27 10:00", 1, "2025-02-05"),
    ("2025-01-27 10:00", 4, "2025-02-08"),
    ("2025-01-27 10:00", 5, "2025-02-10"),
    ("2025-01-28 00:00", 1, "2025-02-06"),
    ("2025-02-08 10:00", 1, "2025-02-10"),
    ("2025-02-09 10:00", 1, "2025-02-11"),
    # Qingming to National Day 2025
    ("2025-04-03 10:00", 1, "2025-04-07"),
    ("2025-04-25 10:00", 3, "2025-04-29"),
    ("2025-04-30 10:00", 1, "2025-05-06"),
    ("2025-05-30 10:00", 1, "2025-06-03"),
    ("2025-09-26 10:00", 1, "2025-09-28"),
    ("2025-09-30 10:00", 1, "2025-10-09"),
    ("2025-09-30 10:00", 3, "2025-10-11"),
    ("2025-09-30 10:00", 4, "2025-10-13"),
    ("2025-10-08 23:59", 1, "2025-10-10"),
    ("2025-12-31 10:00", 1, "2026-01-04"),
    ("2025-12-31 10:00", 2, "2026-01-05"),
    # Spring Festival 2026: 15–23 February off, Saturdays 14 and 28 worked
    ("2026-01-02 10:00", 1, "2026-01-05"),
    ("2026-02-13 10:00", 1, "2026-02-14"),
    ("2026-02-13 10:00", 2, "2026-02-24"),
    ("2026-02-14 10:00", 5, "2026-02-28"),
    ("2026-02-14 10:00", 6, "2026-03-02"),
    ("2026-02-27 10:00", 1, "2026-02-28"),
    ("2026-02-28 10:00", 1, "2026-03-02"),
    # the rest of 2026
    ("2026-04-03 10:00", 1, "2026-04-07"),
    ("2026-04-30 10:00", 3, "2026-05-08"),
    ("2026-05-08 10:00", 1, "2026-05-09"),
    ("2026-06-18 10:00", 1, "2026-06-22"),
    ("2026-09-18 10:00", 1, "2026-09-20"),
    ("2026-09-24 10:00", 1, "2026-09-28"),
    ("2026-09-30 10:00", 3, "2026-10-10"),
    ("2026-09-30 10:00", 5, "2026-10-13"),
    ("2026-10-01 10:00", 1, "2026-10-09"),
    ("2026-10-10 17:30", 1, "2026-10-13"),
    ("2026-11-30 10:00", 3, "2026-12-03"),
    # none: the day itself, or the next one that is worked
    ("2026-10-10 10:00", 0, "2026-10-10"),
    ("2026-10-05 10:00", 0, "2026-10-08"),
    ("2026-10-08 23:00", 0, "2026-10-09"),
]


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.rule("E1", "E2")
@pytest.mark.parametrize(("reported", "amount", "due"), WORKING_DAYS)
def test_working_days_end_as_counted_by_hand(reported, amount, due):
    counted = deadline(CHINA, local(reported), ZONE, TimeLimit(amount=amount), OFFICE)
    assert counted.due_at == local(f"{due} 18:00")
    assert not counted.is_provisional


def test_a_set_is_counted_as_its_members_are():
    reported = np.array([case[0] for case in WORKING_DAYS if case[1] == 1], dtype="datetime64[us]")
    due = [f"{case[2]} 18:00" for case in WORKING_DAYS if case[1] == 1]
    assert due_clocks(CHINA, reported, TimeLimit(amount=1), OFFICE).tolist() == [
        datetime.fromisoformat(text) for text in due
    ]


@pytest.mark.parametrize(
    ("reported", "limit", "rules", "due"),
    [
        # calendar days skip nothing
        ("2026-09-30 10:00", TimeLimit(amount=3, unit="days"), OFFICE, "2026-10-03 18:00"),
        ("2026-01-31 17:59", TimeLimit(amount=1, unit="days"), OFFICE, "2026-02-01 18:00"),
        ("2026-01-31 23:59", TimeLimit(amount=1, unit="days"), DayRules(), "2026-02-02 00:00"),
        ("2026-02-01 00:00", TimeLimit(amount=1, unit="days"), DayRules(), "2026-02-03 00:00"),
        # hours run on over nights and holidays
        ("2026-09-30 22:00", TimeLimit(amount=4, unit="hours"), OFFICE, "2026-10-01 02:00"),
        ("2026-09-30 22:00", TimeLimit(amount=72, unit="hours"), OFFICE, "2026-10-03 22:00"),
        # midnight belongs to the day that begins
        ("2026-10-08 23:59", TimeLimit(amount=1), DayRules(), "2026-10-10 00:00"),
        ("2026-10-09 00:00", TimeLimit(amount=1), DayRules(), "2026-10-11 00:00"),
        # reports at a holiday count from their own day where the profile says so
        ("2026-10-01 10:00", TimeLimit(amount=1), DayRules(late_report="same_day"), "2026-10-09 00:00"),
        ("2026-10-08 23:00", TimeLimit(amount=1), DayRules(late_report="same_day"), "2026-10-10 00:00"),
        ("2026-10-08 19:00", TimeLimit(amount=0), DayRules(due_at="18:00"), "2026-10-09 00:00"),
        ("2026-10-04 19:00", TimeLimit(amount=0), DayRules(late_report="same_day"), "2026-10-09 00:00"),
        ("2026-10-08 19:00", TimeLimit(amount=0, unit="days"), OFFICE, "2026-10-09 00:00"),
    ],
)
def test_limits_of_other_kinds(reported, limit, rules, due):
    assert deadline(CHINA, local(reported), ZONE, limit, rules).due_at == local(due)


def test_a_deadline_tells_what_it_skipped():
    counted = deadline(CHINA, local("2026-09-30 10:00"), ZONE, TimeLimit(amount=5), OFFICE)
    assert counted.counted_from == date(2026, 9, 30)
    assert counted.idle == (*(date(2026, 10, day) for day in range(1, 8)), date(2026, 10, 11))


def test_a_deadline_in_a_year_to_come_is_provisional():
    assert deadline(CHINA, local("2026-12-31 10:00"), ZONE, TimeLimit(amount=1), OFFICE).is_provisional
    assert not deadline(
        CHINA, local("2027-03-01 10:00"), ZONE, TimeLimit(amount=1, unit="days"), OFFICE
    ).is_provisional


def test_the_clock_of_the_city_tells_the_day():
    before_midnight_in_shanghai = datetime.fromisoformat("2026-11-23T15:59:00+00:00")
    for moment, due in (
        (before_midnight_in_shanghai, 24),
        (before_midnight_in_shanghai + timedelta(0, 60), 25),
    ):
        counted = deadline(CHINA, moment, ZONE, TimeLimit(amount=1), DayRules(due_at="18:00"))
        assert counted.due_at == local(f"2026-11-{due} 18:00")


@pytest.mark.parametrize("shown", ["24:01", "7:30", "17.30", "", "17:60", "noon"])
def test_a_clock_that_shows_nothing_is_refused(shown):
    with pytest.raises(BadValue):
        minutes(shown)


@pytest.mark.parametrize("year", [1969, 2100, 2150])
def test_years_that_the_calendar_does_not_know_are_refused(year):
    with pytest.raises(BadValue):
        deadline(CHINA, datetime(year, 5, 1, 12, tzinfo=ZONE), ZONE, TimeLimit(amount=1), OFFICE)


def obvious_due_day(reported, amount, reports_until):
    """Count day by day, as one would on a wall calendar."""
    day = reported.date()
    if is_worked(day) and reported.time() >= reports_until:
        day += timedelta(1)
    while not is_worked(day):
        day += timedelta(1)
    for _ in range(amount):
        day += timedelta(1)
        while not is_worked(day):
            day += timedelta(1)
    return day


@given(
    st.datetimes(clock("2024-01-01"), clock("2026-11-15")),
    st.integers(0, 20),
    st.sampled_from(["12:00", "17:30", "18:00"]),
)
def test_counting_equals_a_wall_calendar(reported, amount, reports_until):
    rules = DayRules(reports_until=reports_until, due_at="18:00")
    counted = deadline(CHINA, reported.replace(tzinfo=ZONE), ZONE, TimeLimit(amount=amount), rules)
    expected = obvious_due_day(reported, amount, time.fromisoformat(reports_until))
    assert counted.due_at == datetime.combine(expected, time(18), ZONE)


@given(st.datetimes(clock("2024-01-01"), clock("2098-01-01")), st.integers(0, 60), st.integers(0, 60))
def test_more_time_never_ends_earlier(reported, one, other):
    clocks = np.array([reported], dtype="datetime64[us]")
    less, more = (
        due_clocks(CHINA, clocks, TimeLimit(amount=amount), OFFICE) for amount in sorted((one, other))
    )
    assert (clocks <= less).all()
    assert (less <= more).all()
