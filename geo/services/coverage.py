"""How much of what is due was visited, and how much of the ground was walked."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.db import coverage as rows
from geo.db.measures import grids_of_level
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.coverage import Coverage, Density, GridGround, GroundCoverage
from geo.domain.entities import EntityKind
from geo.domain.grids import Level
from geo.domain.measures import AreaShare, Period
from geo.domain.shapes import Bounds
from geo.geometry.crs import STORAGE, to_lonlat
from geo.geometry.density import bin_size
from geo.geometry.projection import reproject_xy
from geo.geometry.swaths import covered_areas_m2, step_m
from geo.geometry.tracks import walked
from geo.services.shapes import get_shapes

SWATH_M = 20.0
SPEED_LIMIT_M_PER_S = 35.0
GAP_S = 600.0
"""Nobody patrols faster than 126 km/h, and nobody knows the way taken in ten silent minutes."""

CELL_M = 50.0


def subject_coverage(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    *,
    level: Level | None = None,
    kind: EntityKind | None = None,
    at: datetime | None = None,
) -> Coverage:
    """Give the share of active entities that were visited at least once in a period, by grid.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    period : Period
        In which visits count.
    level : Level, optional
        The level of the grids; the leaves by default.
    kind : EntityKind, optional
        The kind of entities that count; all by default.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Returns
    -------
    Coverage
        By code; a grid in which nothing is due has no rate.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    """
    return rows.subject_coverage(
        uow.connection,
        period,
        level=level,
        kind=kind,
        jurisdiction=actor.jurisdiction(Action.READ_MEASURES),
        at=at,
    )


def visit_density(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    *,
    kind: EntityKind | None = None,
    cell_m: float = CELL_M,
) -> Density:
    """Give the visits of a period, counted in square bins.

    Parameters
    ----------
    actor : Actor
        Who asks: visits in the grids of their jurisdiction count.
    uow : UnitOfWork
        The transaction.
    period : Period
        In which visits count.
    kind : EntityKind, optional
        The kind of entities whose visits count; by default all, with visits to places.
    cell_m : float, optional
        Side of a bin, metres.

    Returns
    -------
    Density
        The fullest bins first.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    NoDivision
        If no division is in force.
    """
    jurisdiction = actor.jurisdiction(Action.READ_MEASURES)
    _, south, _, north = get_shapes(uow).bounds
    return rows.visit_density(
        uow.connection,
        period,
        kind=kind,
        cell_m=cell_m,
        bin_degrees=bin_size(cell_m, (south + north) / 2),
        jurisdiction=jurisdiction,
    )


def ground_coverage(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    *,
    level: Level | None = None,
    swath_m: float = SWATH_M,
    at: datetime | None = None,
) -> GroundCoverage:
    """Give the share of the ground that lies along the tracks of a period, by grid.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    period : Period
        In which fixes count.
    level : Level, optional
        The level of the grids; the leaves by default.
    swath_m : float, optional
        Width of the strip that somebody on a track sees, metres.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Returns
    -------
    GroundCoverage
        By code, measured to the step of a lattice. Steps faster than `SPEED_LIMIT_M_PER_S` or longer than
        `GAP_S` aren't walked.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    NoDivision, NotFound
        If no division is in force, or it has no such level.
    """
    grids = grids_of_level(uow.connection, level, actor.jurisdiction(Action.READ_MEASURES), at)
    shapes = get_shapes(uow, level, at)
    cells = shapes.cells[shapes.places([grid.code for grid in grids])]
    if not grids:
        return GroundCoverage(period, swath_m, step_m(swath_m), ())
    tracks = rows.tracks_near(uow.connection, period, _surroundings(cells, shapes.crs, swath_m))
    covered_m2 = covered_areas_m2(cells, _ways(tracks, period, shapes.crs), swath_m=swath_m)
    shares = map(AreaShare, covered_m2.tolist(), shapely.area(cells).tolist())
    return GroundCoverage(period, swath_m, step_m(swath_m), tuple(map(GridGround, grids, shares)))


def _surroundings(cells: NDArray[np.object_], metric: CRS, margin_m: float) -> Bounds:
    """Give a box of degrees around cells, with a margin at each side."""
    west, south, east, north = shapely.total_bounds(to_lonlat(cells, metric)).tolist()
    width, height = bin_size(margin_m, max(abs(south), abs(north)))
    return west - width, south - height, east + width, north + height


def _ways(tracks: NDArray[np.object_], period: Period, metric: CRS) -> NDArray[np.object_]:
    fixes, owner = shapely.get_coordinates(tracks, include_m=True, return_index=True)
    within = (fixes[:, 2] >= period.start.timestamp()) & (fixes[:, 2] < period.end.timestamp())
    lon, lat, seconds = fixes[within].T
    xy = np.column_stack(reproject_xy(lon, lat, STORAGE, metric))
    return walked(xy, seconds, owner[within], speed_limit_m_per_s=SPEED_LIMIT_M_PER_S, gap_s=GAP_S)
