"""Rows of comments on grids of plans."""

from __future__ import annotations

from typing import Any

from shapely import Point
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from geo.db.located import point
from geo.db.tables import plan_comment
from geo.domain.plan_comments import PlanComment
from geo.errors import NotFound


def insert_comment(
    connection: Connection, *, plan_id: int, grid_key: str, place: Point, text: str, made_by: str
) -> int:
    """Keep a new comment, and give its id."""
    values = {"plan_id": plan_id, "grid_key": grid_key, "text": text, "made_by": made_by}
    statement = insert(plan_comment).values(**values, geom=point(place.x, place.y))
    new_id: int = connection.execute(statement.returning(plan_comment.c.id)).scalar_one()
    return new_id


def comments_of(connection: Connection, plan_id: int) -> tuple[PlanComment, ...]:
    """Give the comments on a plan, the newest first."""
    wanted = _comments().where(plan_comment.c.plan_id == plan_id).order_by(plan_comment.c.id.desc())
    return tuple(map(_comment, connection.execute(wanted)))


def one_comment(connection: Connection, plan_id: int, comment_id: int) -> PlanComment:
    """Give a comment on a plan.

    Raises
    ------
    NotFound
        If the plan has no such comment.
    """
    wanted = _comments().where(plan_comment.c.plan_id == plan_id, plan_comment.c.id == comment_id)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(kind="plan_comment", key=comment_id)
    return _comment(row)


def resolve(connection: Connection, comment_id: int, resolved_by: str) -> bool:
    """Let a comment be settled, and tell whether it was open before."""
    statement = (
        update(plan_comment)
        .where(plan_comment.c.id == comment_id, plan_comment.c.resolved_at.is_(None))
        .values(resolved_by=resolved_by, resolved_at=func.clock_timestamp())
    )
    return connection.execute(statement).rowcount == 1


def _comments() -> Select[Any]:
    return select(
        plan_comment, func.ST_X(plan_comment.c.geom).label("lon"), func.ST_Y(plan_comment.c.geom).label("lat")
    )


def _comment(row: Row[Any]) -> PlanComment:
    return PlanComment(
        id=row.id,
        plan_id=row.plan_id,
        grid_key=row.grid_key,
        place=Point(row.lon, row.lat),
        text=row.text,
        made_by=row.made_by,
        made_at=row.made_at,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
    )
