"""Key people: counted, listed behind masks, and looked at with a trace."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.parameters import RevisionDep, SliceDep, etag_of
from api.schemas.privacy import (
    KeyCountList,
    KeyCountSchema,
    KeyPersonInput,
    KeyPersonPage,
    KeyPersonSchema,
    LookInput,
    LookPage,
)
from geo.domain.actors import Action, Actor
from geo.services import privacy

router = APIRouter(tags=["privacy"])

Reader = Annotated[Actor, Depends(may(Action.READ_KEY_PEOPLE))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_KEY_PEOPLE))]


@router.get("/key-people", operation_id="list_key_people", summary="重点人员 · Key people")
def list_key_people(
    actor: Reader,
    database: DatabaseDep,
    today: TodayDep,
    part: SliceDep,
    grid: Annotated[str | None, Query(max_length=32, description="网格代码 · Code of a grid")] = None,
    kind: Annotated[str | None, Query(max_length=64, description="类别 · Kind")] = None,
) -> KeyPersonPage:
    """Give those on the register where the caller may read it, masked whoever asks."""
    with database.read() as uow:
        page = privacy.list_key_people(
            actor, uow, today, grid_code=grid, kind=kind, after=part.after, limit=part.limit
        )
    return KeyPersonPage.of(page)


@router.get("/key-people/counts", operation_id="count_key_people", summary="重点人员数 · Counted, not named")
def count_key_people(
    actor: Annotated[Actor, Depends(may(Action.READ_MEASURES))], database: DatabaseDep
) -> KeyCountList:
    """Give how many of each kind are on the register of each grid."""
    with database.read() as uow:
        found = privacy.count_key_people(actor, uow)
    counts = [KeyCountSchema(grid=one.grid_code, kind=one.kind, count=one.count) for one in found]
    return KeyCountList(counts=counts)


@router.post(
    "/key-people", operation_id="create_key_person", summary="登记重点人员 · Register", status_code=201
)
def create_key_person(
    actor: Writer, database: DatabaseDep, today: TodayDep, given: KeyPersonInput, response: Response
) -> KeyPersonSchema:
    """Put somebody on the register; the answer is masked."""
    with database.write() as uow:
        kept = privacy.put_on_register(actor, uow, given.data(), today)
    response.headers["ETag"] = etag_of(kept.revision)
    return KeyPersonSchema.of(kept)


@router.put("/key-people/{key_person_id}", operation_id="change_key_person", summary="修改重点人员 · Change")
def change_key_person(
    *,
    actor: Writer,
    database: DatabaseDep,
    today: TodayDep,
    key_person_id: Id,
    given: KeyPersonInput,
    revision: RevisionDep,
    response: Response,
) -> KeyPersonSchema:
    """Let somebody on the register be what is told now; the answer is masked."""
    with database.write() as uow:
        kept = privacy.change_on_register(
            actor, uow, key_person_id, revision=revision, data=given.data(), day=today
        )
    response.headers["ETag"] = etag_of(kept.revision)
    return KeyPersonSchema.of(kept)


@router.delete(
    "/key-people/{key_person_id}",
    operation_id="delete_key_person",
    summary="移出登记 · Take off the register",
    status_code=204,
)
def delete_key_person(
    actor: Writer, database: DatabaseDep, key_person_id: Id, revision: RevisionDep
) -> Response:
    """Keep nothing of somebody any more but the looks at them."""
    with database.write() as uow:
        privacy.take_off_register(actor, uow, key_person_id, revision)
    return Response(status_code=204)


@router.post(
    "/key-people/{key_person_id}/looks",
    operation_id="look_at_key_person",
    summary="查看重点人员 · Look at one",
    status_code=201,
)
def look_at_key_person(
    actor: Reader, database: DatabaseDep, today: TodayDep, key_person_id: Id, given: LookInput
) -> KeyPersonSchema:
    """Give somebody as the caller may see them; who looked, when and why is kept before anything is told."""
    with database.write() as uow:
        found = privacy.look(actor, uow, key_person_id, reason=given.reason, day=today)
    return KeyPersonSchema.of(found)


@router.get("/looks", operation_id="list_looks", summary="查看留痕 · Looks at key people")
def list_looks(
    actor: Annotated[Actor, Depends(may(Action.READ_LOOKS))],
    database: DatabaseDep,
    today: TodayDep,
    part: SliceDep,
) -> LookPage:
    """Give who looked at key people of the grids that the caller supervises, the latest first."""
    with database.read() as uow:
        return LookPage.of(privacy.list_looks(actor, uow, today, before=part.after or None, limit=part.limit))
