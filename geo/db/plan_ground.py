"""Rows of the loaded ground that operations of plans are about: buildings, roads, rivers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, func, select

from geo.db.expressions import in_box
from geo.db.tables import ground_feature
from geo.domain.ground import GroundKind
from geo.errors import NotFound
from geo.geometry.crs import STORAGE_SRID
from geo.geometry.tiling import Footprint

LINES = frozenset({GroundKind.ROAD, GroundKind.RIVER})
"""What a grid may be split along, and what parts blocks."""

_FEATURE = select(
    ground_feature.c.id, ground_feature.c.name, func.ST_AsBinary(ground_feature.c.geom).label("wkb")
)


def buildings_on(connection: Connection, ground: shapely.Geometry) -> tuple[Footprint, ...]:
    """Give the buildings with a footprint that meets lines or ground, EPSG:4326; by id."""
    place = func.ST_GeomFromWKB(shapely.to_wkb(ground), STORAGE_SRID)
    rows = connection.execute(
        _FEATURE.where(
            ground_feature.c.kind == GroundKind.BUILDING,
            func.ST_Dimension(ground_feature.c.geom) == 2,
            func.ST_Intersects(ground_feature.c.geom, place),
        ).order_by(ground_feature.c.id)
    ).all()
    return _footprints(rows)


def buildings_around(connection: Connection, ground: shapely.Geometry) -> tuple[Footprint, ...]:
    """Give the buildings with a footprint that meets the box around ground, EPSG:4326; by id."""
    rows = connection.execute(
        _FEATURE.where(
            ground_feature.c.kind == GroundKind.BUILDING,
            func.ST_Dimension(ground_feature.c.geom) == 2,
            in_box(ground_feature.c.geom, *shapely.bounds(ground).tolist()),
        ).order_by(ground_feature.c.id)
    ).all()
    return _footprints(rows)


def lines_on(connection: Connection, ground: shapely.Geometry) -> NDArray[np.object_]:
    """Give the roads and rivers that meet ground, EPSG:4326."""
    rows = connection.execute(
        _FEATURE.where(
            ground_feature.c.kind.in_(LINES),
            func.ST_Dimension(ground_feature.c.geom) == 1,
            in_box(ground_feature.c.geom, *shapely.bounds(ground).tolist()),
        ).order_by(ground_feature.c.id)
    ).all()
    return _lines(rows)


def chosen_lines(connection: Connection, ids: Sequence[int]) -> NDArray[np.object_]:
    """Give roads and rivers by their ids, EPSG:4326.

    Raises
    ------
    NotFound
        If one isn't there, or is something else.
    """
    return _lines(_chosen(connection, ids, LINES, dimension=1))


def chosen_buildings(connection: Connection, ids: Sequence[int]) -> tuple[Footprint, ...]:
    """Give buildings with a footprint by their ids.

    Raises
    ------
    NotFound
        If one isn't there, or is something else.
    """
    return _footprints(_chosen(connection, ids, {GroundKind.BUILDING}, dimension=2))


def _chosen(
    connection: Connection, ids: Sequence[int], kinds: Collection[GroundKind], *, dimension: int
) -> Sequence[Row[tuple[int, str | None, bytes]]]:
    rows = connection.execute(
        _FEATURE.where(
            ground_feature.c.id.in_(ids),
            ground_feature.c.kind.in_(kinds),
            func.ST_Dimension(ground_feature.c.geom) == dimension,
        ).order_by(ground_feature.c.id)
    ).all()
    missing = sorted(set(ids) - {row.id for row in rows})
    if missing:
        raise NotFound(kind="ground_feature", key=missing[0])
    return rows


def _shapes(rows: Sequence[Row[tuple[int, str | None, bytes]]]) -> NDArray[np.object_]:
    shapes = shapely.from_wkb(np.array([bytes(row.wkb) for row in rows], dtype=object))
    return np.asarray(shapely.force_2d(shapes), dtype=object)


def _footprints(rows: Sequence[Row[tuple[int, str | None, bytes]]]) -> tuple[Footprint, ...]:
    return tuple(Footprint(row.id, row.name, shape) for row, shape in zip(rows, _shapes(rows), strict=True))


def _lines(rows: Sequence[Row[tuple[int, str | None, bytes]]]) -> NDArray[np.object_]:
    return np.asarray(shapely.get_parts(_shapes(rows)), dtype=object)
