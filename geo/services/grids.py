"""Reading grids: everybody may, but what else came with them needs an account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import shapely

from geo.db import grids as rows
from geo.db.generations import successions_of
from geo.db.jurisdictions import chains
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import ANONYMOUS, Action, Actor
from geo.domain.grids import Grid, GridFilter, GridName, Neighbour
from geo.domain.lineage import Succession
from geo.domain.pages import Page
from geo.domain.people import Responsible
from geo.errors import NotFound
from geo.geometry.crs import metric_crs, to_metric
from geo.services.people import responsible_by_grid


@dataclass(frozen=True, slots=True)
class GridHistory:
    """What a code stood for, from generation to generation.

    Attributes
    ----------
    versions : tuple of Grid
        One a generation, without shapes, the oldest first.
    successions : tuple of Succession
        Where its ground came from and went to.
    """

    versions: tuple[Grid, ...]
    successions: tuple[Succession, ...]


def list_grids(
    actor: Actor,
    uow: UnitOfWork,
    chosen: GridFilter,
    *,
    at: datetime | None,
    after: int,
    limit: int,
    with_geometry: bool,
    may: Action = Action.READ_GRIDS,
) -> Page[Grid]:
    """Give a page of the grids of the generation that holds at a time.

    Parameters
    ----------
    actor : Actor
        Who asks; without an account nobody sees the attributes, which may name people.
    uow : UnitOfWork
        The transaction.
    chosen : GridFilter
        Which grids.
    at : datetime or None
        As of when; None is now.
    after, limit : int
        Where the page begins, and how long it is at most.
    with_geometry : bool
        Whether their shapes are wanted.
    may : Action, optional
        Only grids in which the actor may do this; reading grids, which everybody may, by default.

    Returns
    -------
    Page of Grid
        Empty if no generation holds.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may do so nowhere.
    """
    page = rows.list_grids(
        uow.connection,
        chosen,
        actor.jurisdiction(may),
        at=at,
        after=after,
        limit=limit,
        with_geometry=with_geometry,
    )
    return Page(tuple(_as_seen_by(actor, grid) for grid in page.rows), page.next)


def get_grid(actor: Actor, uow: UnitOfWork, code: str, *, at: datetime | None) -> Grid:
    """Give the grid of that code in the generation that holds at a time.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    code : str
        Its code.
    at : datetime or None
        As of when; None is now.

    Returns
    -------
    Grid
        With its shape.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = rows.one_grid(uow.connection, code, at)
    if found is None:
        raise NotFound(kind="grid", key=code)
    return _as_seen_by(actor, found)


def require_place(
    actor: Actor, uow: UnitOfWork, action: Action, code: str | None, at: datetime | None = None
) -> None:
    """Return only if the actor may take an action in the whole of a place.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    action : Action
        What is to be done.
    code : str or None
        Code of a grid of any level; None for the whole city.
    at : datetime, optional
        The grid is one of the division that held then; of the one in force by default.

    Raises
    ------
    NotFound
        If there is no such grid.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not.
    """
    actor.jurisdiction(action)
    if code is None:
        return actor.require(action, ())
    get_grid(actor, uow, code, at=at)
    return actor.require(action, chains(uow.connection, {code}, at)[code])


def _as_seen_by(actor: Actor, grid: Grid) -> Grid:
    return replace(grid, attributes={}) if actor == ANONYMOUS else grid


def who_is_responsible(uow: UnitOfWork, code: str, day: date) -> tuple[Responsible, ...]:
    """Give whom the public may turn to in a grid on a day.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    code : str
        Code of the grid.
    day : date
        A day in the city.

    Returns
    -------
    tuple of Responsible
        The highest post first.
    """
    return responsible_by_grid(uow, day, [code]).get(code, ())


def find_neighbours(
    actor: Actor, uow: UnitOfWork, code: str, *, at: datetime | None
) -> tuple[Neighbour, ...]:
    """Give the grids of the same level that share a border with a grid.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    code : str
        Code of the grid.
    at : datetime or None
        As of when; None is now.

    Returns
    -------
    tuple of Neighbour
        The longest border first. Grids that meet it in points alone are no neighbours.

    Raises
    ------
    NotFound
        If there is no such grid.
    """
    centre = get_grid(actor, uow, code, at=at)
    around = rows.grids_around(uow.connection, centre)
    borders = shapely.boundary(np.array([centre.geometry, *(grid.geometry for grid in around)], dtype=object))
    common = shapely.intersection(borders[0], borders[1:])
    metric = metric_crs(tuple(shapely.bounds(centre.geometry)))
    lengths_m = shapely.length(to_metric(common, metric))
    found = [
        Neighbour(GridName(grid.code, grid.name, grid.level), float(length_m))
        for grid, length_m in zip(around, lengths_m, strict=True)
        if length_m > 0
    ]
    return tuple(sorted(found, key=lambda neighbour: -neighbour.shared_border_m))


def get_history(actor: Actor, uow: UnitOfWork, code: str) -> GridHistory:
    """Give what a code stood for in each generation, and where its ground came from and went to.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    code : str
        Code of a grid, in force or retired.

    Returns
    -------
    GridHistory
        The oldest first.

    Raises
    ------
    NotFound
        If the code was never used.
    """
    versions = rows.versions(uow.connection, code)
    if not versions:
        raise NotFound(kind="grid", key=code)
    return GridHistory(
        tuple(_as_seen_by(actor, grid) for grid in versions), successions_of(uow.connection, code)
    )
