"""Rows as a file has them: columns of plain Python values, and geometries in the numbers of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.exchange import Problem

Column = NDArray[np.object_]

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters that the database can't hold."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds.

    Attributes
    ----------
    columns : Mapping[str, NDArray[object]]
        Values by column: str, int, float, bool, datetime, date, dict, list or None.
    geometries : NDArray[object] or None
        Shapely geometries in the numbers of the file, None for a row without; None for a file without any.
    numbers : NDArray[int64]
        Number of each row in its file, 1 for the first one with data.
    declared : str or None
        The reference system that the file declares.
    encoding : str or None
        How its text was decoded, where that had to be found out.
    problems : tuple of Problem
        Rows that can't be read, and what had to be left out.
    """

    columns: Mapping[str, Column]
    geometries: Column | None
    numbers: NDArray[np.int64]
    declared: str | None = None
    encoding: str | None = None
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.numbers)


def objects(values: Iterable[Any]) -> Column:
    """Return values as a one-dimensional array of objects, lists and geometries included."""
    items = list(values)
    column = np.full(len(items), None, dtype=object)
    column[:] = items
    return column


def points_at(positions: NDArray[np.float64]) -> Column:
    """Return a point for each row of x and y."""
    return np.asarray(shapely.points(positions), dtype=object)


def of_records(records: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """Return records column by column, None where a record has no such member.

    Parameters
    ----------
    records : sequence of mappings
        One for each row.

    Returns
    -------
    dict of str to NDArray[object]
        In the order in which the names first appear.
    """
    names = dict.fromkeys(name for record in records for name in record)
    return {name: objects(record.get(name) for record in records) for name in names}


def numbered(count: int) -> NDArray[np.int64]:
    """Return the numbers of rows from 1 on."""
    return np.arange(1, count + 1, dtype=np.int64)


def chosen(table: Table, keep: NDArray[np.bool_]) -> Table:
    """Return the rows of a table for which `keep` holds."""
    return replace(
        table,
        columns={name: values[keep] for name, values in table.columns.items()},
        geometries=None if table.geometries is None else table.geometries[keep],
        numbers=table.numbers[keep],
    )


def plain(value: Any) -> Any:
    """Return a value that JSON and the database can hold.

    Parameters
    ----------
    value : Any
        Whatever a reader gave.

    Returns
    -------
    Any
        Not-a-number is None, times are ISO 8601, decimals and bytes are text, and characters that the
        database can't hold are U+FFFD.

    Examples
    --------
    >>> plain({"day": date(2024, 5, 1), "rate": float("nan"), "n": np.int64(3)})
    {'day': '2024-05-01', 'rate': None, 'n': 3}
    """
    match value:
        case np.generic() | np.ndarray():
            return plain(value.tolist())
        case dict():
            return {plain(str(name)): plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case _:
            return _plain_atom(value)


def _plain_atom(value: Any) -> Any:
    match value:
        case float():
            return value if isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta() | Decimal():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            return value
