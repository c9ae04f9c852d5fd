"""How values stand in the cells of a sheet or a text file, so that they come back as they were."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Any

import shapely

from geo.services.exchange.table import Column, objects, plain

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9 ,.()-]*(?:[eE][+-]?[0-9]+)?%?")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Parameters
    ----------
    text : str
        What is meant.

    Returns
    -------
    str
        With an apostrophe in front where the text would be taken for a formula, or would look as if it had
        been guarded already; numbers and telephone numbers stay as they are.

    Examples
    --------
    >>> [guarded(text) for text in ("=1+1", "-1.5", "+86 571 8888", "'=x", "网格")]
    ["'=1+1", '-1.5', '+86 571 8888', "''=x", '网格']
    """
    return f"'{text}" if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given.

    Examples
    --------
    >>> [unguarded(guarded(text)) for text in ("=1+1", "-1.5", "'=x", "'x")]
    ['=1+1', '-1.5', "'=x", "'x"]
    """
    return text[1:] if _GUARDED.match(text) else text


def cell(value: Any) -> Any:
    """Return a value as a cell holds it: numbers, truth and None stay, everything else becomes text.

    Examples
    --------
    >>> cell({"层": 3}), cell(3), cell(datetime(2024, 5, 1, 8, 0))
    ('{"层": 3}', 3, '2024-05-01T08:00:00')
    """
    match value:
        case dict() | list():
            return json.dumps(plain(value), ensure_ascii=False)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def texts_of(geometries: Column) -> Column:
    """Return geometries as well-known text that loses no digit."""
    return objects(shapely.to_wkt(geometries, rounding_precision=17))
