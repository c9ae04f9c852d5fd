"""Sets of rows in one statement: COPY into a table."""

from __future__ import annotations

import csv
import json
import struct
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg2 import sql
from sqlalchemy import Connection, text

_NULL = r"\N"
_LINESTRING_M_WITH_SRID = 0x60000002
"""Type of a line in PostGIS's extended well-known binary."""


def geometry_texts(geometries: NDArray[np.object_]) -> list[str | None]:
    """Give geometries as COPY takes them.

    Parameters
    ----------
    geometries : NDArray[object]
        Shapely geometries in EPSG:4326, or None.

    Returns
    -------
    list of str or None
        Extended well-known binary in hexadecimal digits, with the SRID.
    """
    return list(shapely.to_wkb(shapely.set_srid(geometries, 4326), hex=True, include_srid=True))


def measured_line_texts(xym: NDArray[np.float64], lengths: NDArray[np.intp]) -> list[str]:
    """Give lines with a measure as COPY takes them; shapely can read such lines but not make them.

    Parameters
    ----------
    xym : NDArray[float64], shape (n, 3)
        lon and lat in degrees (EPSG:4326) and the measure, of all lines one after the other.
    lengths : NDArray[intp]
        How many points each line has.

    Returns
    -------
    list of str
        Extended well-known binary in hexadecimal digits, with the SRID.

    Examples
    --------
    >>> line = shapely.from_wkb(measured_line_texts(np.array([[1.0, 2, 30], [3, 4, 50]]), np.array([2]))[0])
    >>> line.has_m, round(line.length, 3)
    (True, 2.828)
    """
    ends = np.cumsum(lengths)
    points = np.ascontiguousarray(xym, dtype="<f8")
    return [
        (
            struct.pack("<BIII", 1, _LINESTRING_M_WITH_SRID, 4326, end - start) + points[start:end].tobytes()
        ).hex()
        for start, end in zip(ends - lengths, ends, strict=True)
    ]


def _text(value: Any) -> Any:
    if value is None:
        return _NULL
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return value


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows into a table with COPY, inside the open transaction.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : str
        Name of the table.
    columns : sequence of str
        Names of the columns, in the order of the values.
    rows : iterable of sequences
        Values; None is NULL, dicts and lists become JSON, geometries come from `geometry_texts`.
    """
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerows([_text(value) for value in row] for row in rows)
    buffer.seek(0)
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv, NULL {})").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Literal(_NULL)
    )
    raw = connection.connection.driver_connection
    assert raw is not None, "an open unit of work has a connection"  # noqa: S101 - tells mypy what is always true
    with raw.cursor() as cursor:
        cursor.copy_expert(statement, buffer)


def reserve_ids(connection: Connection, table: str, count: int) -> list[int]:
    """Take ids for rows that are to be written with `copy_rows`, so that other rows can point at them.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    table : str
        Name of a table with an identity column ``id``.
    count : int
        How many.

    Returns
    -------
    list of int
        Ids that nobody else gets, ascending.
    """
    drawn = connection.execute(
        text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"),
        {"table": table, "count": count},
    )
    return list(drawn.scalars())
