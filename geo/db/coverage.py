"""Entities due and visited, visits in bins, tracks of a period."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import CTE, Connection, and_, func, select, true

from geo.db.expressions import in_box, within_jurisdiction
from geo.db.homes import home_at
from geo.db.measures import by_grid, grid_name, outside_grids, within_period
from geo.db.tables import entity, track, visit
from geo.domain.actors import Jurisdiction
from geo.domain.coverage import Coverage, Density, GridCoverage
from geo.domain.entities import EntityKind, EntityState
from geo.domain.grids import Level
from geo.domain.measures import Period, Share
from geo.domain.shapes import Bounds


def subject_coverage(
    connection: Connection,
    period: Period,
    *,
    level: Level | None,
    kind: EntityKind | None,
    jurisdiction: Jurisdiction,
    at: datetime | None = None,
) -> Coverage:
    """Count what was due and what of it was visited in a period, by grid of now or of another time."""
    counts = _subjects(period, kind, at)
    grids = tuple(
        GridCoverage(grid_name(row), Share(row.visited, row.due))
        for row in connection.execute(by_grid(counts, level, jurisdiction, at))
    )
    unlocated = connection.execute(outside_grids(counts, jurisdiction)).one()
    return Coverage(period, grids, unlocated.due)


def _subjects(period: Period, kind: EntityKind | None, at: datetime | None) -> CTE:
    seen = select(visit.c.entity_id).where(within_period(visit.c.visited_at, period)).distinct().cte("seen")
    home = home_at(entity, at).label("grid_id")
    return (
        select(
            home,
            func.count().label("due"),
            func.count(seen.c.entity_id).label("visited"),
        )
        .select_from(entity.outerjoin(seen, seen.c.entity_id == entity.c.id))
        .where(entity.c.state == EntityState.ACTIVE, entity.c.kind == kind if kind else true())
        .group_by(home)
        .cte("subjects")
    )


def visit_density(
    connection: Connection,
    period: Period,
    *,
    kind: EntityKind | None,
    cell_m: float,
    bin_degrees: tuple[float, float],
    jurisdiction: Jurisdiction,
) -> Density:
    """Count the visits of a period in bins, the fullest first; one without a place stands at its entity."""
    width, height = bin_degrees
    place = func.coalesce(visit.c.geom, entity.c.geom)
    middle = func.ST_SnapToGrid(place, width, height)
    rows = connection.execute(
        select(func.ST_X(middle), func.ST_Y(middle), func.count())
        .select_from(visit.outerjoin(entity, entity.c.id == visit.c.entity_id))
        .where(
            within_period(visit.c.visited_at, period),
            place.is_not(None),
            entity.c.kind == kind if kind else true(),
            within_jurisdiction(visit.c.grid_id, jurisdiction),
        )
        .group_by(func.ST_X(middle), func.ST_Y(middle))
        .order_by(func.count().desc(), func.ST_X(middle), func.ST_Y(middle))
    ).all()
    lon, lat, visits = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 3).T
    return Density(cell_m, lon, lat, visits.astype(np.int64))


def tracks_near(connection: Connection, period: Period, bounds: Bounds) -> NDArray[np.object_]:
    """Give the tracks that were under way in a period and pass through a box: LineString M, EPSG:4326."""
    rows = connection.scalars(
        select(func.ST_AsBinary(track.c.geom))
        .where(
            and_(track.c.started_at < period.end, track.c.ended_at >= period.start),
            in_box(track.c.geom, *bounds),
        )
        .order_by(track.c.started_at, track.c.id)
    )
    return np.asarray(shapely.from_wkb(np.array([bytes(row) for row in rows], dtype=object)), dtype=object)
