"""Posts of grids: what is the matter with them, who stands in for whom, who is away."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.parameters import RevisionDep, SliceDep, etag_of
from api.schemas.posts import (
    End,
    LeaveInput,
    LeaveList,
    LeaveSchema,
    PartnershipInput,
    PartnershipPage,
    PartnershipSchema,
    PostFindings,
    PrincipleList,
    PrincipleSchema,
)
from geo.domain.actors import Action, Actor
from geo.services import posts

router = APIRouter(tags=["people"])

Reader = Annotated[Actor, Depends(may(Action.READ_PEOPLE))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_PEOPLE))]
GridCode = Annotated[
    str | None, Query(min_length=1, max_length=64, description="网格代码 · Only in this grid and below")
]
Day = Annotated[
    date | None,
    Query(ge=date(1970, 1, 1), le=date(2199, 12, 31), description="默认今天 · Today without"),
]


@router.get("/posts/findings", operation_id="list_post_findings", summary="岗位问题 · What posts lack")
def list_post_findings(
    actor: Reader, database: DatabaseDep, today: TodayDep, grid: GridCode = None, at: Day = None
) -> PostFindings:
    """Give vacancies, double posts, missing partners and the like, each with the rule that asks for more."""
    day = at or today
    with database.read() as uow:
        return PostFindings.of(day, posts.staffing(actor, uow, day, grid))


@router.get("/rules/principles", operation_id="list_principles", summary="划分原则 · Principles of division")
def list_principles(
    actor: Reader, database: DatabaseDep, today: TodayDep, grid: GridCode = None, at: Day = None
) -> PrincipleList:
    """Give how many grids meet each principle of the division, of how many."""
    day = at or today
    with database.read() as uow:
        held = posts.principles(actor, uow, day, grid)
    return PrincipleList(at=day, principles=[PrincipleSchema.of(one) for one in held])


@router.get("/partnerships", operation_id="list_partnerships", summary="AB岗 · Partners")
def list_partnerships(
    actor: Reader, database: DatabaseDep, part: SliceDep, grid: GridCode = None
) -> PartnershipPage:
    """Give which grids stand in for each other, each pair from both sides."""
    with database.read() as uow:
        found = posts.list_partnerships(actor, uow, grid_code=grid, after=part.after, limit=part.limit)
    return PartnershipPage.of(found)


@router.post(
    "/partnerships", operation_id="create_partnership", summary="设AB岗 · New partners", status_code=201
)
def create_partnership(
    actor: Writer, given: PartnershipInput, database: DatabaseDep, response: Response
) -> PartnershipSchema:
    """Let the holders of a post in two neighbouring grids stand in for each other."""
    with database.write() as uow:
        pair = posts.pair(
            actor,
            uow,
            post=given.post,
            grid_code=given.grid,
            partner_code=given.partner,
            valid_from=given.valid_from,
            valid_to=given.valid_to,
        )
    response.headers["ETag"] = etag_of(pair.revision)
    return PartnershipSchema.of(pair)


@router.put("/partnerships/{partnership_id}", operation_id="end_partnership", summary="撤AB岗 · End partners")
def end_partnership(
    *,
    actor: Writer,
    partnership_id: Id,
    given: End,
    database: DatabaseDep,
    response: Response,
    revision: RevisionDep,
) -> PartnershipSchema:
    """Let two grids be partners no longer than until a day."""
    with database.write() as uow:
        pair = posts.part(actor, uow, partnership_id, revision, given.valid_to)
    response.headers["ETag"] = etag_of(pair.revision)
    return PartnershipSchema.of(pair)


@router.get("/people/{person_id}/leaves", operation_id="list_leaves", summary="请假 · Leave of a person")
def list_leaves(actor: Reader, person_id: Id, database: DatabaseDep, today: TodayDep) -> LeaveList:
    """Give when a person is away, the latest first."""
    with database.read() as uow:
        found = posts.list_leave(actor, uow, person_id, today)
    return LeaveList(leaves=[LeaveSchema.model_validate(one) for one in found])


@router.post(
    "/people/{person_id}/leaves", operation_id="create_leave", summary="登记请假 · New leave", status_code=201
)
def create_leave(
    *,
    actor: Writer,
    person_id: Id,
    given: LeaveInput,
    database: DatabaseDep,
    today: TodayDep,
    response: Response,
) -> LeaveSchema:
    """Let a person be away; whoever stands in serves meanwhile."""
    with database.write() as uow:
        taken = posts.take_leave(
            actor, uow, person_id, today, valid_from=given.valid_from, valid_to=given.valid_to
        )
    response.headers["ETag"] = etag_of(taken.revision)
    return LeaveSchema.model_validate(taken)


@router.put("/leaves/{leave_id}", operation_id="end_leave", summary="改返岗日期 · Change the day of return")
def end_leave(
    *,
    actor: Writer,
    leave_id: Id,
    given: End,
    database: DatabaseDep,
    today: TodayDep,
    response: Response,
    revision: RevisionDep,
) -> LeaveSchema:
    """Let a person be back on a day."""
    with database.write() as uow:
        ended = posts.end_leave(actor, uow, leave_id, today, revision=revision, valid_to=given.valid_to)
    response.headers["ETag"] = etag_of(ended.revision)
    return LeaveSchema.model_validate(ended)
