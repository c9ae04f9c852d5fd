"""Grids of the generations, as they were published."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import shapely
from shapely import MultiPolygon
from sqlalchemy import ColumnElement, Connection, Select, case, func, literal, null, or_, select, true, tuple_

from geo.db.expressions import in_box, in_force, within_jurisdiction
from geo.db.tables import grid, level
from geo.domain.actors import Jurisdiction
from geo.domain.grids import Grid, GridFilter, Level
from geo.domain.pages import Page

_PARENT = grid.alias("parent")


def _grids(*, with_geometry: bool) -> Select[Any]:
    shape: ColumnElement[Any] = func.ST_AsBinary(grid.c.geom) if with_geometry else null()
    columns = [column for column in grid.c if column.name not in {"geom", "parent_id"}]
    return select(*columns, _PARENT.c.code.label("parent_code"), shape.label("wkb")).outerjoin_from(
        grid, _PARENT, _PARENT.c.id == grid.c.parent_id
    )


def _grid(row: Any) -> Grid:
    return Grid(
        id=row.id,
        generation_id=row.generation_id,
        code=row.code,
        name=row.name,
        level=Level(row.level),
        parent_code=row.parent_code,
        households=row.households,
        population=row.population,
        area_m2=row.area_m2,
        is_leaf=row.is_leaf,
        geometry=None if row.wkb is None else cast("MultiPolygon", shapely.from_wkb(bytes(row.wkb))),
        attributes=row.attributes,
    )


def list_grids(
    connection: Connection,
    chosen: GridFilter,
    jurisdiction: Jurisdiction,
    *,
    at: datetime | None,
    after: int,
    limit: int,
    with_geometry: bool,
) -> Page[Grid]:
    """Give a page of the grids of the generation that holds at a time, the widest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    chosen : GridFilter
        Which ones.
    jurisdiction : Jurisdiction
        Only grids that lie here.
    at : datetime or None
        As of when; None is now.
    after, limit : int
        The page begins after the grid with this id, or with the first one if there is none; so long at most.
    with_geometry : bool
        Whether their shapes are read as well.

    Returns
    -------
    Page of Grid
        Empty if no generation holds. Within a level those come first that match sooner, then by code.
    """
    order = _order(chosen.text)
    rows = connection.execute(
        _grids(with_geometry=with_geometry)
        .join(level, level.c.key == grid.c.level)
        .where(
            grid.c.generation_id == in_force(at).scalar_subquery(),
            within_jurisdiction(grid.c.id, jurisdiction),
            _is_later(order, after) if after else true(),
            *_conditions(chosen),
        )
        .order_by(*order)
        .limit(limit + 1)
    ).all()
    grids = tuple(map(_grid, rows[:limit]))
    return Page(grids, grids[-1].id if len(rows) > limit else None)


def _order(sought: str | None) -> tuple[ColumnElement[Any], ...]:
    """Give what grids are ordered by: level, where the text begins in the name or the code, code."""
    begins: ColumnElement[int] = literal(1)
    if sought is not None:
        begins = case((_begins_code(sought), 1), else_=func.strpos(grid.c.name, sought))
    return level.c.depth, begins, grid.c.code.collate("C")


def _is_later(order: tuple[ColumnElement[Any], ...], after: int) -> ColumnElement[bool]:
    last = select(*order).join(level, level.c.key == grid.c.level).where(grid.c.id == after)
    return tuple_(*order) > last.correlate(None).scalar_subquery()


def _begins_code(sought: str) -> ColumnElement[bool]:
    return grid.c.code.startswith(sought, autoescape=True)


def _conditions(chosen: GridFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.level is not None:
        conditions.append(grid.c.level == chosen.level)
    if chosen.parent_code is not None:
        conditions.append(_PARENT.c.code == chosen.parent_code)
    if chosen.box is not None:
        conditions.append(in_box(grid.c.geom, *chosen.box))
    if chosen.text is not None:
        holds = grid.c.name.contains(chosen.text, autoescape=True)
        conditions.append(or_(holds, _begins_code(chosen.text)))
    return conditions


def one_grid(connection: Connection, code: str, at: datetime | None) -> Grid | None:
    """Give the grid of that code in the generation that holds at a time, with its shape, or None."""
    row = connection.execute(
        _grids(with_geometry=True).where(
            grid.c.generation_id == in_force(at).scalar_subquery(), grid.c.code == code
        )
    ).one_or_none()
    return _grid(row) if row else None


def versions(connection: Connection, code: str) -> tuple[Grid, ...]:
    """Give what a code stood for in each generation, without shapes, the oldest first."""
    rows = connection.execute(
        _grids(with_geometry=False).where(grid.c.code == code).order_by(grid.c.generation_id)
    )
    return tuple(map(_grid, rows))


def grids_around(connection: Connection, centre: Grid) -> tuple[Grid, ...]:
    """Give the other grids of the same level and generation that meet a grid, by code."""
    place = select(grid.c.geom).where(grid.c.id == centre.id).scalar_subquery()
    rows = connection.execute(
        _grids(with_geometry=True)
        .where(
            grid.c.generation_id == centre.generation_id,
            grid.c.level == centre.level,
            grid.c.id != centre.id,
            func.ST_Intersects(grid.c.geom, place),
        )
        .order_by(grid.c.code.collate("C"))
    )
    return tuple(map(_grid, rows))
