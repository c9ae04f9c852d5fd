"""What lies in a box, layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from sqlalchemy import Column, Connection, Select, Table, func, select

from geo.db.expressions import in_box, within_jurisdiction
from geo.db.issues import is_unresolved
from geo.db.tables import address, entity, ground_feature, issue
from geo.domain.actors import Jurisdiction
from geo.domain.context import Context
from geo.domain.entities import EntityKind, EntityState
from geo.domain.ground import GroundKind
from geo.domain.shapes import Bounds


def ground(connection: Connection, kind: GroundKind, bounds: Bounds, *, limit: int) -> Context:
    """Give the ground features of a kind; of many, the largest."""
    table = ground_feature.c
    size = func.greatest(func.ST_Area(table.geom), func.power(func.ST_Length(table.geom), 2))
    wanted = _in(ground_feature, table.name, bounds).where(table.kind == kind)
    return _found(connection, wanted.order_by(size.desc(), table.id), limit)


def households(connection: Connection, bounds: Bounds, jurisdiction: Jurisdiction, *, limit: int) -> Context:
    """Give the buildings in which somebody lives, as far as an actor may read them."""
    wanted = _entities(EntityKind.BUILDING, bounds, jurisdiction).where(entity.c.households > 0)
    return _found(connection, wanted, limit)


def premises(connection: Connection, bounds: Bounds, jurisdiction: Jurisdiction, *, limit: int) -> Context:
    """Give the premises that an actor may read."""
    return _found(connection, _entities(EntityKind.PREMISES, bounds, jurisdiction), limit)


def addresses(connection: Connection, bounds: Bounds, *, limit: int) -> Context:
    """Give the standard addresses."""
    return _found(connection, _in(address, address.c.text, bounds), limit)


def issues(connection: Connection, bounds: Bounds, jurisdiction: Jurisdiction, *, limit: int) -> Context:
    """Give the issues with something left to do that an actor may read."""
    wanted = _in(issue, issue.c.category, bounds).where(
        is_unresolved(),
        within_jurisdiction(issue.c.grid_id, jurisdiction),
    )
    return _found(connection, wanted, limit)


def _entities(kind: EntityKind, bounds: Bounds, jurisdiction: Jurisdiction) -> Select[Any]:
    return (
        _in(entity, entity.c.name, bounds)
        .add_columns(entity.c.households)
        .where(
            entity.c.kind == kind,
            entity.c.state == EntityState.ACTIVE,
            within_jurisdiction(entity.c.grid_id, jurisdiction),
        )
    )


def _in(table: Table, name: Column[str], bounds: Bounds) -> Select[Any]:
    place = table.c.geom
    return select(table.c.id, name.label("name"), func.ST_AsBinary(place).label("wkb")).where(
        in_box(place, *bounds)
    )


def _found(connection: Connection, wanted: Select[Any], limit: int) -> Context:
    rows = connection.execute(wanted.limit(limit + 1)).all()
    kept = rows[:limit]
    return Context(
        tuple(row.id for row in kept),
        tuple(row.name for row in kept),
        tuple(getattr(row, "households", None) for row in kept),
        np.asarray(shapely.from_wkb([bytes(row.wkb) for row in kept]), dtype=object).reshape(-1),
        complete=len(rows) <= limit,
    )
