"""Geometries of the grids of one level."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import shapely
from sqlalchemy import Connection, func, select

from geo.db.expressions import in_force
from geo.db.measures import grid_name, of_level
from geo.db.tables import generation, grid
from geo.domain.grids import Level
from geo.domain.shapes import Shapes, shapes_of


def generation_in_force(connection: Connection, at: datetime | None = None) -> tuple[int, datetime] | None:
    """Give id and time of publication of the generation that holds now, or at a time; None without one."""
    row = connection.execute(
        select(generation.c.id, generation.c.published_at).where(
            generation.c.id == in_force(at).scalar_subquery()
        )
    ).one_or_none()
    return None if row is None else (row.id, row.published_at)


def load_shapes(connection: Connection, generation_id: int, level: Level | None) -> Shapes | None:
    """Give the shapes of a level of a generation, None if it has no such level."""
    rows = connection.execute(
        select(grid.c.code, grid.c.name, grid.c.level, func.ST_AsBinary(grid.c.geom).label("wkb"))
        .where(grid.c.generation_id == generation_id, of_level(level))
        .order_by(grid.c.code.collate("C"))
    ).all()
    if not rows:
        return None
    geometries = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
    return shapes_of(tuple(map(grid_name, rows)), geometries)
