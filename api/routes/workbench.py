"""The planner's workbench: the plans there are, and one of them on its map."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import DatabaseDep, Id, SettingsDep, may
from api.frames import FrameDep
from api.pages import answer
from api.routes.maps import GenerationDep
from api.routes.plans import DraftsDep
from geo.domain.actors import Action
from geo.services.ground import get_ground
from geo.services.plans import get
from geo.services.shapes import get_shapes
from webmap.assets import Linked
from webmap.base_map import parts
from webmap.layers.draft import bounds_of
from webmap.maps import draft_map
from webmap.pages.plan_print import Sheet, plan_print
from webmap.pages.workbench import plans_page, workbench_page
from webmap.thumbnails import thumbnail

router = APIRouter(include_in_schema=False, dependencies=[Depends(may(Action.READ_PLANS))])


@router.get("/workbench")
def show_plans(request: Request, frame: FrameDep) -> HTMLResponse:
    """Give the list of plans."""
    return answer(request, frame, plans_page(frame))


@router.get("/workbench/{plan}")
def show_workbench(
    *,
    request: Request,
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    settings: SettingsDep,
    plan: Id,
) -> HTMLResponse:
    """Give the map of a plan with its tools."""
    with database.read() as uow:
        shapes = get_shapes(uow, generation.levels[-1])
    drawn_on = parts(draft_map(shapes, frame.translator, Linked(frame.nonce)))
    return answer(request, frame, workbench_page(frame, plan, drawn_on, settings.base_maps))


@router.get("/workbench/{plan}/thumbnail.svg")
def show_thumbnail(
    request: Request, frame: FrameDep, database: DatabaseDep, drafts: DraftsDep, plan: Id
) -> Response:
    """Give a small drawing of a plan; it stays the same as long as its revision does."""
    with database.read() as uow:
        record, draft = get(frame.actor, uow, drafts, plan)
    etag = f'"{plan}-{record.plan.revision}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(thumbnail(draft), headers=headers, media_type="image/svg+xml")


@router.get("/workbench/{plan}/print")
def show_print(
    request: Request, frame: FrameDep, database: DatabaseDep, drafts: DraftsDep, plan: Id
) -> HTMLResponse:
    """Give a plan as it is printed on A3."""
    with database.read() as uow:
        record, draft = get(frame.actor, uow, drafts, plan)
        ground = get_ground(uow, bounds_of(draft))
    sheet = Sheet(record, draft, ground, datetime.now(UTC))
    return answer(request, frame, plan_print(frame, sheet))
