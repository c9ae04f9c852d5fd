"""Many points in one document, JSON or CSV, and the same document with their grids."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.problems import words_of
from api.schemas.locate import LEVELS, Phrases, phrases_of, to_json
from geo.errors import BadValue, LimitExceeded, Malformed
from geo.geometry.crs import Reference
from geo.geometry.locate import OUTSIDE
from geo.services.exchange.formats.cells import guarded, unguarded
from geo.services.exchange.formats.csv_text import delimiter_of
from geo.services.exchange.formats.encoding import encoding_of
from geo.services.locate import Fault, LocatedMany, LookupIndex

_CHUNK = 5_000
"""How many rows of an answer are written at once."""

_X = ("lon", "lng", "longitude", "x", "经度")
_Y = ("lat", "latitude", "y", "纬度")

_ANSWERED = (
    *(f"{level}_{what}" for level in LEVELS for what in ("code", "name")),
    "on_border",
    "nearest_code",
    "distance_m",
    "error",
    "error_zh",
    "error_en",
)
"""The columns that an answer adds to a table."""


@dataclass(frozen=True, slots=True)
class PointList:
    """The points of a JSON document.

    Attributes
    ----------
    ids : list
        What each is known by, or None.
    given : list of tuple
        The two values of each as they were given.
    x, y : NDArray[float64]
        The values as numbers; NaN where they are none.
    """

    ids: list[Any]
    given: list[tuple[Any, Any]]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PointTable:
    """The points of a CSV document.

    Attributes
    ----------
    names : list of str
        Names of the columns.
    rows : list of list of str
        The cells as they were given; a row may be too short or too long.
    x_at, y_at : int
        Which columns hold the coordinates.
    delimiter : str
        What stands between two cells.
    """

    names: list[str]
    rows: list[list[str]]
    x_at: int
    y_at: int
    delimiter: str

    def column(self, at: int) -> list[str | None]:
        """Give the cells of a column; None where a row is too short or too long."""
        width = len(self.names)
        return [row[at] if len(row) == width else None for row in self.rows]


def read_json(document: Any, maximum: int) -> PointList:
    """Give the points of a JSON document.

    Parameters
    ----------
    document : object
        What the parser gave.
    maximum : int
        How many points there may be.

    Returns
    -------
    PointList
        As many rows as the document has, whatever they hold.

    Raises
    ------
    Malformed
        If there is no list of points.
    LimitExceeded
        If it is too long.
    """
    points = document.get("points") if isinstance(document, dict) else None
    if not isinstance(points, list):
        raise Malformed(expected='{"points": [{"lon": 120.1, "lat": 30.2}]}')
    _check_points(len(points), maximum)
    rows = [point if isinstance(point, dict) else {} for point in points]
    given = [(row.get("lon"), row.get("lat")) for row in rows]
    ids = [_plain(row.get("id")) for row in rows]
    return PointList(ids, given, _numbers([x for x, _ in given]), _numbers([y for _, y in given]))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int) else None


def _numbers(values: Sequence[Any]) -> NDArray[np.float64]:
    return np.array([value if type(value) in {int, float} else np.nan for value in values], dtype=np.float64)


def _check_points(count: int, maximum: int) -> None:
    if count > maximum:
        raise LimitExceeded(limit="batch_points", value=count, maximum=maximum)


def write_json(index: LookupIndex, points: PointList, found: LocatedMany) -> Iterator[bytes]:
    """Give the answer to a list of points, piece by piece.

    Parameters
    ----------
    index : LookupIndex
        The division that was asked.
    points : PointList
        The question.
    found : LocatedMany
        Where each point is.

    Yields
    ------
    bytes
        Parts of one JSON document, see `api.schemas.locate.BatchAnswers`.
    """
    phrases = phrases_of(index)
    yield b'{"generation":' + phrases.generation + b',"answers":['
    for start in range(0, len(points.ids), _CHUNK):
        rows = range(start, min(start + _CHUNK, len(points.ids)))
        answers = b",".join(_json_answer(phrases, points, found, row) for row in rows)
        yield (b"," if start else b"") + answers
    yield b"]}"


def _json_answer(phrases: Phrases, points: PointList, found: LocatedMany, row: int) -> bytes:
    begin = b'{"row":%d,"id":%b,' % (row, to_json(points.ids[row]))
    fault = Fault(found.fault[row])
    if fault:
        return begin + b'"error":' + to_json(_problem(fault, points.given[row])) + b"}"
    nearest = phrases.nearest(int(found.nearest[row]), float(found.distance_m[row]))
    place = phrases.place(
        float(found.lon[row]),
        float(found.lat[row]),
        int(found.cell[row]),
        on_border=bool(found.on_border[row]),
        nearest=nearest,
    )
    return begin + place + b"}"


def _problem(fault: Fault, given: tuple[Any, Any]) -> dict[str, str]:
    field, value, expected = {
        Fault.X: ("lon", given[0], "number"),
        Fault.Y: ("lat", given[1], "number"),
        Fault.PLACE: ("lon, lat", given, "-180..180, -90..90"),
    }[fault]
    words = words_of(BadValue)
    shown = {"field": field, "value": str(value)[:80], "expected": expected}
    return {
        "code": BadValue.code,
        "field": field,
        "detail": words.detail.format_map(shown),
        "detail_zh": words.detail_zh.format_map(shown),
    }


def read_csv(data: bytes, maximum: int) -> PointTable:
    """Give the points of a CSV document: UTF-8, UTF-16 or GBK, with any usual delimiter.

    Parameters
    ----------
    data : bytes
        The document. Its first line names the columns: ``lon``, ``x`` or 经度, and ``lat``, ``y`` or 纬度.
    maximum : int
        How many rows there may be.

    Returns
    -------
    PointTable
        As many rows as the document has, whatever they hold.

    Raises
    ------
    Malformed
        If it is no text, or a column of coordinates is missing.
    LimitExceeded
        If it is too long.
    """
    text = data.decode(encoding_of(data)).removeprefix("\ufeff")
    delimiter = delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(reader, [])]
        rows = [row for row in islice(reader, maximum + 1) if row]
    except csv.Error as error:
        raise Malformed(expected="csv") from error
    _check_points(len(rows), maximum)
    return PointTable(names, rows, _place_of(_X, names), _place_of(_Y, names), delimiter)


def _place_of(known: Sequence[str], names: Sequence[str]) -> int:
    lowered = [name.lower() for name in names]
    places = [lowered.index(name) for name in known if name in lowered]
    if not places:
        raise Malformed(expected=" / ".join(known))
    return places[0]


def numbers_of(cells: Sequence[str | None]) -> NDArray[np.float64]:
    """Give the numbers that stand in cells; NaN where there is none."""
    return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: str | None) -> float:
    try:
        return float(cell or "nan")
    except ValueError:
        return float("nan")


def write_csv(index: LookupIndex, table: PointTable, found: LocatedMany) -> Iterator[bytes]:
    """Give a table with the grids of its points, piece by piece: UTF-8 with a byte order mark.

    Parameters
    ----------
    index : LookupIndex
        The division that was asked.
    table : PointTable
        The question. Its own columns are kept, except those that an earlier answer has added.
    found : LocatedMany
        Where each point is.

    Yields
    ------
    bytes
        Parts of one document. Text that a spreadsheet would take for a formula has an apostrophe in front.
    """
    kept = [at for at, name in enumerate(table.names) if name not in _ANSWERED]
    yield "\ufeff".encode() + _lines(table, [[*(table.names[at] for at in kept), *_ANSWERED]])
    for start in range(0, len(table.rows), _CHUNK):
        chunk = range(start, min(start + _CHUNK, len(table.rows)))
        yield _lines(table, [_csv_row(index, table, found, row, kept) for row in chunk])


def _lines(table: PointTable, rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=table.delimiter).writerows(
        [guarded(unguarded(cell)) for cell in row] for row in rows
    )
    return buffer.getvalue().encode()


def _csv_row(
    index: LookupIndex, table: PointTable, found: LocatedMany, row: int, kept: Sequence[int]
) -> list[str]:
    cells = table.rows[row]
    own = [cells[at] if at < len(cells) else "" for at in kept]
    fault = Fault(found.fault[row])
    if fault:
        whole = len(cells) == len(table.names)
        problem = _problem(fault, (cells[table.x_at], cells[table.y_at]) if whole else (None, None))
        unanswered = [""] * (len(_ANSWERED) - 3)
        return [*own, *unanswered, problem["code"], problem["detail_zh"], problem["detail"]]
    return [*own, *_grid_cells(index, found, row), "", "", ""]


def _grid_cells(index: LookupIndex, found: LocatedMany, row: int) -> list[str]:
    cell, nearest = int(found.cell[row]), int(found.nearest[row])
    chain = () if cell == OUTSIDE else index.links[cell]
    name_of = {link.grid.level: link.grid for link in chain}
    names = [(name_of[level].code, name_of[level].name) if level in name_of else ("", "") for level in LEVELS]
    on_border = "" if cell == OUTSIDE else str(bool(found.on_border[row])).lower()
    far = ("", "") if nearest == OUTSIDE else (index.leaf(nearest).code, f"{found.distance_m[row]:.3f}")
    return [part for pair in names for part in pair] + [on_border, *far]


def locate_list(index: LookupIndex, points: PointList, reference: Reference) -> Iterator[bytes]:
    """Give the answer to a list of points, piece by piece, as JSON."""
    return write_json(index, points, index.find_many(points.x, points.y, reference))


def locate_table(index: LookupIndex, table: PointTable, reference: Reference) -> Iterator[bytes]:
    """Give the answer to a table of points, piece by piece, as CSV."""
    x, y = numbers_of(table.column(table.x_at)), numbers_of(table.column(table.y_at))
    return write_csv(index, table, index.find_many(x, y, reference))


def parse_json(body: bytes) -> Any:
    """Give what a body holds.

    Raises
    ------
    Malformed
        If it isn't JSON.
    """
    try:
        return json.loads(body)
    except ValueError as error:
        raise Malformed(expected="JSON") from error
