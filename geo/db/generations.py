"""Generations in the database: written once, then only read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    column,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.selectable import TableValuedAlias

from geo.db.bulk import copy_rows, geometry_texts, reserve_ids
from geo.db.expressions import in_force
from geo.db.tables import generation, grid, grid_code, lineage
from geo.domain.generations import Division, Generation
from geo.domain.grids import GridName, Level
from geo.domain.homes import Home, going_on
from geo.domain.lineage import Succession

_PUBLICATION = 7_026_912
"""Advisory lock: publications happen one after another."""


def lock_publication(connection: Connection) -> None:
    """Wait until no other publication is under way; others wait until this transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(_PUBLICATION)))


def hold_publication(connection: Connection) -> None:
    """Wait until no publication is under way; none begins until this transaction ends.

    Whoever writes located rows asks for this before the first row is locked: a publication then finds every
    row when it re-homes them all, and neither waits for the other in a circle.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    """
    connection.execute(select(func.pg_advisory_xact_lock_shared(_PUBLICATION)))


# reading -------------------------------------------------------------------------------------------------


def _generations() -> Select[Any]:
    return (
        select(
            generation.c.id,
            generation.c.name,
            generation.c.valid_from,
            generation.c.valid_to,
            func.array_agg(grid.c.level.distinct()).label("levels"),
            func.count().label("grids"),
            func.count().filter(grid.c.is_leaf).label("leaves"),
        )
        .join_from(generation, grid, grid.c.generation_id == generation.c.id)
        .group_by(generation.c.id)
    )


def _generation(row: Any) -> Generation:
    levels = sorted(map(Level, row.levels), key=lambda level: level.depth)
    return Generation(row.id, row.name, row.valid_from, row.valid_to, tuple(levels), row.grids, row.leaves)


def all_generations(connection: Connection) -> tuple[Generation, ...]:
    """Give every generation, the oldest first."""
    rows = connection.execute(_generations().order_by(generation.c.valid_from))
    return tuple(map(_generation, rows))


def one_generation(connection: Connection, generation_id: int) -> Generation | None:
    """Give the generation of that id, or None."""
    row = connection.execute(_generations().where(generation.c.id == generation_id)).one_or_none()
    return _generation(row) if row else None


def latest_start(connection: Connection) -> datetime | None:
    """Give the time at which the last of all generations begins, or None without any."""
    latest: datetime | None = connection.execute(select(func.max(generation.c.valid_from))).scalar_one()
    return latest


def told_by(connection: Connection, moment: datetime) -> datetime | None:
    """Give a time at which the division holds that tells of a moment.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    moment : datetime
        Aware.

    Returns
    -------
    datetime or None
        The moment itself, or the beginning of the first division for what was before; None where the division
        in force tells of it.
    """
    holds = in_force(moment).scalar_subquery()
    first = select(func.min(generation.c.valid_from)).scalar_subquery()
    now = in_force().scalar_subquery()
    row = connection.execute(select(holds.label("then"), now.label("now"), first.label("first"))).one()
    if row.then == row.now:
        return None
    return row.first if row.then is None else moment


def successions_into(connection: Connection, generation_id: int) -> tuple[Succession, ...]:
    """Give what gave ground to the grids of a generation, by level and code.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The generation of the successors.

    Returns
    -------
    tuple of Succession
        Empty for the first generation.
    """
    return _successions(connection, _AFTER.c.generation_id == generation_id)


def successions_of(connection: Connection, code: str) -> tuple[Succession, ...]:
    """Give where a code gave ground to, or got ground from, the oldest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    code : str
        Code of a grid.

    Returns
    -------
    tuple of Succession
        Empty for a grid of a single generation.
    """
    return _successions(connection, or_(_BEFORE.c.code == code, _AFTER.c.code == code))


_BEFORE, _AFTER = grid.alias("before"), grid.alias("after")


def _successions(connection: Connection, where: ColumnElement[bool]) -> tuple[Succession, ...]:
    rows = connection.execute(
        select(
            _AFTER.c.generation_id,
            _BEFORE.c.code,
            _BEFORE.c.name,
            _BEFORE.c.level,
            _AFTER.c.code.label("to_code"),
            _AFTER.c.name.label("to_name"),
            _AFTER.c.level.label("to_level"),
            lineage.c.area_m2,
            lineage.c.area_share,
            lineage.c.household_share,
        )
        .join_from(lineage, _BEFORE, _BEFORE.c.id == lineage.c.predecessor_id)
        .join(_AFTER, _AFTER.c.id == lineage.c.successor_id)
        .where(where)
        .order_by(_AFTER.c.generation_id, func.length(_BEFORE.c.code), _BEFORE.c.code, _AFTER.c.code)
    )
    return tuple(
        Succession(
            row.generation_id,
            GridName(row.code, row.name, Level(row.level)),
            GridName(row.to_code, row.to_name, Level(row.to_level)),
            row.area_m2,
            row.area_share,
            row.household_share,
        )
        for row in rows
    )


# writing -------------------------------------------------------------------------------------------------


def retired_among(connection: Connection, codes: Sequence[str]) -> list[str]:
    """Give those of the codes that stand for retired grids, in order."""
    return list(
        connection.execute(
            select(grid_code.c.code)
            .where(
                grid_code.c.code == func.any(list(codes)), grid_code.c.retired_by_generation_id.is_not(None)
            )
            .order_by(grid_code.c.code)
        ).scalars()
    )


def codes_ever_used(connection: Connection, level: Level) -> list[str]:
    """Give every code that stands, or ever stood, for a grid of a level: none of them may be given anew."""
    return list(connection.execute(select(grid_code.c.code).where(grid_code.c.level == level)).scalars())


def fixed_elsewhere(connection: Connection, division: Division) -> list[str]:
    """Give those of a division's codes that stand for grids of another level, in order."""
    proposed = _proposed_codes(division)
    return list(
        connection.execute(
            select(grid_code.c.code)
            .join(proposed, proposed.c.code == grid_code.c.code)
            .where(proposed.c.level != grid_code.c.level)
            .order_by(grid_code.c.code)
        ).scalars()
    )


def _proposed_codes(division: Division) -> TableValuedAlias:
    rows = func.unnest(list(division.codes), list(division.levels))
    return rows.table_valued(column("code", Text), column("level", Text), name="proposed").render_derived()


def close_generations(connection: Connection, at: datetime) -> int | None:
    """End the generation that is open; give its id, or None without any."""
    return connection.execute(
        update(generation)
        .where(generation.c.valid_to.is_(None))
        .values(valid_to=at)
        .returning(generation.c.id)
    ).scalar_one_or_none()


def insert_generation(
    connection: Connection, *, name: str, valid_from: datetime, published_by: str, batch_id: int | None
) -> int:
    """Open a generation without grids, and give its id."""
    generation_id: int = connection.execute(
        insert(generation)
        .values(name=name, valid_from=valid_from, published_by=published_by, batch_id=batch_id)
        .returning(generation.c.id)
    ).scalar_one()
    return generation_id


def register_codes(connection: Connection, generation_id: int, division: Division) -> None:
    """Let the codes of a division stand for its grids, and retire those that it no longer has.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The new generation.
    division : Division
        Its grids; none of its codes is retired.
    """
    proposed = _proposed_codes(division)
    connection.execute(
        insert(grid_code)
        .from_select(
            ["code", "level", "first_generation_id"],
            select(proposed.c.code, proposed.c.level, literal(generation_id)),
        )
        .on_conflict_do_nothing()
    )
    connection.execute(
        update(grid_code)
        .where(
            grid_code.c.retired_by_generation_id.is_(None),
            grid_code.c.code != func.all(list(division.codes)),
        )
        .values(retired_by_generation_id=generation_id)
    )


def insert_grids(
    connection: Connection, generation_id: int, division: Division, predecessor_id: int | None
) -> NDArray[np.int64]:
    """Write the grids of a division with their parents, homes and the closure of what lies within what.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The new generation.
    division : Division
        Its grids; their codes are registered.
    predecessor_id : int or None
        The generation before: grids that go on from there keep their homes.

    Returns
    -------
    NDArray[int64], shape (n,)
        The id of each grid.
    """
    ids = reserve_ids(connection, "grid", len(division.codes))
    id_of: dict[str | None, int] = dict(zip(division.codes, ids, strict=True))
    kept = going_on(division, _homes(connection, predecessor_id))
    rows = zip(
        ids,
        [generation_id] * len(ids),
        division.codes,
        division.names,
        division.levels,
        [id_of.get(code) for code in division.parent_codes],
        division.are_leaves.tolist(),
        division.households,
        division.population,
        division.areas_m2.tolist(),
        geometry_texts(division.geometries),
        [dict(attributes) for attributes in division.attributes],
        [kept.get(code, id_of[code]) for code in division.codes],
        strict=True,
    )
    copy_rows(connection, "grid", [column.name for column in grid.columns], rows)
    connection.execute(text("ANALYZE grid"))
    connection.execute(text(_CLOSURE), {"generation": generation_id})
    return np.asarray(ids, dtype=np.int64)


def _homes(connection: Connection, generation_id: int | None) -> dict[str, Home]:
    above = grid.alias("above")
    rows = connection.execute(
        select(grid.c.code, grid.c.home_id, grid.c.name, above.c.home_id.label("parent_id"))
        .outerjoin_from(grid, above, above.c.id == grid.c.parent_id)
        .where(grid.c.generation_id == generation_id)
    )
    return {row.code: Home(row.home_id, row.name, row.parent_id) for row in rows}


_CLOSURE = """
    INSERT INTO grid_within (grid_id, ancestor_id)
    WITH RECURSIVE above (grid_id, ancestor_id, next_id) AS (
        SELECT id, id, parent_id FROM grid WHERE generation_id = :generation
        UNION ALL
        SELECT above.grid_id, grid.id, grid.parent_id FROM above JOIN grid ON grid.id = above.next_id
    )
    SELECT grid_id, ancestor_id FROM above
"""


def leaf_cells(connection: Connection, generation_id: int) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Give the ids and the geometries (EPSG:4326) of the leaves of a generation, by code."""
    rows = connection.execute(
        select(grid.c.id, func.ST_AsBinary(grid.c.geom).label("wkb"))
        .where(grid.c.generation_id == generation_id, grid.c.is_leaf)
        .order_by(grid.c.code.collate("C"))
    ).all()
    ids = np.array([row.id for row in rows], dtype=np.int64)
    return ids, shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
