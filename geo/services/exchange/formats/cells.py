"""How values stand in the cells of a sheet or a text file, so that they come back as they were."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import shapely

from geo.services.exchange.table import Column, objects, plain

PART = "~"
"""Stands between the name of a column and the number of a further part of its texts."""

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


def parted(values: list[Any], longest: int, size: Callable[[str], int]) -> list[list[Any]]:
    """Return cells in as many columns as the longest text needs.

    Parameters
    ----------
    values : list
        What the cells hold.
    longest : int
        How large a text in a cell may be.
    size : callable
        Gives the size of a text.

    Returns
    -------
    list of list
        One column or more; no piece begins or ends with a blank, which some formats take for padding.

    Examples
    --------
    >>> parted(["网格员", 7, None], 2, len)
    [['网格', 7, None], ['员', None, None]]
    """
    pieces = [_pieces(value, longest, size) if isinstance(value, str) else [value] for value in values]
    width = max(map(len, pieces), default=1)
    return [[row[at] if at < len(row) else None for row in pieces] for at in range(width)]


def _pieces(text: str, longest: int, size: Callable[[str], int]) -> list[str]:
    pieces: list[str] = []
    rest = text
    while size(rest) > longest:
        end = _fitting(rest, longest, size)
        while end > 1 and (rest[end - 1].isspace() or rest[end].isspace()):
            end -= 1
        pieces.append(rest[:end])
        rest = rest[end:]
    return [*pieces, rest]


def _fitting(text: str, longest: int, size: Callable[[str], int]) -> int:
    """Return how many characters of a text fit."""
    end = min(len(text), longest)
    while size(text[:end]) > longest:
        end -= max(1, (size(text[:end]) - longest) // 4)
    return end


def joined(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return columns with the parts of long texts, ``name~1``, ``name~2``, put together again."""
    whole: dict[str, Column] = {}
    last = ""
    for name, values in columns.items():
        stem, mark, part = name.rpartition(PART)
        if mark and part.isdigit() and stem and last.startswith(stem):
            whole[last] = objects(
                first if rest is None else (first or "") + rest
                for first, rest in zip(whole[last], values, strict=True)
            )
        else:
            last = name
            whole[last] = values
    return whole
