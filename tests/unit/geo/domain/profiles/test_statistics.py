"""Reports fall due on the day, at the month's end, and by the 25th."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.domain.profiles.statistics import ReportRule
from geo.services.profile_documents import shipped_profile


def rule(key: str) -> ReportRule:
    return next(one for one in shipped_profile("food-drug").statistics.reports if one.key == key)


@pytest.mark.rule("F3")
def test_important_information_is_due_on_the_day_it_is_found():
    assert rule("important_information").due(date(2026, 2, 14)) == date(2026, 2, 14)


@pytest.mark.rule("F3")
@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 4, 30), date(2026, 4, 30)),
        (date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_population_registers_are_due_at_the_end_of_the_month(day, due):
    assert rule("population_register").due(day) == due


@pytest.mark.rule("F4")
@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 11, 25), date(2026, 11, 25)),
        (date(2026, 11, 26), date(2026, 12, 25)),
        (date(2026, 12, 26), date(2027, 1, 25)),
    ],
)
def test_statistics_are_due_by_the_25th(day, due):
    assert rule("monthly_statistics").due(day) == due


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 31))
def test_the_next_due_day_is_never_past_and_never_far(day, of_month):
    due = ReportRule(key="monthly_statistics", day_of_month=of_month).due(day)
    assert day <= due <= day + timedelta(days=31)
