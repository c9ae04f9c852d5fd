"""Publishing a division, and reading what was published."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from geo.db import generations as rows
from geo.db import homes, lineage
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.generations import Division, Generation
from geo.domain.homes import Followed, households_moved
from geo.domain.lineage import Succession, overlay
from geo.errors import FixedLevel, NotFound, OverlappingValidity, RetiredCode
from geo.services.homes import follow, rehome

CHANNEL = "wangge_generation"
"""Where each publication is told to every process, with the id of the generation."""


def publish(
    actor: Actor,
    uow: UnitOfWork,
    division: Division,
    *,
    name: str,
    valid_from: datetime,
    batch_id: int | None = None,
) -> Generation:
    """Let a division hold from a time on, with its lineage, and everything located re-homed.

    Parameters
    ----------
    actor : Actor
        Who publishes; needs the right in the whole city.
    uow : UnitOfWork
        The transaction: all of it happens, or nothing.
    division : Division
        The grids of all levels; the leaves tile their parents.
    name : str
        What its planners call it.
    valid_from : datetime
        Aware. The generation that was open ends here. What is located is re-homed at once if this isn't in
        the future, else by `take_effect` when the time has come.
    batch_id : int, optional
        The import batch that it came from.

    Returns
    -------
    Generation
        The new generation.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not publish for the whole city.
    BadValue
        If the division isn't one: see `Division.check`.
    OverlappingValidity
        If a generation that begins at that time or later is published already.
    RetiredCode, FixedLevel
        If codes of retired grids, or of grids of another level, are used.

    Notes
    -----
    Publications wait for one another. Processes hear of it on the channel ``wangge_generation``.
    """
    generation, _ = publish_and_follow(
        actor, uow, division, name=name, valid_from=valid_from, batch_id=batch_id
    )
    return generation


def publish_and_follow(
    actor: Actor,
    uow: UnitOfWork,
    division: Division,
    *,
    name: str,
    valid_from: datetime,
    batch_id: int | None = None,
) -> tuple[Generation, tuple[Followed, ...]]:
    """Do as `publish` does, and give where everything is that may have moved as well.

    Parameters
    ----------
    actor : Actor
        Who publishes.
    uow : UnitOfWork
        The transaction.
    division : Division
        What is to hold.
    name : str
        What it is called.
    valid_from : datetime
        From when, aware.
    batch_id : int, optional
        The import that it came with.

    Returns
    -------
    generation : Generation
        The new generation.
    followed : tuple of Followed
        What lay in grids that came, went or changed, by table.

    Raises
    ------
    GridError
        See `publish`.
    """
    actor.require(Action.IMPORT_DIVISION, ())
    division.check()
    connection = uow.connection
    rows.lock_publication(connection)
    _check_time(uow, valid_from)
    _check_codes(uow, division)
    predecessor_id = rows.close_generations(connection, valid_from)
    generation_id = rows.insert_generation(
        connection, name=name, valid_from=valid_from, published_by=actor.name, batch_id=batch_id
    )
    rows.register_codes(connection, generation_id, division)
    rows.insert_grids(connection, generation_id, division, predecessor_id)
    followed = follow(uow, predecessor_id, generation_id)
    if predecessor_id is not None:
        _trace(uow, predecessor_id, generation_id, followed)
    if valid_from <= datetime.now(UTC):
        homes.settle(connection, followed, generation_id)
    change = {"name": name, "valid_from": valid_from.isoformat(), "grids": len(division.codes)}
    uow.record(actor, "publish", "generation", generation_id, change)
    uow.notify(CHANNEL, str(generation_id))
    return get_generation(uow, generation_id), followed


def _check_time(uow: UnitOfWork, valid_from: datetime) -> None:
    latest = rows.latest_start(uow.connection)
    if latest is not None and latest >= valid_from:
        raise OverlappingValidity(valid_from=valid_from.isoformat(), published=latest.isoformat())


def _check_codes(uow: UnitOfWork, division: Division) -> None:
    if retired := rows.retired_among(uow.connection, division.codes):
        raise RetiredCode(codes=retired)
    if fixed := rows.fixed_elsewhere(uow.connection, division):
        raise FixedLevel(codes=fixed)


def _trace(uow: UnitOfWork, predecessor_id: int, generation_id: int, followed: tuple[Followed, ...]) -> None:
    connection = uow.connection
    before, old = rows.leaf_cells(connection, predecessor_id)
    after, new = rows.leaf_cells(connection, generation_id)
    lineage.insert_lineage(connection, before, after, overlay(old, new))
    households = np.hstack([homes.households_that_stay(connection), households_moved(followed)])
    lineage.count_households(connection, predecessor_id, generation_id, households)


def take_effect(uow: UnitOfWork) -> int:
    """Let everything located be at home in the generation whose time has come.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.

    Returns
    -------
    int
        How many rows have another home than before.
    """
    now = datetime.now(UTC)
    holding = homes.holding(uow.connection, now)
    if holding is None or homes.is_settled(uow.connection, holding):
        return 0
    rows.lock_publication(uow.connection)
    return rehome(uow, now)


def told_at(uow: UnitOfWork, at: datetime | None) -> datetime | None:
    """Give a time at which the division holds that tells of a time; None where the one in force does.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    at : datetime or None
        Aware; None is now. What was before the first division is told by the first.
    """
    return at and rows.told_by(uow.connection, at)


def list_generations(uow: UnitOfWork) -> tuple[Generation, ...]:
    """Give every generation, the oldest first.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.

    Returns
    -------
    tuple of Generation
        Public, like the grids.
    """
    return rows.all_generations(uow.connection)


def get_generation(uow: UnitOfWork, generation_id: int) -> Generation:
    """Give the generation of that id.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    generation_id : int
        Which one.

    Returns
    -------
    Generation
        As published.

    Raises
    ------
    NotFound
        If there is none.
    """
    found = rows.one_generation(uow.connection, generation_id)
    if found is None:
        raise NotFound(kind="generation", key=generation_id)
    return found


def get_lineage(uow: UnitOfWork, generation_id: int) -> tuple[Succession, ...]:
    """Give what gave ground to the grids of a generation.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    generation_id : int
        The generation of the successors.

    Returns
    -------
    tuple of Succession
        By level and code; empty for the first generation.

    Raises
    ------
    NotFound
        If there is no such generation.
    """
    get_generation(uow, generation_id)
    return rows.successions_into(uow.connection, generation_id)
