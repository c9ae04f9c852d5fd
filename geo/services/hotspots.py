"""Where issues lie together more, or less, than chance would have them."""

from __future__ import annotations

from datetime import datetime

from geo.db import hotspots as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.grids import Level
from geo.domain.hotspots import Hotspots, find_hotspots
from geo.domain.measures import Period
from geo.services.shapes import get_shapes


def hotspots(
    actor: Actor,
    uow: UnitOfWork,
    period: Period,
    *,
    level: Level | None = None,
    category: str | None = None,
    at: datetime | None = None,
) -> Hotspots:
    """Give the hot and cold spots of the issues reported in a period.

    Parameters
    ----------
    actor : Actor
        Who asks: the grids of their jurisdiction are compared with each other, and with no others.
    uow : UnitOfWork
        The transaction.
    period : Period
        In which the issues were reported.
    level : Level, optional
        The level of the grids; the leaves by default.
    category : str, optional
        The category of the issues; all by default.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Returns
    -------
    Hotspots
        By code.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    NoDivision, NotFound
        If no division is in force, or it has no such level.
    """
    jurisdiction = actor.jurisdiction(Action.READ_MEASURES)
    shapes = get_shapes(uow, level, at)
    counts, unlocated = rows.issue_counts(
        uow.connection, period, level=level, category=category, jurisdiction=jurisdiction, at=at
    )
    i, j = shapes.pairs_among([grid.code for grid, _ in counts])
    return find_hotspots(period, counts, i, j, unlocated=unlocated)
