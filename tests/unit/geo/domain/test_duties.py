"""When duties fall due: the stretches of time of every kind of frequency."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.duties import DUTY_MEASURES, Tally, slots
from geo.domain.measures import Period, Share
from geo.domain.profiles.assessment import Rate
from geo.domain.profiles.duties import Duty, Frequency, MonthDay, Per, TargetKind, Targets
from geo.domain.profiles.rules import Words
from geo.domain.todo import Urgency, reminders_due, urgency
from geo.domain.working_days import calendar

ZONE = ZoneInfo("Asia/Shanghai")
CHINA = calendar()


def midnight(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), ZONE)


def days_of(frequency: Frequency, since: str, until: str) -> list[tuple[str, str]]:
    found = slots(frequency, Period(midnight(since), midnight(until)), ZONE, CHINA)
    return [(slot.first.isoformat(), slot.last.isoformat()) for slot in found]


@pytest.mark.rule("C2", "C12")
def test_every_day_is_a_stretch():
    assert days_of(Frequency(per=Per.DAY), "2026-02-27", "2026-03-02") == [
        ("2026-02-27", "2026-02-27"),
        ("2026-02-28", "2026-02-28"),
        ("2026-03-01", "2026-03-01"),
    ]


@pytest.mark.rule("C1", "C3", "C16", "C17")
def test_a_week_counts_once_in_the_month_in_which_it_ends():
    september = days_of(Frequency(per=Per.WEEK), "2026-09-01", "2026-10-01")
    october = days_of(Frequency(per=Per.WEEK), "2026-10-01", "2026-11-01")
    assert september[-1] == ("2026-09-21", "2026-09-27")
    assert october[0] == ("2026-09-28", "2026-10-04")


@pytest.mark.rule("C13")
def test_logs_are_due_on_working_days_alone():
    days = days_of(Frequency(per=Per.WORKING_DAY), "2026-09-28", "2026-10-12")
    assert [first for first, _ in days] == [
        "2026-09-28", "2026-09-29", "2026-09-30", "2026-10-08", "2026-10-09", "2026-10-10",
    ]  # fmt: skip


@pytest.mark.rule("C13")
@pytest.mark.parametrize(
    ("month_day", "expected"),
    [
        (MonthDay.FIRST_WORKING_AFTERNOON, ["2026-02-02", "2026-03-02", "2026-04-01", "2026-05-06"]),
        (MonthDay.THIRD_BEFORE_HOLIDAY, ["2026-02-03", "2026-03-03", "2026-04-03", "2026-04-30"]),
    ],
)
def test_the_monthly_meeting_keeps_off_holidays(month_day, expected):
    frequency = Frequency(per=Per.MONTH, month_day=month_day)
    since = expected[0][:7] + "-01"
    assert [first for first, _ in days_of(frequency, since, "2026-05-08")] == expected


@pytest.mark.rule("C13")
def test_the_meeting_is_in_the_afternoon_and_late_until_the_month_ends():
    frequency = Frequency(per=Per.MONTH, month_day=MonthDay.FIRST_WORKING_AFTERNOON)
    (slot,) = slots(frequency, Period(midnight("2026-11-01"), midnight("2026-12-01")), ZONE, CHINA)
    assert slot.start == midnight("2026-11-02").replace(hour=12)
    assert (slot.deadline, slot.end) == (midnight("2026-11-03"), midnight("2026-12-01"))


@pytest.mark.rule("C8")
def test_reports_are_due_by_the_fifteenth_and_by_the_twentieth():
    found = slots(
        Frequency(per=Per.MONTH, by_days=(15, 20)),
        Period(midnight("2026-11-01"), midnight("2026-12-01")),
        ZONE,
        CHINA,
    )
    assert [(slot.first.day, slot.last.day, slot.end) for slot in found] == [
        (1, 15, midnight("2026-11-16")),
        (16, 20, midnight("2026-12-01")),
    ]


@pytest.mark.rule("C4", "C9", "C14", "C17", "C5", "C15")
@pytest.mark.parametrize(
    ("per", "expected"),
    [
        (Per.MONTH, 12),
        (Per.QUARTER, 4),
        (Per.HALF_YEAR, 2),
        (Per.YEAR, 1),
    ],
)
def test_spans_of_months_make_up_a_year(per, expected):
    found = days_of(Frequency(per=per), "2026-01-01", "2027-01-01")
    assert len(found) == expected
    assert (found[0][0], found[-1][1]) == ("2026-01-01", "2026-12-31")


@pytest.mark.rule("C11")
def test_the_annual_assessment_is_in_the_fourth_quarter():
    frequency = Frequency(per=Per.YEAR, from_month=10)
    assert days_of(frequency, "2026-01-01", "2027-01-01") == [("2026-10-01", "2026-12-31")]


@given(
    per=st.sampled_from(list(Per)),
    first=st.integers(0, 800),
    lengths=st.lists(st.integers(1, 120), min_size=1, max_size=5),
)
def test_periods_that_follow_each_other_share_out_the_stretches(per, first, lengths):
    frequency = Frequency(per=per)
    edges = [midnight("2024-01-01") + timedelta(days=first)]
    for length in lengths:
        edges.append(edges[-1] + timedelta(days=length))
    parts = [slots(frequency, Period(*pair), ZONE, CHINA) for pair in pairwise(edges)]
    whole = slots(frequency, Period(edges[0], edges[-1]), ZONE, CHINA)
    assert [slot for part in parts for slot in part] == list(whole)
    assert all(one.end <= other.start for one, other in pairwise(whole))


def test_what_is_neither_done_nor_late_was_missed():
    tally = Tally(due=10, done=6, late=1, targets=5, reached=4)
    assert tally.missed == 3
    assert (tally.frequency, tally.coverage) == (Share(6, 10), Share(4, 5))
    assert (tally + tally).due == 20


@pytest.mark.rule("C10", "C6", "C7")
def test_trainings_count_in_the_measure_of_trainings_alone():
    words = Words(zh="", en="")
    person = Targets(kind=TargetKind.PERSON)
    training = Duty(
        key="t", name=words, activities=("training",), frequency=Frequency(per=Per.YEAR), targets=person
    )
    assert [key for key, one in DUTY_MEASURES.items() if one.concerns(training)] == [
        Rate.FREQUENCY,
        Rate.TRAINING,
    ]


@pytest.mark.rule("C12")
def test_three_reminders_are_spread_over_the_day():
    (slot,) = slots(
        Frequency(per=Per.DAY), Period(midnight("2026-11-20"), midnight("2026-11-21")), ZONE, CHINA
    )
    hours = [slot.start + timedelta(hours=hour) for hour in (0, 6, 12, 18, 23)]
    assert [reminders_due(slot, 3, at) for at in hours] == [0, 1, 2, 3, 3]


def test_what_is_past_its_deadline_is_overdue():
    (slot,) = slots(
        Frequency(per=Per.MONTH, by_days=(15,)),
        Period(midnight("2026-11-01"), midnight("2026-12-01")),
        ZONE,
        CHINA,
    )
    assert urgency(slot, slot.deadline, slot.deadline, slot.end) is Urgency.OVERDUE
    assert urgency(slot, slot.start, slot.start, slot.end) is Urgency.WEEK
