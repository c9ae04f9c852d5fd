"""Lineage in the database: which grid gave ground and households to which."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from geo.db.bulk import copy_rows
from geo.db.expressions import AS_OF, as_text, in_force, within_jurisdiction
from geo.db.tables import grid, grid_within, lineage
from geo.domain.actors import Jurisdiction
from geo.domain.homes import Ids
from geo.domain.lineage import Overlay


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


def count_households(connection: Connection, predecessor_id: int, generation_id: int, homes: Ids) -> None:
    """Let lineage know the share of households by counted buildings, where predecessors have such.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    predecessor_id, generation_id : int
        The generation before, and that of the successors.
    homes : NDArray[int64], shape (3, n)
        Homes before, homes after, and how many households live in both.

    Notes
    -----
    ``household_share = households of the buildings in both grids / households of those in the predecessor``
    """
    told = func.unnest(*(cast(one.tolist(), ARRAY(BigInteger)) for one in homes))
    moved = told.table_valued(
        column("before_id", BigInteger),
        column("after_id", BigInteger),
        column("households", BigInteger),
        name="homes",
    ).render_derived()
    before, after = grid.alias("before"), grid.alias("after")
    up, down = grid_within.alias("up"), grid_within.alias("down")
    is_before = and_(before.c.home_id == moved.c.before_id, before.c.generation_id == predecessor_id)
    is_after = and_(after.c.home_id == moved.c.after_id, after.c.generation_id == generation_id)
    pairs = (
        select(lineage.c.predecessor_id, lineage.c.successor_id, func.sum(moved.c.households).label("moved"))
        .join_from(moved, before, is_before)
        .join(after, is_after)
        .join(up, up.c.grid_id == before.c.id)
        .join(down, down.c.grid_id == after.c.id)
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
    shares = (
        select(
            lineage.c.predecessor_id,
            lineage.c.successor_id,
            (func.coalesce(pairs.c.moved, 0) * 1.0 / totals.c["all"]).label("share"),
        )
        .join_from(lineage, totals, totals.c.predecessor_id == lineage.c.predecessor_id)
        .outerjoin(
            pairs,
            and_(
                pairs.c.predecessor_id == lineage.c.predecessor_id,
                pairs.c.successor_id == lineage.c.successor_id,
            ),
        )
        .cte("shares")
    )
    connection.execute(
        update(lineage)
        .where(
            lineage.c.predecessor_id == shares.c.predecessor_id,
            lineage.c.successor_id == shares.c.successor_id,
            lineage.c.household_share.is_distinct_from(shares.c.share),
        )
        .values(household_share=shares.c.share)
    )


# reading -------------------------------------------------------------------------------------------------

IN_FORCE = f"({as_text(in_force(AS_OF))})"
"""The generation that holds at the time asked for."""

STANDING = f"""
    WITH RECURSIVE asked AS (
        SELECT id, valid_from FROM generation WHERE id = {IN_FORCE}
    ),
    went AS (
        SELECT DISTINCT ON (before.code) before.code, after.code AS next
        FROM asked
            JOIN generation AS gone ON gone.valid_from <= asked.valid_from
            JOIN grid_code ON grid_code.retired_by_generation_id = gone.id
            JOIN grid AS before ON before.code = grid_code.code
            JOIN lineage ON lineage.predecessor_id = before.id
            JOIN grid AS after ON after.id = lineage.successor_id AND after.generation_id = gone.id
        ORDER BY before.code, lineage.area_share DESC, after.code COLLATE "C"
    ),
    came AS (
        SELECT DISTINCT ON (after.code) after.code, before.code AS next
        FROM asked
            JOIN generation AS begun ON begun.valid_from > asked.valid_from
            JOIN grid_code ON grid_code.first_generation_id = begun.id
            JOIN grid AS after ON after.code = grid_code.code AND after.generation_id = begun.id
            JOIN lineage ON lineage.successor_id = after.id
            JOIN grid AS before ON before.id = lineage.predecessor_id
        ORDER BY after.code, lineage.area_m2 DESC, before.code COLLATE "C"
    ),
    way (code, reached) AS (
        SELECT code, code FROM grid_code
        UNION ALL
        SELECT way.code, step.next
        FROM way JOIN (SELECT * FROM went UNION ALL SELECT * FROM came) AS step ON step.code = way.reached
    )
    SELECT way.code, grid.id AS grid_id
    FROM way JOIN grid ON grid.code = way.reached
        JOIN asked ON asked.id = grid.generation_id
"""  # noqa: S608 - put together from constants
"""Each code ever used with the grid that stands for it at the time asked for.

A grid in force then stands for itself; for one that was retired by then, the heir with most of its ground
does; for one that came later, the predecessor from which most of its ground came.
"""


def standing(at: datetime | None) -> Subquery:
    """Select each code ever used with the grid that stands for it in the division of a time.

    Parameters
    ----------
    at : datetime or None
        Aware; None is now.

    Returns
    -------
    Subquery
        ``code`` and ``grid_id``; see `STANDING`.
    """
    asked = text(STANDING).bindparams(bindparam("at", at, DateTime(timezone=True)))
    return asked.columns(column("code", Text), column("grid_id", BigInteger)).subquery("standing")


def stands_within(
    code: ColumnElement[str], jurisdiction: Jurisdiction, at: datetime | None
) -> ColumnElement[bool]:
    """Hold for rows for whose grid one stands that lies in a jurisdiction, in the division of a time.

    Parameters
    ----------
    code : ColumnElement
        Code of a grid of any level, in force or not.
    jurisdiction : Jurisdiction
        Where; rows without a grid lie in the whole city alone.
    at : datetime or None
        Aware; None is now.
    """
    if jurisdiction.grid_codes is None:
        return true()
    stands = standing(at)
    return code.in_(select(stands.c.code).where(within_jurisdiction(stands.c.grid_id, jurisdiction)))


def chains_standing(
    connection: Connection, codes: Collection[str], at: datetime | None
) -> dict[str, tuple[str, ...]]:
    """Give for each code the codes of the grid that stands for it at a time and of all above it.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    codes : collection of str
        Codes of grids of any level, in force or not.
    at : datetime or None
        Aware; None is now.

    Returns
    -------
    dict of str to tuple of str
        In any order; without those for which none stands.
    """
    stands, above = standing(at), grid.alias("above")
    rows = connection.execute(
        select(stands.c.code, func.array_agg(above.c.code))
        .join(grid_within, grid_within.c.grid_id == stands.c.grid_id)
        .join(above, above.c.id == grid_within.c.ancestor_id)
        .where(stands.c.code.in_(codes))
        .group_by(stands.c.code)
    )
    return {code: tuple(chain) for code, chain in rows}
