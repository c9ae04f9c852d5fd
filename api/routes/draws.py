"""The double-random draw, and who never inspects what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.schemas.draws import Draw, Draws, NewConflict, NewDraw, Proof, Verdict
from geo.domain.actors import Action, Actor
from geo.services import draws

router = APIRouter(tags=["draws"])

Reader = Annotated[Actor, Depends(may(Action.READ_DRAWS))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_DRAWS))]


@router.get("/draws", operation_id="list_draws", summary="双随机抽取列表 · Draws")
def list_draws(actor: Reader, database: DatabaseDep) -> Draws:
    """Give the draws of the grids where the caller may read, the latest first."""
    with database.read() as uow:
        return Draws(draws=list(map(Draw.of, draws.list_draws(actor, uow))))


@router.post("/draws", operation_id="create_draw", summary="固定抽取范围 · Commit to a draw", status_code=201)
def create_draw(actor: Writer, database: DatabaseDep, today: TodayDep, given: NewDraw) -> Draw:
    """Fix who and what may be drawn, and publish its digest with the commitment of a seed."""
    with database.write() as uow:
        record = draws.commit(
            actor,
            uow,
            title=given.title,
            size=given.size,
            targets=given.targets(),
            duty=given.duty,
            grid_code=given.grid,
            day=today,
        )
    return Draw.of(record)


@router.get("/draws/{draw_id}", operation_id="read_draw", summary="双随机抽取 · One draw")
def read_draw(actor: Reader, database: DatabaseDep, today: TodayDep, draw_id: Id) -> Draw:
    """Give a draw, with its seed and what it has drawn once it was revealed."""
    with database.read() as uow:
        return Draw.of(draws.read_draw(actor, uow, draw_id, today))


@router.post("/draws/{draw_id}/reveal", operation_id="reveal_draw", summary="公布结果 · Reveal a draw")
def reveal_draw(actor: Writer, database: DatabaseDep, today: TodayDep, draw_id: Id) -> Draw:
    """Publish the seed of a draw with what it draws; a draw that was revealed stays as it is."""
    with database.write() as uow:
        return Draw.of(draws.reveal(actor, uow, draw_id, today))


@router.get("/draws/{draw_id}/proof", operation_id="read_proof", summary="抽取凭证 · All that repeats a draw")
def read_proof(actor: Reader, database: DatabaseDep, today: TodayDep, draw_id: Id) -> Proof:
    """Give frame, seed and list, for anybody to repeat the draw; `wangge draw repeat` does it."""
    with database.read() as uow:
        return Proof.model_validate(draws.read_draw(actor, uow, draw_id, today).proof())


@router.post("/draws/repeat", operation_id="repeat_draw", summary="核验抽取 · Repeat a draw")
def repeat_draw(actor: Reader, given: Proof) -> Verdict:
    """Draw again from a proof, and tell whether it is the same."""
    verdict = draws.repeat(actor, given.model_dump())
    return Verdict(
        holds=verdict.holds,
        frame_holds=verdict.frame_holds,
        seed_holds=verdict.seed_holds,
        list_holds=verdict.list_holds,
    )


@router.post(
    "/conflicts", operation_id="declare_conflict", summary="申报回避 · Declare a conflict", status_code=204
)
def declare_conflict(actor: Reader, database: DatabaseDep, given: NewConflict) -> None:
    """Let somebody never be drawn to inspect an entity."""
    with database.write() as uow:
        draws.declare_conflict(
            actor, uow, person_id=given.person_id, entity_id=given.entity_id, reason=given.reason
        )
