"""Comma-separated text: any delimiter, UTF-8 or GBK in, UTF-8 with a byte order mark out."""

from __future__ import annotations

import csv
import io
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from geo.domain.exchange import Problem, Severity
from geo.errors import Malformed
from geo.services.exchange.formats.cells import cell, guarded, texts_of, unguarded
from geo.services.exchange.formats.encoding import encoding_of
from geo.services.exchange.formats.source import Source
from geo.services.exchange.limits import check_limit
from geo.services.exchange.table import Column, Table, numbered, objects

_DELIMITERS = (",", "\t", ";", "|")
_CELL_BYTES = 64 * 2**20
"""A cell may be as long as the block in which it is read."""


def read(source: Source) -> Table:
    """Return the rows of a text file with a line of names.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Table
        All values as text: None where nothing stands between two delimiters, empty where two quotes do.
        Rows with too few or too many cells are among the problems; so is the fact that apostrophes before
        formulas were taken away.

    Raises
    ------
    Malformed, LimitExceeded
        If it is no such text, or larger than allowed.
    """
    data = source.path.read_bytes()
    encoding = encoding_of(data, source.encoding)
    text = data.decode(encoding).removeprefix("\ufeff")
    delimiter = delimiter_of(text)
    names = _names(text, delimiter)
    frame, ragged = _rows(text, delimiter, names)
    check_limit("features", frame.num_rows + len(ragged), source.limits.features)
    numbers = _numbers(frame.num_rows, ragged)
    columns = {name: objects(frame[at].to_pylist()) for at, name in enumerate(names)}
    restored = [(name, at) for name, values in columns.items() for at in _guarded_places(values)]
    for name, at in restored:
        columns[name][at] = unguarded(columns[name][at])
    problems = [
        Problem("ragged-row", Severity.ERROR, row=number, detail={"cells": cells, "columns": len(names)})
        for number, cells in ragged.items()
    ] + [
        Problem(
            "formula-guard-removed", Severity.NOTE, row=int(numbers[at]), field=name, value=columns[name][at]
        )
        for name, at in restored
    ]
    return Table(columns, None, numbers, encoding=encoding, problems=tuple(problems))


def delimiter_of(text: str) -> str:
    r"""Return the delimiter of a text: the one that stands most often in its first line, outside quotes.

    Examples
    --------
    >>> delimiter_of('编号;"名称, 全";经度\n1;a;2')
    ';'
    """
    line = next(iter(text.splitlines()), "")
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def _names(text: str, delimiter: str) -> list[str]:
    try:
        names = [name.strip() for name in next(csv.reader(io.StringIO(text), delimiter=delimiter), [])]
    except csv.Error as error:
        raise Malformed(path="", expected="csv") from error
    doubled = sorted({name for name in names if names.count(name) > 1})
    if not any(names) or doubled:
        raise Malformed(path="", expected="distinct-column-names", columns=doubled)
    return [name or f"column_{at}" for at, name in enumerate(names, start=1)]


def _rows(text: str, delimiter: str, names: list[str]) -> tuple[pa.Table, dict[int, int]]:
    """Return the rows of the right length, and the number of cells of each other row by its number."""
    ragged: dict[int, int] = {}

    def note(row: pa_csv.InvalidRow) -> str:
        ragged[row.number - 1] = row.actual_columns
        return "skip"

    positions = [str(at) for at in range(len(names))]
    try:
        frame = pa_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=pa_csv.ReadOptions(
                column_names=positions, skip_rows_after_names=1, use_threads=False, block_size=_CELL_BYTES
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(positions, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )
    except pa.ArrowException as error:
        raise Malformed(path="", expected="csv") from error
    return frame, ragged


def _numbers(good: int, ragged: dict[int, int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    everything = numbered(good + len(ragged))
    return everything[~np.isin(everything, list(ragged))]


def _guarded_places(values: Column) -> list[int]:
    return [at for at, value in zip(count(), values) if value is not None and unguarded(value) != value]


def write(table: Table, path: Path) -> None:
    """Make a text file of a table, with geometries as well-known text.

    Parameters
    ----------
    table : Table
        What to write. None becomes nothing, empty text a pair of quotes.
    path : Path
        The file.
    """
    columns = dict(table.columns)
    if table.geometries is not None:
        columns["wkt"] = texts_of(table.geometries)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(",".join(_quoted(name) for name in columns) + "\r\n")
        for row in zip(*columns.values(), strict=True):
            file.write(",".join(_quoted(cell(value)) for value in row) + "\r\n")


def _quoted(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return '"' + guarded(value).replace('"', '""') + '"'
        case _:
            return repr(value)
