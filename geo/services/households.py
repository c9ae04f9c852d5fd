"""Use cases of households."""

from __future__ import annotations

from geo.db import households as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.households import Household
from geo.services.entities import ENTITIES


def households_of(actor: Actor, uow: UnitOfWork, building_id: int) -> tuple[Household, ...]:
    """Give the households that live in a building, by door.

    Parameters
    ----------
    actor : Actor
        Who asks: who may report visits there.
    uow : UnitOfWork
        The transaction.
    building_id : int
        The building.

    Raises
    ------
    NotFound
        If there is no such entity.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not report visits there.
    """
    actor.jurisdiction(Action.WRITE_PATROLS)
    ENTITIES.get(actor, uow, building_id)
    actor.require(Action.WRITE_PATROLS, ENTITIES.rows.chain(uow.connection, building_id))
    return rows.households_of(uow.connection, building_id)


def building_of(uow: UnitOfWork, household_id: int) -> int | None:
    """Give the building of a household, None where there is no such household."""
    return rows.building_of(uow.connection, household_id)
