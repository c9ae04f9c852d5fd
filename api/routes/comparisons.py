"""Comparisons of any two plans or published divisions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, may
from api.routes.plans import DraftsDep
from api.schemas.comparisons import DivisionComparison, SideName
from geo.domain.actors import Action, Actor
from geo.domain.comparisons import Side
from geo.services.comparisons import compare_divisions

router = APIRouter(tags=["plans"])

Reader = Annotated[Actor, Depends(may(Action.READ_PLANS))]


@router.get(
    "/comparisons",
    operation_id="compare_divisions",
    summary="比较两个划分或方案 · What is different between two divisions",
)
def compare(
    actor: Reader, database: DatabaseDep, drafts: DraftsDep, before: SideName, after: SideName
) -> DivisionComparison:
    """Give what changed hands between two plans or published divisions, grid by grid."""
    with database.read() as uow:
        return DivisionComparison.of(
            compare_divisions(actor, uow, drafts, Side.named(before), Side.named(after))
        )
