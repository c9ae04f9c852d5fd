"""Times are read as people write them, and never guessed silently."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from geo.services.exchange.table import objects
from geo.services.exchange.times import parse_dates, parse_times

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("04/12/2018 11:11:26 AM", "2018-04-12T11:11:26+08:00"),
        ("2018-04-12T11:11:26Z", "2018-04-12T19:11:26+08:00"),
        ("2018-04-12T11:11:26.123456+09:00", "2018-04-12T10:11:26.123456+08:00"),
        ("2018年4月12日 11时11分26秒", "2018-04-12T11:11:26+08:00"),
        ("2018年4月12日 下午3:04", "2018-04-12T15:04:00+08:00"),
        ("2018/4/12", "2018-04-12T00:00:00+08:00"),
        ("20180412111126", "2018-04-12T11:11:26+08:00"),
        ("13/04/2018", "2018-04-13T00:00:00+08:00"),
        (datetime(2018, 4, 12, 11, 11), "2018-04-12T11:11:00+08:00"),  # noqa: DTZ001 - as spreadsheets have them
        (date(2018, 4, 12), "2018-04-12T00:00:00+08:00"),
    ],
)
def test_a_time_is_what_people_mean(written: object, meant: str) -> None:
    found = parse_times(objects([written]), SHANGHAI)
    assert found.values[0].isoformat() == meant
    assert not found.bad.any()


@pytest.mark.parametrize("written", ["2024-13-01", "abc", "11:11", "31/31/2018"])
def test_what_is_no_time_is_marked(written: str) -> None:
    found = parse_times(objects([written]), SHANGHAI)
    assert found.values[0] is None
    assert found.bad.tolist() == [True]


def test_nothing_is_no_mistake() -> None:
    found = parse_times(objects([None, "", "  "]), SHANGHAI)
    assert list(found.values) == [None] * 3
    assert not found.bad.any()


def test_a_column_that_could_be_day_first_says_so_and_one_that_could_not_does_not() -> None:
    assert parse_times(objects(["01/02/2018", "03/04/2018"]), SHANGHAI).day_or_month
    assert not parse_times(objects(["01/02/2018", "03/24/2018"]), SHANGHAI).day_or_month


def test_times_that_a_clock_shows_twice_or_never_are_marked() -> None:
    found = parse_times(objects(["2015-11-01 01:30", "2015-03-08 02:30", "2015-03-09 02:30"]), NEW_YORK)
    assert found.doubtful.tolist() == [True, True, False]


def test_a_format_that_is_told_is_the_only_one() -> None:
    found = parse_times(objects(["01/02/2018", "2018-02-01"]), SHANGHAI, "%d/%m/%Y")
    assert found.values[0].date() == date(2018, 2, 1)
    assert found.bad.tolist() == [False, True]


def test_dates_are_dates() -> None:
    dates, bad = parse_dates(objects(["2024年5月1日", None, "x"]))
    assert list(dates) == [date(2024, 5, 1), None, None]
    assert bad.tolist() == [False, False, True]
