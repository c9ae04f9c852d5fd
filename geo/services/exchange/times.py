"""Times as people write them, a whole column at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import BadValue
from geo.services.exchange.table import Column, objects

_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_YEAR_FIRST = ("%Y-%m-%d", "%Y%m%d")
_MONTH_FIRST = "%m-%d-%Y"
_DAY_FIRST = "%d-%m-%Y"
_PARTS_OF_DAY = {"上午": "AM", "凌晨": "AM", "早上": "AM", "下午": "PM", "晚上": "PM", "中午": "PM"}
_OFFSET = "%z"
_COMPACT = r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})"


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times.

    Attributes
    ----------
    values : NDArray[object]
        Aware datetimes, or None.
    bad : NDArray[bool]
        Whether there was something that is no time.
    doubtful : NDArray[bool]
        Whether the clock showed that time twice, or never, on that day: the first, or the next, is taken.
    day_or_month : bool
        Whether the column could be read with the day first just as well as with the month first, as it was.
    """

    values: Column
    bad: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    day_or_month: bool


def parse_times(values: Column, zone: ZoneInfo, asked: str | None = None) -> Times:
    """Return a column as aware times.

    Parameters
    ----------
    values : NDArray[object]
        Text, datetimes, dates or None.
    zone : ZoneInfo
        The clock that times without an offset were read from.
    asked : str, optional
        The format, as `datetime.strptime` has it, if somebody says so.

    Returns
    -------
    Times
        With every value that is no time marked.

    Examples
    --------
    >>> shanghai = ZoneInfo("Asia/Shanghai")
    >>> written = objects(["2024年5月1日 下午3:04", "05/01/2024 03:04:00 PM", "2024-05-01T07:04Z"])
    >>> found = parse_times(written, shanghai)
    >>> sorted({value.isoformat() for value in found.values})
    ['2024-05-01T15:04:00+08:00']
    """
    texts = pd.Series([_text(value) for value in values], dtype="str").str.strip().replace("", None)
    written = texts.notna().to_numpy(dtype=bool)
    if asked is not None and _OFFSET in asked:
        return _aware(texts, zone, asked)
    naive, ambiguous = _naive(_normalised(texts)) if asked is None else (_parsed(texts, asked), False)
    local, doubtful = _localised(naive, zone)
    aware = (
        local.fillna(_with_offset(texts[naive.isna()], zone).reindex(texts.index))
        if naive.isna().any()
        else local
    )
    bad = written & aware.isna().to_numpy(dtype=bool)
    return Times(_stamps(aware), bad, doubtful & written, ambiguous)


def check_format(asked: str) -> None:
    """Accept a format that times can be read by.

    Parameters
    ----------
    asked : str
        As `datetime.strptime` has it.

    Raises
    ------
    BadValue
        If it is none.

    Examples
    --------
    >>> check_format("%d/%m/%Y %H:%M")
    """
    try:
        if "%" in asked:
            pd.to_datetime(pd.Series(["1"]), format=asked, errors="coerce")
            return
    except (ValueError, re.error):
        pass
    raise BadValue(field="time_format", value=asked, expected="%Y-%m-%d %H:%M:%S")


def _aware(texts: pd.Series[str], zone: ZoneInfo, asked: str) -> Times:
    """Give times that are written with their offset."""
    read = pd.to_datetime(texts, format=asked, utc=True, errors="coerce").astype("datetime64[us, UTC]")
    bad = (texts.notna() & read.isna()).to_numpy(dtype=bool)
    return Times(_stamps(read.dt.tz_convert(zone)), bad, np.zeros(len(bad), dtype=bool), day_or_month=False)


def _stamps(aware: pd.Series[pd.Timestamp]) -> Column:
    return objects(None if pd.isna(stamp) else stamp.to_pydatetime(warn=False) for stamp in aware)


def parse_dates(values: Column) -> tuple[Column, NDArray[np.bool_]]:
    """Return a column as dates, and which values are none."""
    times = parse_times(values, ZoneInfo("UTC"))
    return objects(None if time is None else time.date() for time in times.values), times.bad


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case datetime():
            return value.isoformat(sep=" " if value.tzinfo is None else "T")
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _normalised(texts: pd.Series[str]) -> pd.Series[str]:
    plain = texts.str.normalize("NFKC")
    for word, half in _PARTS_OF_DAY.items():
        plain = plain.str.replace(rf"{word}\s*(\S+)", rf" \1 {half}", regex=True)
    plain = plain.str.replace(r"[年月/.](?=\d{1,4}(?:\D|$))(?<!:\d\d\.)", "-", regex=True, n=2)
    plain = plain.str.replace("日", " ").str.replace(r"[时点分](?=\d)", ":", regex=True)
    plain = plain.str.replace(r"[时点]", ":00", regex=True).str.replace(r"[秒分]", "", regex=True)
    plain = plain.str.replace(rf"^{_COMPACT}$", r"\1-\2-\3 \4:\5:\6", regex=True)
    plain = plain.str.replace(r"(?<=\d)T(?=\d)", " ", regex=True)
    return plain.str.replace(r"\s+", " ", regex=True).str.strip()


def _naive(texts: pd.Series[str]) -> tuple[pd.Series[pd.Timestamp], bool]:
    year_first = _by_formats(texts, _YEAR_FIRST)
    rest = texts[year_first.isna()]
    month, day = _by_formats(rest, (_MONTH_FIRST,)), _by_formats(rest, (_DAY_FIRST,))
    fits_both = month.notna().any() and month.notna().sum() == day.notna().sum() and not month.equals(day)
    slashed = day if day.notna().sum() > month.notna().sum() else month
    return year_first.fillna(slashed.reindex(texts.index)), bool(fits_both)


def _by_formats(texts: pd.Series[str], days: Sequence[str]) -> pd.Series[pd.Timestamp]:
    found = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for pattern in (f"{day}{clock}" for day in days for clock in _CLOCKS):
        left = found.isna() & texts.notna()
        if not left.any():
            break
        found[left] = _parsed(texts[left], pattern)
    return found


def _parsed(texts: pd.Series[str], pattern: str) -> pd.Series[pd.Timestamp]:
    stamps = pd.to_datetime(texts, format=pattern, errors="coerce")
    return stamps.astype("datetime64[us]")


def _localised(
    naive: pd.Series[pd.Timestamp], zone: ZoneInfo
) -> tuple[pd.Series[pd.Timestamp], NDArray[np.bool_]]:
    strict = naive.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    doubtful = (strict.isna() & naive.notna()).to_numpy(dtype=bool)
    first = np.ones(len(naive), dtype=bool)
    return naive.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward"), doubtful


def _with_offset(texts: pd.Series[str], zone: ZoneInfo) -> pd.Series[pd.Timestamp]:
    shown = texts.where(texts.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True, na=False))
    return (
        pd.to_datetime(shown, format="ISO8601", utc=True, errors="coerce")
        .astype("datetime64[us, UTC]")
        .dt.tz_convert(zone)
    )
