"""Households of buildings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, Id, may
from api.schemas.households import Household, Households
from geo.domain.actors import Action, Actor
from geo.services.households import households_of

router = APIRouter(tags=["households"])

Writer = Annotated[Actor, Depends(may(Action.WRITE_PATROLS))]


@router.get(
    "/entities/{entity_id}/households", operation_id="list_households", summary="楼内住户 · Households"
)
def list_households(actor: Writer, database: DatabaseDep, entity_id: Id) -> Households:
    """Give the households of a building, by door and without names, for those who visit them."""
    with database.read() as uow:
        found = households_of(actor, uow, entity_id)
    return Households(households=[Household.model_validate(one) for one in found])
