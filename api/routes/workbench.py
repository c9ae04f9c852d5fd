"""The planner's workbench: the plans there are, and one of them on its map."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.dependencies import DatabaseDep, Id, SettingsDep, may
from api.frames import FrameDep
from api.pages import answer
from api.routes.maps import GenerationDep
from geo.domain.actors import Action
from geo.services.shapes import get_shapes
from webmap.assets import Linked
from webmap.base_map import parts
from webmap.maps import draft_map
from webmap.pages.workbench import plans_page, workbench_page

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
