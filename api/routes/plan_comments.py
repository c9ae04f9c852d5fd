"""Comments that are pinned to grids of plans."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.routes.plans import DraftsDep
from api.schemas.plan_comments import NewPlanComment, PlanComment, PlanComments
from geo.domain.actors import Action, Actor
from geo.services import plan_comments

router = APIRouter(tags=["plans"])

Reader = Annotated[Actor, Depends(may(Action.READ_PLANS))]
Commentator = Annotated[Actor, Depends(may(Action.COMMENT_PLANS))]


@router.get(
    "/plans/{plan_id}/comments",
    operation_id="list_comments_of_plan",
    summary="方案评论 · Comments on a plan",
)
def list_comments_of_plan(actor: Reader, database: DatabaseDep, today: TodayDep, plan_id: Id) -> PlanComments:
    """Give the comments on a plan, the newest first."""
    with database.read() as uow:
        found = plan_comments.list_comments(actor, uow, plan_id, today)
    return PlanComments(comments=list(map(PlanComment.of, found)))


@router.post(
    "/plans/{plan_id}/comments",
    operation_id="comment_on_plan",
    summary="评论网格 · Comment on a grid of a plan",
    status_code=201,
)
def comment_on_plan(
    actor: Commentator,
    database: DatabaseDep,
    drafts: DraftsDep,
    today: TodayDep,
    plan_id: Id,
    given: NewPlanComment,
) -> PlanComment:
    """Pin a comment to a grid; whoever follows the plan hears of it."""
    with database.write() as uow:
        comment = plan_comments.add_comment(
            actor, uow, drafts, plan_id, grid_key=given.grid, text=given.text, day=today
        )
    return PlanComment.of(comment)


@router.post(
    "/plans/{plan_id}/comments/{comment_id}/resolve",
    operation_id="resolve_comment_on_plan",
    summary="评论已解决 · Settle a comment",
)
def resolve_comment_on_plan(
    actor: Commentator,
    database: DatabaseDep,
    drafts: DraftsDep,
    today: TodayDep,
    plan_id: Id,
    comment_id: Id,
) -> PlanComment:
    """Say that what a comment asks for is settled."""
    with database.write() as uow:
        comment = plan_comments.resolve_comment(actor, uow, drafts, plan_id, comment_id, day=today)
    return PlanComment.of(comment)
