"""What the accounts of the demo city are opened for."""

from __future__ import annotations

from sqlalchemy import Connection, select

from geo.db.expressions import in_force
from geo.db.tables import assignment, grid
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
