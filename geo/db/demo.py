"""What the accounts of the demo city are opened for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select, text, update

from geo.db.expressions import in_force
from geo.db.tables import assignment, entity_active, grid
from geo.domain.grids import Level


def first_head(connection: Connection) -> tuple[int, list[str]]:
    """Give the id of the first grid head and the codes of the grids in that post."""
    first = (
        select(assignment.c.person_id).where(assignment.c.post == "head").order_by(assignment.c.id).limit(1)
    )
    rows = connection.execute(
        select(assignment.c.person_id, assignment.c.grid_code)
        .where(assignment.c.post == "head", assignment.c.person_id == first.scalar_subquery())
        .order_by(assignment.c.grid_code)
    ).all()
    return rows[0].person_id, [row.grid_code for row in rows]


def first_street(connection: Connection) -> str:
    """Give the lowest code of a street."""
    return str(
        connection.execute(
            select(grid.c.code)
            .where(grid.c.generation_id == in_force().scalar_subquery(), grid.c.level == Level.STREET)
            .order_by(grid.c.code)
            .limit(1)
        ).scalar_one()
    )


def stand_since(connection: Connection, day: date) -> None:
    """Let all entities have been active since a day."""
    connection.execute(update(entity_active).values(since=day))


def begin_posts(connection: Connection, generation_id: int, heirs: Mapping[str, str], day: date) -> None:
    """Let posts in grids that came with a division begin then, held before in the grids that they came from.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The division.
    heirs : mapping of str to str
        Code of the heir by that of each retired grid.
    day : date
        The first day of the division, in the city.
    """
    asked = {"id": generation_id, "day": day, "retired": list(heirs), "heirs": list(heirs.values())}
    for statement in (_HELD_BEFORE, _POSTS_BEGIN, _PARTNERS_BEGIN):
        connection.execute(text(statement), asked)


_HELD_BEFORE = """
    INSERT INTO assignment (person_id, grid_code, post, valid_from, valid_to)
    SELECT person_id, retired, post, valid_from, :day
    FROM assignment JOIN unnest(CAST(:retired AS text[]), CAST(:heirs AS text[])) AS pair (retired, heir)
        ON heir = grid_code
"""

_POSTS_BEGIN = """
    UPDATE assignment SET valid_from = :day FROM grid_code AS used
    WHERE used.code = grid_code AND used.first_generation_id = :id
"""

_PARTNERS_BEGIN = """
    UPDATE partnership SET valid_from = :day FROM grid_code AS used
    WHERE used.code IN (grid_code, partner_code) AND used.first_generation_id = :id
"""


def holders(connection: Connection, posts: Sequence[str]) -> dict[str, list[int]]:
    """Give the ids of the people who hold one of some posts, by code of the grid."""
    rows = connection.execute(
        select(assignment.c.grid_code, assignment.c.person_id)
        .where(assignment.c.post.in_(posts))
        .order_by(assignment.c.grid_code, assignment.c.id)
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row.grid_code, []).append(row.person_id)
    return found


def visit_households(connection: Connection) -> None:
    """Let each home visit be one to a household of its building, one after the other."""
    connection.execute(text(_VISIT_HOUSEHOLDS))


_VISIT_HOUSEHOLDS = """
    UPDATE visit SET household_id = door.id
    FROM (
        SELECT id, building_id, row_number() OVER (PARTITION BY building_id ORDER BY id) - 1 AS nth,
            count(*) OVER (PARTITION BY building_id) AS households
        FROM household
    ) AS door
    WHERE visit.entity_id = door.building_id AND visit.kind = 'home_visit'
        AND door.nth = visit.id % door.households
"""


def close_issues(connection: Connection) -> None:
    """Let each closed issue have a result, and every seventh one a rating."""
    connection.execute(
        text("UPDATE issue SET result = '已现场处理', public_result = '已处理完毕' WHERE state = 'closed'")
    )
    connection.execute(
        text(
            "INSERT INTO issue_rating (issue_id, score, rated_at) SELECT id, 3 + id % 3, closed_at FROM issue"
            " WHERE state = 'closed' AND id % 7 = 0"
        )
    )


def roads_across(connection: Connection, generation_id: int, *, limit: int) -> list[tuple[str, int]]:
    """Give the codes of the fullest unit grids, each with a road along which it can be split.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    generation_id : int
        The division of the grids.
    limit : int
        At most so many grids.

    Notes
    -----
    A road comes from outside and goes out again, well away from the border, and through no building.
    """
    rows = connection.execute(text(_ROADS_ACROSS), {"generation": generation_id, "limit": limit})
    return [(row.code, row.road_id) for row in rows]


_ROADS_ACROSS = """
    SELECT code, road_id
    FROM (
        SELECT DISTINCT ON (grid.code) grid.code, grid.households, road.id AS road_id
        FROM grid JOIN ground_feature AS road
            ON road.kind = 'road' AND ST_Crosses(road.geom, ST_Buffer(grid.geom, -0.0003))
        WHERE grid.is_leaf AND grid.generation_id = :generation
            AND NOT ST_Intersects(ST_Boundary(road.geom), grid.geom)
            AND NOT EXISTS (
                SELECT FROM ground_feature AS building
                WHERE building.kind = 'building' AND ST_Intersects(building.geom, road.geom)
            )
        ORDER BY grid.code, ST_Length(ST_Intersection(road.geom, grid.geom)) DESC, road.id
    ) AS crossed
    ORDER BY households DESC, code
    LIMIT :limit
"""
