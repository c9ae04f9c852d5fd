"""Plans: drafts of a division, from the first line to publication."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.schemas import plans as schemas
from api.schemas.comparisons import SIDE, DivisionComparison
from api.schemas.plan_checks import PlanValidation
from api.schemas.plans import (
    GEOJSON,
    AnyOperation,
    Changed,
    DraftCollection,
    Jump,
    NewPlan,
    NextState,
    PlanDetails,
    Plans,
    PlanSummary,
    Undoing,
)
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.comparisons import Side, SideKind
from geo.domain.plan_checks import Range
from geo.services import comparisons, plan_checks, plan_states, plan_steps, plans
from geo.services.plan_drafts import Drafts
from geo.services.plan_operations import Asked, Step, operate, preview

router = APIRouter(tags=["plans"])

Reader = Annotated[Actor, Depends(may(Action.READ_PLANS))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_PLANS))]
Publisher = Annotated[Actor, Depends(may(Action.PUBLISH_PLANS))]


async def _drafts(request: Request) -> Drafts:
    drafts: Drafts = request.app.state.drafts
    return drafts


DraftsDep = Annotated[Drafts, Depends(_drafts)]


def _details(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int) -> PlanDetails:
    record, _ = plans.get(actor, uow, drafts, plan_id)
    return PlanDetails.of_record(record, plan_states.possible_steps(actor, record))


def _changed(step: Step) -> Response:
    return Response(schemas.changed(step), media_type="application/json")


@router.get("/plans", operation_id="list_plans", summary="划分方案列表 · Plans")
def list_plans(actor: Reader, database: DatabaseDep) -> Plans:
    """Give every plan, the one changed last first."""
    with database.read() as uow:
        return Plans(plans=list(map(PlanSummary.of, plans.list_plans(actor, uow))))


@router.post("/plans", operation_id="create_plan", summary="新建划分方案 · New plan", status_code=201)
def create_plan(actor: Writer, database: DatabaseDep, drafts: DraftsDep, given: NewPlan) -> PlanDetails:
    """Begin a draft on the division published last, or with what another plan has done."""
    with database.write() as uow:
        if given.branch_of is None:
            record = plans.create(actor, uow, name=given.name)
        else:
            record = plans.branch(actor, uow, drafts, given.branch_of, name=given.name)
    with database.read() as uow:
        return _details(actor, uow, drafts, record.plan.id)


@router.get("/plans/{plan_id}", operation_id="read_plan", summary="划分方案 · One plan")
def read_plan(actor: Reader, database: DatabaseDep, drafts: DraftsDep, plan_id: Id) -> PlanDetails:
    """Give a plan with its steps, and what the caller may do with it."""
    with database.read() as uow:
        return _details(actor, uow, drafts, plan_id)


@router.get(
    "/plans/{plan_id}/grids",
    operation_id="list_grids_of_plan",
    summary="方案中的网格 · Grids of a plan as it stands",
    response_model=DraftCollection,
)
def list_grids_of_plan(actor: Reader, database: DatabaseDep, drafts: DraftsDep, plan_id: Id) -> Response:
    """Give the narrowest grids of a plan as it stands, as GeoJSON."""
    with database.read() as uow:
        _, draft = plans.get(actor, uow, drafts, plan_id)
    return Response(schemas.draft_collection(draft), media_type=GEOJSON)


Count = Annotated[
    int | None,
    Query(ge=0, lt=2**31, description="户数，默认按现行制度 · Households; by default as the rules say"),
]


@router.get(
    "/plans/{plan_id}/validation", operation_id="validate_plan", summary="方案检查 · What is found in a plan"
)
def validate_plan(
    *,
    actor: Reader,
    database: DatabaseDep,
    drafts: DraftsDep,
    day: TodayDep,
    plan_id: Id,
    low: Count = None,
    high: Count = None,
) -> PlanValidation:
    """Give gaps, overlaps, figures and shapes of a plan as it stands."""
    wanted = None if low is None and high is None else Range(low, high)
    with database.read() as uow:
        checked = plan_checks.validation(actor, uow, drafts, plan_id, wanted=wanted, day=day)
    with database.write() as uow:
        plan_checks.keep_results(uow, plan_id, checked)
    return PlanValidation.of(checked.validation)


@router.get(
    "/plans/{plan_id}/comparison",
    operation_id="compare_plan",
    summary="方案比较 · What is different in a plan",
)
def compare_plan(
    actor: Reader,
    database: DatabaseDep,
    drafts: DraftsDep,
    plan_id: Id,
    other: Annotated[
        str | None,
        Query(
            alias="with",
            pattern=SIDE,
            description="默认为方案所依据的划分 · By default the division that the plan begins with",
            examples=["generation:1"],
        ),
    ] = None,
) -> DivisionComparison:
    """Give what is different in a plan from a published division, or from another plan."""
    plan = Side(SideKind.PLAN, plan_id)
    with database.read() as uow:
        before = Side.named(other) if other else comparisons.base_of(actor, uow, drafts, plan_id)
        return DivisionComparison.of(comparisons.compare_divisions(actor, uow, drafts, before, plan))


@router.post(
    "/plans/{plan_id}/operations",
    operation_id="operate_on_plan",
    summary="编辑划分方案 · Change a plan",
    response_model=Changed,
)
def operate_on_plan(
    actor: Writer, database: DatabaseDep, drafts: DraftsDep, plan_id: Id, given: AnyOperation
) -> Response:
    """Make an operation, or tell what it would do; on top of what others did to other grids meanwhile."""
    asked = Asked(given.revision, given.kind, given.parameters.stored(given.datum), given.force)
    unit, use_case = (database.read, preview) if given.dry_run else (database.write, operate)
    with unit() as uow:
        step = use_case(actor, uow, drafts, plan_id, asked)
    return _changed(step)


@router.post(
    "/plans/{plan_id}/undo", operation_id="undo_in_plan", summary="撤销 · Undo", response_model=Changed
)
def undo_in_plan(
    actor: Writer, database: DatabaseDep, drafts: DraftsDep, plan_id: Id, given: Undoing
) -> Response:
    """Take the last operation back."""
    with database.write() as uow:
        step = plan_steps.undo(actor, uow, drafts, plan_id, revision=given.revision)
    return _changed(step)


@router.post(
    "/plans/{plan_id}/redo", operation_id="redo_in_plan", summary="重做 · Redo", response_model=Changed
)
def redo_in_plan(
    actor: Writer, database: DatabaseDep, drafts: DraftsDep, plan_id: Id, given: Undoing
) -> Response:
    """Do the operation again that was undone last."""
    with database.write() as uow:
        step = plan_steps.redo(actor, uow, drafts, plan_id, revision=given.revision)
    return _changed(step)


@router.post(
    "/plans/{plan_id}/jump",
    operation_id="jump_in_plan",
    summary="跳到某一步 · Go to a step",
    response_model=Changed,
)
def jump_in_plan(
    actor: Writer, database: DatabaseDep, drafts: DraftsDep, plan_id: Id, given: Jump
) -> Response:
    """Let the plan be as it was after a step."""
    with database.write() as uow:
        step = plan_steps.jump(actor, uow, drafts, plan_id, revision=given.revision, to_seq=given.to_seq)
    return _changed(step)


@router.post(
    "/plans/{plan_id}/state", operation_id="step_plan", summary="送审、批准、退回、归档 · Next state"
)
def step_plan(
    actor: Reader, database: DatabaseDep, drafts: DraftsDep, plan_id: Id, given: NextState
) -> PlanDetails:
    """Let a plan go to another state, short of publication."""
    with database.write() as uow:
        plan_states.take_step(
            actor, uow, drafts, plan_id, revision=given.revision, to=given.to, reason=given.reason
        )
    with database.read() as uow:
        return _details(actor, uow, drafts, plan_id)
