"""Publishing plans, and what followed from it."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, Id, SettingsDep, TodayDep, may
from api.routes.plans import DraftsDep, Reader
from api.schemas.plan_publication import NewPublication, PlanPublished
from geo.domain.actors import Action, Actor
from geo.services import plan_publication, plan_states

router = APIRouter(tags=["plans"])

Publisher = Annotated[Actor, Depends(may(Action.PUBLISH_PLANS))]


@router.post("/plans/{plan_id}/publish", operation_id="publish_plan", summary="发布划分方案 · Publish a plan")
def publish_plan(
    *,
    actor: Publisher,
    database: DatabaseDep,
    drafts: DraftsDep,
    settings: SettingsDep,
    plan_id: Id,
    given: NewPublication,
) -> PlanPublished:
    """Let an approved plan be the division in force from a time on, and tell what followed."""
    with database.write() as uow:
        publication = plan_publication.publish_plan(
            actor,
            uow,
            drafts,
            plan_id,
            revision=given.revision,
            name=given.name,
            valid_from=given.valid_from,
            zone=ZoneInfo(settings.timezone),
        )
    return PlanPublished.of(publication, plan_states.possible_steps(actor, publication.record))


@router.get(
    "/plans/{plan_id}/publication",
    operation_id="read_plan_publication",
    summary="发布结果 · What followed from a publication",
)
def read_plan_publication(
    actor: Reader, database: DatabaseDep, drafts: DraftsDep, today: TodayDep, plan_id: Id
) -> PlanPublished:
    """Give the division that a plan has become, and who and what went from where to where."""
    with database.read() as uow:
        publication = plan_publication.get_publication(actor, uow, drafts, plan_id, today)
    return PlanPublished.of(publication, plan_states.possible_steps(actor, publication.record))
