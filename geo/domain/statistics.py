"""The statistics of a month: a table of figures by grid that stays as it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from geo.domain.grids import GridName, Level
from geo.domain.measures import Period, Share
from geo.domain.profiles.rules import Words
from geo.errors import BadValue

Value = int | Share
"""A count, or a rate with what it is made of."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of the table tells.

    Attributes
    ----------
    figure : str
        Key of the figure, as profiles name it.
    detail : str or None
        Which part of it, where a figure has several columns: a result of visits, in both languages where the
        profile names it.
    """

    figure: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one grid.

    Attributes
    ----------
    grid : GridName
        The grid.
    values : tuple of int or Share
        One for each column.
    """

    grid: GridName
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The statistics of a month on one level.

    Attributes
    ----------
    month : date
        Its first day.
    level : Level
        The level of the grids.
    profile : str
        Key of the regulation profile that says what is counted.
    profile_name : Words
        Its name.
    made_at : datetime
        Until when things were counted if the month wasn't over; aware.
    columns : tuple of Column
        What is told.
    rows : tuple of Row
        By code of the grid.
    grids_at : datetime or None
        They are those of the division that held then, or of the first one; None where nobody wrote it down.
    """

    month: date
    level: Level
    profile: str
    profile_name: Words
    made_at: datetime
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    grids_at: datetime | None

    @property
    def total(self) -> tuple[Value, ...]:
        """All grids together: counts are added, rates by their numerators and denominators."""
        empty = (_nothing(value) for value in self.rows[0].values) if self.rows else ()
        totals: Sequence[Value] = tuple(empty)
        for row in self.rows:
            totals = [_sum(total, value) for total, value in zip(totals, row.values, strict=True)]
        return tuple(totals)

    def document(self) -> dict[str, Any]:
        """Give it as what JSON can hold; `statistics_of` reads it back."""
        return {
            "month": self.month.isoformat(),
            "level": self.level,
            "profile": self.profile,
            "profile_name": {"zh": self.profile_name.zh, "en": self.profile_name.en},
            "made_at": self.made_at.isoformat(),
            **({"grids_at": self.grids_at.isoformat()} if self.grids_at else {}),
            "columns": [[column.figure, column.detail] for column in self.columns],
            "rows": [
                [row.grid.code, row.grid.name, row.grid.level, [_plain(value) for value in row.values]]
                for row in self.rows
            ],
        }


def statistics_of(document: Mapping[str, Any]) -> Statistics:
    """Give statistics back from what `Statistics.document` gave.

    Parameters
    ----------
    document : mapping
        As it was kept.
    """
    return Statistics(
        date.fromisoformat(document["month"]),
        Level(document["level"]),
        document["profile"],
        Words(**document["profile_name"]),
        datetime.fromisoformat(document["made_at"]),
        tuple(Column(figure, detail) for figure, detail in document["columns"]),
        tuple(
            Row(GridName(code, name, Level(level)), tuple(_value(value) for value in values))
            for code, name, level, values in document["rows"]
        ),
        datetime.fromisoformat(document["grids_at"]) if "grids_at" in document else None,
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Statistics that were kept; nothing that happens later changes them.

    Attributes
    ----------
    id : int
        Row.
    made_by : str
        Username of who kept them.
    sha256 : str
        Digest of the document, in hexadecimal digits.
    statistics : Statistics
        What was kept.
    """

    id: int
    made_by: str
    sha256: str
    statistics: Statistics


def month_period(month: date, timezone: str, now: datetime) -> Period:
    """Give a month from its first midnight to its last, or to now if that is earlier.

    Parameters
    ----------
    month : date
        Any day of it.
    timezone : str
        IANA name of the zone of the city.
    now : datetime
        The present, aware.

    Raises
    ------
    BadValue
        If the month lies ahead.
    """
    zone = ZoneInfo(timezone)
    first = month.replace(day=1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    start = datetime.combine(first, time.min, zone)
    if start >= now:
        raise BadValue(field="month", value=first.isoformat(), expected=f"<= {now.date().isoformat()}")
    return Period(start, min(datetime.combine(after, time.min, zone), now))


def table(
    columns: Sequence[tuple[Column, Mapping[str, Value]]],
    grids: Iterable[GridName],
    empty: Mapping[str, Value],
) -> tuple[Row, ...]:
    """Give a row for each grid out of the figures of each column.

    Parameters
    ----------
    columns : sequence of (Column, mapping of str to int or Share)
        Values by code of the grid.
    grids : iterable of GridName
        In the order of the rows.
    empty : mapping of str to int or Share
        What stands for a figure where a grid has none, by key of the figure.
    """
    return tuple(
        Row(grid, tuple(values.get(grid.code, empty[column.figure]) for column, values in columns))
        for grid in grids
    )


def _nothing(value: Value) -> Value:
    return Share(0, 0) if isinstance(value, Share) else 0


def _sum(left: Value, right: Value) -> Value:
    if isinstance(left, Share) and isinstance(right, Share):
        return Share(left.numerator + right.numerator, left.denominator + right.denominator)
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    raise TypeError(left, right)


def _plain(value: Value) -> int | list[int]:
    return [value.numerator, value.denominator] if isinstance(value, Share) else value


def _value(plain: int | list[int]) -> Value:
    return plain if isinstance(plain, int) else Share(*plain)
