"""Lists in the order of time: the cursor is the id of the last row seen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, literal, select, tuple_

from geo.errors import NotFound


def by_time(time: Column[Any]) -> tuple[Column[Any], Column[Any]]:
    """Give the columns that a list by time goes by: rows of one time go by their id.

    Parameters
    ----------
    time : Column
        Of a table with ``id``; an index of both finds any place in the list.
    """
    return time, time.table.c.id


def place_of(
    connection: Connection, time: Column[Any], key: int, *seen: ColumnElement[bool]
) -> ColumnElement[Any]:
    """Give the place in a list by time of the row with an id, to be compared with a tuple of `by_time`.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    time : Column
        What the list goes by.
    key : int
        The row.
    *seen : ColumnElement
        What holds for rows that the reader may see: nobody learns from a cursor when something else was.

    Raises
    ------
    NotFound
        If there is no such row any more.
    """
    moment = connection.execute(select(time).where(time.table.c.id == key, *seen)).scalar_one_or_none()
    if moment is None:
        raise NotFound(kind="cursor", key=key)
    return tuple_(literal(moment), literal(key))
