"""What the made-up inspections of the demo city are made from, and what makes some records suspicious."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, text, update

from geo.db.locate import locate_rows
from geo.db.tables import entity, grid, photo, visit

_SECOND_OFFICERS = """
    INSERT INTO visit_person
    SELECT DISTINCT ON (visit.id) visit.id, assignment.person_id
    FROM visit JOIN grid_within ON grid_within.grid_id = visit.grid_id
    JOIN grid ON grid.id = grid_within.ancestor_id
    JOIN assignment ON assignment.grid_code = grid.code AND assignment.valid_to IS NULL
    WHERE visit.id = ANY(:visits)
        AND NOT EXISTS (SELECT FROM visit_person AS first
                        WHERE first.visit_id = visit.id AND first.person_id = assignment.person_id)
    ORDER BY visit.id, assignment.post IN ('worker', 'building_head') DESC, assignment.id
    ON CONFLICT DO NOTHING
"""
_HURRIED = """
    WITH way AS (
        SELECT visit.id, visit.visited_at, lag(visited_at) OVER sequence AS before,
            ST_DistanceSphere(geom, lag(geom) OVER sequence) AS metres
        FROM visit JOIN visit_person ON visit_person.visit_id = visit.id
        WHERE visited_at >= :since AND kind = 'check'
        WINDOW sequence AS (PARTITION BY person_id ORDER BY visited_at, visit.id)
    ), chosen AS (
        SELECT id, before FROM way WHERE metres > 400 AND visited_at - before < interval '3 hours'
        ORDER BY id DESC LIMIT :few
    )
    UPDATE visit SET visited_at = before + interval '20 seconds', created_at = before + interval '1 minute'
    FROM chosen WHERE visit.id = chosen.id
"""


class Check(NamedTuple):
    """A visit that may have been an inspection."""

    id: int
    entity_id: int
    visited_at: datetime
    result: str
    code: str


def checks_since(connection: Connection, since: datetime) -> list[Check]:
    """Give the checks of premises since a time, in the order of their ids."""
    rows = connection.execute(
        select(visit.c.id, visit.c.entity_id, visit.c.visited_at, visit.c.result, grid.c.code)
        .join(entity, entity.c.id == visit.c.entity_id)
        .join(grid, grid.c.id == visit.c.grid_id)
        .where(visit.c.visited_at >= since, visit.c.kind == "check", entity.c.kind == "premises")
        .order_by(visit.c.id)
    )
    return [Check(*row) for row in rows]


def add_second_officers(connection: Connection, visits: Sequence[int]) -> None:
    """Let somebody else who serves there, first of all in that grid alone, have been at some visits too."""
    connection.execute(text(_SECOND_OFFICERS), {"visits": list(visits)})


def enter_late(connection: Connection, visits: Sequence[int]) -> None:
    """Let some visits have been entered five days after their time."""
    late = visit.c.visited_at + text("interval '5 days'")
    connection.execute(update(visit).where(visit.c.id.in_(visits)).values(created_at=late))


def move_away(connection: Connection, visits: Sequence[int]) -> None:
    """Let some visits have been reported from half a kilometre north of their subject."""
    chosen = visit.c.id.in_(visits)
    moved = text("ST_Translate(geom, 0, 0.005)")
    connection.execute(update(visit).where(chosen).values(geom=moved))
    locate_rows(connection, visit, chosen)


def hurry(connection: Connection, since: datetime, few: int) -> None:
    """Let a few visits have been twenty seconds after the one before, some hundred metres away."""
    connection.execute(text(_HURRIED), {"since": since, "few": few})


def suspend(connection: Connection, entities: Sequence[int]) -> None:
    """Let some entities be suspended."""
    connection.execute(update(entity).where(entity.c.id.in_(entities)).values(state="suspended"))


def put_up(connection: Connection, photo_id: int, visit_id: int) -> None:
    """Let a photo belong to a visit."""
    connection.execute(update(photo).where(photo.c.id == photo_id).values(visit_id=visit_id))
