"""Reading and writing rows that stand somewhere: what entities, visits and issues have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar

import shapely
from sqlalchemy import Column, ColumnElement, Connection, Select, Table, func, literal, select, tuple_

from geo.db.expressions import in_box, lies_within, within_jurisdiction
from geo.db.generations import hold_publication
from geo.db.locate import locate_rows
from geo.db.pages import by_time, place_of
from geo.db.tables import grid, grid_within, level
from geo.domain.actors import Jurisdiction
from geo.domain.filters import Filter
from geo.domain.pages import Page

T = TypeVar("T")


@dataclass(frozen=True)
class Located(Generic[T]):
    """How the rows of a table become domain values.

    Attributes
    ----------
    table : Table
        Has ``id``, ``revision``, ``geom``, ``grid_id``.
    value : type
        A dataclass whose fields are named as the columns, with ``geometry`` and ``grid_code``.
    kind : Column
        What `Filter.kind` narrows.
    time : Column, optional
        What `Filter.since` and `Filter.until` narrow, and lists go by.
    converted : mapping, optional
        Fields that are more than what the column holds.
    derived : mapping, optional
        Fields that come from elsewhere, as expressions over the table.
    """

    table: Table
    value: type[T]
    kind: Column[Any]
    time: Column[Any] | None = None
    converted: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    derived: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)

    def select(self) -> Select[Any]:
        """Select all that a value is made of."""
        named = {column.name: column for column in self.table.c}
        wanted = [named[name] for name in self._fields() if name in named]
        return select(
            *wanted,
            *(expression.label(name) for name, expression in self.derived.items()),
            func.ST_AsBinary(self.table.c.geom).label("wkb"),
            grid.c.code.label("grid_code"),
        ).outerjoin_from(self.table, grid, grid.c.id == self.table.c.grid_id)

    def make(self, row: Any) -> T:
        """Make a value of a row of `select`."""
        found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
        wkb = found.pop("wkb")
        found["geometry"] = None if wkb is None else shapely.from_wkb(bytes(wkb))
        return self.value(
            **{
                name: self.converted[name](value) if name in self.converted else value
                for name, value in found.items()
            }
        )

    def conditions(self, wanted: Filter, jurisdiction: Jurisdiction) -> list[ColumnElement[bool]]:
        """Give what holds for the rows that are wanted and may be seen."""
        columns = self.table.c
        found: list[ColumnElement[bool]] = [within_jurisdiction(columns.grid_id, jurisdiction)]
        if wanted.box:
            found.append(in_box(columns.geom, *wanted.box))
        if wanted.grid_code:
            found.append(lies_within(columns.grid_id, frozenset({wanted.grid_code})))
        if wanted.kind:
            found.append(self.kind == wanted.kind)
        if wanted.state:
            found.append(columns.state == wanted.state)
        if wanted.since and self.time is not None:
            found.append(self.time >= wanted.since)
        if wanted.until and self.time is not None:
            found.append(self.time < wanted.until)
        return found

    def page(
        self,
        connection: Connection,
        conditions: list[ColumnElement[bool]],
        *,
        limit: int,
        after: int,
        jurisdiction: Jurisdiction,
    ) -> Page[T]:
        """Give rows by time and id, or by id alone where they have no time.

        Parameters
        ----------
        connection : Connection
            The connection of the unit of work.
        conditions : list of ColumnElement
            What holds for the rows.
        limit : int
            At most so many.
        after : int
            Only rows that come after the one with this id; 0 from the beginning.
        jurisdiction : Jurisdiction
            Where the actor may read.

        Returns
        -------
        Page
            With the cursor to the next page.

        Raises
        ------
        NotFound
            If rows go by time and that row has gone.
        """
        order = (self.table.c.id,) if self.time is None else by_time(self.time)
        statement = self.select().where(*conditions).order_by(*order).limit(limit + 1)
        if after:
            statement = statement.where(tuple_(*order) > self._place(connection, after, jurisdiction))
        rows = connection.execute(statement).all()
        more = len(rows) > limit
        return Page(tuple(map(self.make, rows[:limit])), rows[limit - 1].id if more else None)

    def one(self, connection: Connection, key: int) -> T | None:
        """Give one row."""
        row = connection.execute(self._one(key)).first()
        return None if row is None else self.make(row)

    def locked(self, connection: Connection, key: int) -> T | None:
        """Give one row that is to be changed, kept from others until the end of the transaction."""
        hold_publication(connection)
        row = connection.execute(self._one(key).with_for_update(of=self.table)).first()
        return None if row is None else self.make(row)

    def insert(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Write a row, and let it know its leaf grid; gives its id."""
        hold_publication(connection)
        inserted = connection.execute(self.table.insert().values(**values).returning(self.table.c.id))
        key = int(inserted.scalar_one())
        locate_rows(connection, self.table, self.table.c.id == key)
        return key

    def update(self, connection: Connection, key: int, values: Mapping[str, Any]) -> None:
        """Change a row that is `locked`, count its revision up, and let it know its leaf grid again."""
        columns = self.table.c
        connection.execute(
            self.table.update()
            .where(columns.id == key)
            .values(**values, revision=columns.revision + 1, updated_at=func.now())
        )
        locate_rows(connection, self.table, columns.id == key)

    def chain(self, connection: Connection, key: int) -> tuple[str, ...]:
        """Give the codes of the grids that hold a row, widest first; none outside every grid."""
        ancestor = grid.alias()
        rows = connection.execute(
            select(ancestor.c.code)
            .join(grid_within, grid_within.c.ancestor_id == ancestor.c.id)
            .join(self.table, self.table.c.grid_id == grid_within.c.grid_id)
            .join(level, level.c.key == ancestor.c.level)
            .where(self.table.c.id == key)
            .order_by(level.c.depth)
        )
        return tuple(rows.scalars())

    def _place(self, connection: Connection, key: int, jurisdiction: Jurisdiction) -> ColumnElement[Any]:
        if self.time is None:
            return tuple_(literal(key))
        return place_of(connection, self.time, key, within_jurisdiction(self.table.c.grid_id, jurisdiction))

    def _one(self, key: int) -> Select[Any]:
        return self.select().where(self.table.c.id == key)

    def _fields(self) -> list[str]:
        elsewhere = {"geometry", "grid_code", *self.derived}
        return [name for name in (f.name for f in fields(self.value)) if name not in elsewhere]  # type: ignore[arg-type]


def point(lon: float, lat: float) -> ColumnElement[Any]:
    """Give a point of the storage from degrees, EPSG:4326."""
    return func.ST_SetSRID(func.ST_Point(lon, lat), 4326)
