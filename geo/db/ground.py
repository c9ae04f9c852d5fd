"""Ground features, as the background is drawn from them."""

from __future__ import annotations

import numpy as np
import shapely
from sqlalchemy import Connection, case, func, select

from geo.db.expressions import in_box
from geo.db.tables import ground_feature
from geo.domain.ground import Ground, GroundKind
from geo.domain.shapes import Bounds

_ORDER = case({kind.value: order for order, kind in enumerate(GroundKind)}, value=ground_feature.c.kind)


def ground(connection: Connection, bounds: Bounds, *, limit: int) -> Ground:
    """Give the features that meet a box in the order in which they are drawn; of many, the largest."""
    size = func.greatest(
        func.ST_Area(ground_feature.c.geom), func.power(func.ST_Length(ground_feature.c.geom), 2)
    )
    largest = (
        select(ground_feature.c.id)
        .where(in_box(ground_feature.c.geom, *bounds))
        .order_by(size.desc(), ground_feature.c.id)
        .limit(limit)
    )
    rows = connection.execute(
        select(ground_feature.c.kind, func.ST_AsBinary(ground_feature.c.geom).label("wkb"))
        .where(ground_feature.c.id.in_(largest))
        .order_by(_ORDER, ground_feature.c.id)
    ).all()
    geometries = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
    return Ground(tuple(GroundKind(row.kind) for row in rows), np.asarray(geometries, dtype=object))
