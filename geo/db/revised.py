"""Rows with a revision: found by their number, kept, and changed by whoever knows how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, Table, insert, select, update

from geo.errors import NotFound, StaleRevision

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Revised(Generic[T]):
    """How the rows of a table become domain values.

    Attributes
    ----------
    table : Table
        Has ``id`` and ``revision``; its name is the kind that errors tell of.
    value : type
        A dataclass whose fields are named as the columns.
    """

    table: Table
    value: type[T]

    def select(self) -> Select[Any]:
        """Select all that a value is made of."""
        return select(*self._columns())

    def make(self, row: Any) -> T:
        """Make a value of a row of `select`."""
        return self.value(*row)

    def find(self, connection: Connection, key: int) -> T:
        """Give a row.

        Parameters
        ----------
        connection : Connection
            The connection of the unit of work.
        key : int
            Its number.

        Returns
        -------
        T
            As it stands.

        Raises
        ------
        NotFound
            If there is none with this number.
        """
        row = connection.execute(self.select().where(self.table.c.id == key)).one_or_none()
        if row is None:
            raise self._absent(key)
        return self.make(row)

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> T:
        """Keep a new row.

        Parameters
        ----------
        connection : Connection
            The connection of the unit of work.
        values : Mapping[str, Any]
            Values by name of the column.

        Returns
        -------
        T
            As it stands, with its number.
        """
        written = insert(self.table).values(values).returning(*self._columns())
        return self.make(connection.execute(written).one())

    def change(self, connection: Connection, key: int, revision: int, values: Mapping[str, Any]) -> T:
        """Change a row, if nobody has since it was read.

        Parameters
        ----------
        connection : Connection
            The connection of the unit of work.
        key, revision : int
            Its number, and the revision that the change is based on.
        values : Mapping[str, Any]
            New values by name of the column.

        Returns
        -------
        T
            As it stands now, at the next revision.

        Raises
        ------
        NotFound
            If there is none with this number.
        StaleRevision
            If somebody has changed it since.
        """
        columns = self.table.c
        row = connection.execute(
            update(self.table)
            .where(columns.id == key, columns.revision == revision)
            .values({**values, "revision": columns.revision + 1})
            .returning(*self._columns())
        ).one_or_none()
        if row is None:
            current = connection.execute(
                select(columns.revision).where(columns.id == key)
            ).scalar_one_or_none()
            if current is None:
                raise self._absent(key)
            raise StaleRevision(kind=self.table.name, key=key, revision=revision, current=current)
        return self.make(row)

    def _absent(self, key: int) -> NotFound:
        return NotFound(kind=self.table.name, key=key)

    def _columns(self) -> list[Any]:
        return [self.table.c[field.name] for field in fields(self.value)]  # type: ignore[arg-type]
