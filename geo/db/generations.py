"""Generations in the database: written once, then only read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    column,
    exists,
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
from geo.db.expressions import covering_leaf
from geo.db.tables import entity, generation, grid, grid_code, grid_within, lineage
from geo.domain.generations import Division, Generation
from geo.domain.grids import GridName, Level
from geo.domain.lineage import Overlay, Succession

_PUBLICATION = 7_026_912
"""Advisory lock: publications happen one after another."""

_INSTANT = timedelta(microseconds=1)
"""The resolution of time in PostgreSQL: the last instant before another."""


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


def insert_grids(connection: Connection, generation_id: int, division: Division) -> NDArray[np.int64]:
    """Write the grids of a division with their parents and the closure of what lies within what.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The new generation.
    division : Division
        Its grids; their codes are registered.

    Returns
    -------
    NDArray[int64], shape (n,)
        The id of each grid.
    """
    ids = reserve_ids(connection, "grid", len(division.codes))
    id_of: dict[str | None, int] = dict(zip(division.codes, ids, strict=True))
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
        strict=True,
    )
    copy_rows(connection, "grid", [column.name for column in grid.columns], rows)
    connection.execute(text("ANALYZE grid"))
    connection.execute(text(_CLOSURE), {"generation": generation_id})
    return np.asarray(ids, dtype=np.int64)


_CLOSURE = """
    INSERT INTO grid_within (grid_id, ancestor_id)
    WITH RECURSIVE above (grid_id, ancestor_id, next_id) AS (
        SELECT id, id, parent_id FROM grid WHERE generation_id = :generation
        UNION ALL
        SELECT above.grid_id, grid.id, grid.parent_id FROM above JOIN grid ON grid.id = above.next_id
    )
    SELECT grid_id, ancestor_id FROM above
"""


# lineage -------------------------------------------------------------------------------------------------


def leaf_cells(connection: Connection, generation_id: int) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Give the ids and the geometries (EPSG:4326) of the leaves of a generation, by code."""
    rows = connection.execute(
        select(grid.c.id, func.ST_AsBinary(grid.c.geom).label("wkb"))
        .where(grid.c.generation_id == generation_id, grid.c.is_leaf)
        .order_by(grid.c.code.collate("C"))
    ).all()
    ids = np.array([row.id for row in rows], dtype=np.int64)
    return ids, shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))


def insert_lineage(
    connection: Connection, before: NDArray[np.int64], after: NDArray[np.int64], pieces: Overlay
) -> None:
    """Write which leaf gave ground to which, and from that the lineage of each level above.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    before, after : NDArray[int64]
        Ids of the leaves that `pieces` counts by place.
    pieces : Overlay
        The ground that went from one to the other.

    Notes
    -----
    The share of a grid above the leaves is the mean of the shares of its leaves, weighted by their area, so
    it sums to 1 where theirs do. Households count as spread evenly until `count_households` knows better.
    """
    columns = ["predecessor_id", "successor_id", "area_m2", "area_share", "household_share"]
    share = np.minimum(pieces.share, 1.0).tolist()
    rows = zip(
        before[pieces.predecessor].tolist(),
        after[pieces.successor].tolist(),
        pieces.area_m2.tolist(),
        share,
        share,
        strict=True,
    )
    copy_rows(connection, "lineage", columns, rows)
    connection.execute(text(_LINEAGE_ABOVE), {"leaves": before.tolist()})


_LINEAGE_ABOVE = """
    WITH ground AS (
        SELECT above.ancestor_id AS id, sum(leaf.area_m2) AS area_m2
        FROM grid AS leaf JOIN grid_within AS above ON above.grid_id = leaf.id
        WHERE leaf.id = ANY(:leaves)
        GROUP BY above.ancestor_id
    ), passed AS (
        SELECT before.id AS predecessor_id, after.id AS successor_id, sum(piece.area_m2) AS area_m2,
            sum(piece.area_share * leaf.area_m2) AS weight_m2
        FROM lineage AS piece
            JOIN grid AS leaf ON leaf.id = piece.predecessor_id
            JOIN grid_within AS up ON up.grid_id = piece.predecessor_id
            JOIN grid AS before ON before.id = up.ancestor_id
            JOIN grid_within AS down ON down.grid_id = piece.successor_id
            JOIN grid AS after ON after.id = down.ancestor_id AND after.level = before.level
        WHERE piece.predecessor_id = ANY(:leaves) AND NOT (before.is_leaf AND after.is_leaf)
        GROUP BY before.id, after.id
    ), shared AS (
        SELECT passed.*, least(1, passed.weight_m2 / ground.area_m2) AS share
        FROM passed JOIN ground ON ground.id = passed.predecessor_id
    )
    INSERT INTO lineage (predecessor_id, successor_id, area_m2, area_share, household_share)
    SELECT predecessor_id, successor_id, area_m2, share, share FROM shared
"""


def count_households(connection: Connection, generation_id: int, valid_from: datetime) -> None:
    """Let lineage know the share of households by counted buildings, where predecessors have such.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The generation of the successors.
    valid_from : datetime
        When it begins; its predecessor holds until then.

    Notes
    -----
    ``household_share = households of the buildings in both grids / households of those in the predecessor``
    """
    homes = (
        select(
            entity.c.households,
            covering_leaf(entity.c.geom, valid_from - _INSTANT).scalar_subquery().label("before_id"),
            covering_leaf(entity.c.geom, valid_from).scalar_subquery().label("after_id"),
        )
        .where(entity.c.households > 0)
        .cte("homes")
    )
    up, down, after = grid_within.alias("up"), grid_within.alias("down"), grid.alias("after")
    pairs = (
        select(lineage.c.predecessor_id, lineage.c.successor_id, func.sum(homes.c.households).label("moved"))
        .join_from(homes, up, up.c.grid_id == homes.c.before_id)
        .join(down, down.c.grid_id == homes.c.after_id)
        .join(
            lineage,
            and_(lineage.c.predecessor_id == up.c.ancestor_id, lineage.c.successor_id == down.c.ancestor_id),
        )
        .group_by(lineage.c.predecessor_id, lineage.c.successor_id)
        .cte("pairs")
    )
    totals = (
        select(pairs.c.predecessor_id, func.sum(pairs.c.moved).label("all"))
        .group_by(pairs.c.predecessor_id)
        .cte("totals")
    )
    moved = (
        select(pairs.c.moved)
        .where(
            pairs.c.predecessor_id == lineage.c.predecessor_id,
            pairs.c.successor_id == lineage.c.successor_id,
        )
        .scalar_subquery()
    )
    connection.execute(
        update(lineage)
        .where(
            lineage.c.predecessor_id == totals.c.predecessor_id,
            exists().where(after.c.id == lineage.c.successor_id, after.c.generation_id == generation_id),
        )
        .values(household_share=func.coalesce(moved, 0) * 1.0 / totals.c["all"])
    )
