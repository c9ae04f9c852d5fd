"""The figures on either side of a border while it is being drawn."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, Id, may
from api.routes.plans import DraftsDep
from api.schemas.plans import AnyOperation, Foreseen
from geo.domain.actors import Action, Actor
from geo.errors import Conflict, Malformed
from geo.services.plan_operations import Asked, preview

router = APIRouter(tags=["plans"])

Writer = Annotated[Actor, Depends(may(Action.WRITE_PLANS))]


@router.post(
    "/plans/{plan_id}/figures",
    operation_id="foresee_figures",
    summary="绘制中的户数与面积 · Figures of a drawing",
)
def foresee_figures(
    actor: Writer, database: DatabaseDep, drafts: DraftsDep, plan_id: Id, given: AnyOperation
) -> Foreseen:
    """Give the figures that an operation would lead to; what isn't finished isn't an error."""
    try:
        asked = Asked(given.revision, given.kind, given.parameters.stored(given.datum), force=True)
        with database.read() as uow:
            return Foreseen.of(preview(actor, uow, drafts, plan_id, asked))
    except (Conflict, Malformed) as refusal:
        return Foreseen(before=[], after=[], refused=refusal.code)
