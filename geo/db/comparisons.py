"""What lies on ground that changes hands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Text, column, func, select

from geo.db.expressions import within_jurisdiction
from geo.db.tables import entity
from geo.domain.actors import Jurisdiction
from geo.domain.entities import EntityKind
from geo.geometry.crs import STORAGE_SRID

KINDS = tuple(EntityKind)
"""The order in which kinds are counted."""


def entities_on(
    connection: Connection, ground: Sequence[shapely.Geometry], jurisdiction: Jurisdiction
) -> NDArray[np.int64]:
    """Count the entities of each kind that lie on some pieces of ground, each in the first piece alone.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    ground : sequence of shapely polygon
        EPSG:4326.
    jurisdiction : Jurisdiction
        Whose entities are counted.

    Returns
    -------
    NDArray[int], shape (pieces, kinds)
        Kinds in the order of `KINDS`.
    """
    counts = np.zeros((len(ground), len(KINDS)), dtype=np.int64)
    told = [shapely.to_wkb(piece, hex=True) for piece in ground]
    pieces = (
        func.unnest(told)
        .table_valued(column("wkb", Text), with_ordinality="number", name="piece")
        .render_derived()
    )
    place = func.ST_GeomFromWKB(func.decode(pieces.c.wkb, "hex"), STORAGE_SRID)
    first = (
        select(entity.c.kind, func.min(pieces.c.number).label("number"))
        .select_from(pieces)
        .join(entity, func.ST_Intersects(place, entity.c.geom))
        .where(within_jurisdiction(entity.c.grid_id, jurisdiction))
        .group_by(entity.c.id)
        .subquery()
    )
    wanted = select(first.c.number, first.c.kind, func.count()).group_by(first.c.number, first.c.kind)
    for number, kind, count in connection.execute(wanted) if told else ():
        counts[number - 1, KINDS.index(kind)] = count
    return counts


def all_entities(connection: Connection, jurisdiction: Jurisdiction) -> NDArray[np.int64]:
    """Count the located entities of each kind.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Whose entities are counted.

    Returns
    -------
    NDArray[int], shape (kinds,)
        Kinds in the order of `KINDS`.
    """
    wanted = (
        select(entity.c.kind, func.count())
        .where(entity.c.geom.is_not(None), within_jurisdiction(entity.c.grid_id, jurisdiction))
        .group_by(entity.c.kind)
    )
    found = dict(connection.execute(wanted).tuples().all())
    return np.array([found.get(kind, 0) for kind in KINDS], dtype=np.int64)
