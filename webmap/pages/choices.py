"""The row of choices above each map: period, level, kind or category."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from geo.domain.grids import Level
from geo.domain.measures import Period
from webmap.layers.coverage import Scale


class Span(StrEnum):
    """How far back a period reaches from today."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    HALF_YEAR = "180d"
    CUSTOM = "custom"
    ANY = "any"

    @property
    def days(self) -> int:
        """The number of days, today among them; those of a quarter before two dates are chosen."""
        return int(self.removesuffix("d")) if self.endswith("d") else 90


USUAL = Span.QUARTER
"""The span of a measure before another one is chosen."""

DATED = tuple(span for span in Span if span is not Span.ANY)
"""The spans of a measure that needs a period."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a map tells of.

    Attributes
    ----------
    span : Span
        What was chosen.
    since, until : date
        The first and the last day, both among them.
    timezone : str
        IANA name of the zone whose days they are.
    """

    span: Span
    since: date
    until: date
    timezone: str

    @property
    def period(self) -> Period:
        """From the midnight before the first day to the one after the last."""
        zone = ZoneInfo(self.timezone)
        return Period(
            start=datetime.combine(self.since, time.min, zone),
            end=datetime.combine(self.until + timedelta(days=1), time.min, zone),
        )


def chosen_days(span: Span, since: date | None, until: date | None, *, now: datetime, timezone: str) -> Days:
    """Give the days that were chosen: two dates in their order, or a span that ends today.

    Parameters
    ----------
    span : Span
        What was chosen.
    since, until : date or None
        The first and the last day; only a custom period looks at them.
    now : datetime
        Aware.
    timezone : str
        IANA name of the zone whose days are counted.

    Returns
    -------
    Days
        At least one day.

    Examples
    --------
    >>> from datetime import UTC
    >>> noon = datetime(2026, 5, 31, 12, tzinfo=UTC)
    >>> week = chosen_days(Span.WEEK, None, None, now=noon, timezone="Asia/Shanghai")
    >>> str(week.since), str(week.until)
    ('2026-05-25', '2026-05-31')
    """
    today = now.astimezone(ZoneInfo(timezone)).date()
    if span is not Span.CUSTOM or since is None or until is None:
        return Days(span, today - timedelta(days=span.days - 1), today, timezone)
    first, last = sorted((since, until))
    return Days(span, first, last, timezone)


@dataclass(frozen=True, slots=True)
class Choices:
    """What is chosen above a map, and what there is to choose from.

    Attributes
    ----------
    days : Days or None
        The days; None for any time.
    spans : tuple of Span
        The spans to choose from.
    level : Level
        The level of the grids.
    levels : tuple of Level
        The levels that the division has.
    category_name : str
        What the third choice is called in addresses: ``kind`` or ``category``.
    category : str
        The chosen one; empty for all.
    categories : tuple of tuple of str
        Value and words of each one.
    at : date or None
        By the grids of the division of this day; of the one in force without.
    scale : Scale or None
        From where to where the classes of the map go; None where that can't be chosen.
    """

    days: Days | None
    spans: tuple[Span, ...]
    level: Level
    levels: tuple[Level, ...]
    category_name: str
    category: str = ""
    categories: tuple[tuple[str, str], ...] = ()
    at: date | None = None
    scale: Scale | None = None

    @property
    def span(self) -> Span:
        """The chosen span."""
        return self.days.span if self.days else Span.ANY
