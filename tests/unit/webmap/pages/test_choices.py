from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from webmap.pages.choices import DATED, Span, chosen_days

SHANGHAI = "Asia/Shanghai"
LATE = datetime(2026, 5, 31, 17, tzinfo=UTC)
"""Already June in Shanghai."""


def test_a_span_ends_today_in_the_city() -> None:
    days = chosen_days(Span.WEEK, None, None, now=LATE, timezone=SHANGHAI)
    assert (days.since, days.until) == (date(2026, 5, 26), date(2026, 6, 1))


def test_a_span_does_not_look_at_dates() -> None:
    days = chosen_days(Span.WEEK, date(2020, 1, 1), date(2020, 1, 2), now=LATE, timezone=SHANGHAI)
    assert days.until == date(2026, 6, 1)


def test_chosen_dates_count_wholly_and_in_their_order() -> None:
    days = chosen_days(Span.CUSTOM, date(2026, 3, 8), date(2026, 3, 1), now=LATE, timezone=SHANGHAI)
    assert days.period.start == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert days.period.end == datetime(2026, 3, 8, 16, tzinfo=UTC)


def test_one_date_alone_is_no_choice() -> None:
    days = chosen_days(Span.CUSTOM, date(2026, 3, 8), None, now=LATE, timezone=SHANGHAI)
    assert days.span is Span.CUSTOM
    assert (days.until - days.since).days == 89


@given(
    span=st.sampled_from(DATED),
    since=st.none() | st.dates(),
    until=st.none() | st.dates(max_value=date(9000, 1, 1)),
)
def test_there_is_always_a_day(span: Span, since: date | None, until: date | None) -> None:
    days = chosen_days(span, since, until, now=LATE, timezone=SHANGHAI)
    assert days.since <= days.until
