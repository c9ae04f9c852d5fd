"""Sets of rows in one statement: COPY into a table."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg2 import sql
from sqlalchemy import Connection

_NULL = r"\N"


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
