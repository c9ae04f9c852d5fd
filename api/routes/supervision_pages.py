"""The pages of supervisors: suspicious records, key people, and the looks at them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from api.dependencies import DatabaseDep, TodayDep, may
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.routes.maps import Chosen, GenerationDep
from geo.domain.actors import Action
from geo.domain.filters import Filter
from geo.domain.suspicions import SuspicionKind
from geo.services import privacy
from geo.services.profiles import profile_at
from geo.services.suspicions import suspicions
from webmap.base_map import parts
from webmap.layers.inspections import suspicion_points
from webmap.maps import points_map
from webmap.pages.key_people import key_people_page
from webmap.pages.suspicions import suspicions_page

router = APIRouter(include_in_schema=False)

MOST_ROWS = 500


class SuspicionChosen(Chosen):
    """What the address of the page of suspicious records says."""

    kind: SuspicionKind | None = Field(default=None)


@router.get("/suspicions", dependencies=[Depends(may(Action.READ_SUSPICIONS))])
def show_suspicions(
    request: Request,
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    chosen: Annotated[SuspicionChosen, Query()],
) -> HTMLResponse:
    """Give suspicious records, on the map and as a list."""
    days = chosen.days(frame.timezone)
    with database.read() as uow:
        found = suspicions(frame.actor, uow, days.period, Filter(kind=chosen.kind), frame.timezone)
        setting = setting_of(request, frame, uow, generation.levels[-1])
    shown = found[:MOST_ROWS]
    drawn = parts(points_map(setting, suspicion_points(shown, frame.translator)))
    return answer(request, frame, suspicions_page(frame, shown, days, chosen.kind, drawn))


@router.get("/key-people", dependencies=[Depends(may(Action.READ_KEY_PEOPLE))])
def show_key_people(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    grid: Annotated[str | None, Query(max_length=40)] = None,
) -> HTMLResponse:
    """Give the register of key people, masked, and who has looked at whom."""
    actor, chosen = frame.actor, grid or None
    with database.read() as uow:
        page = privacy.list_key_people(
            actor, uow, today, grid_code=chosen, kind=None, after=0, limit=MOST_ROWS
        )
        looks = (
            privacy.list_looks(actor, uow, today, before=None, limit=MOST_ROWS).rows
            if frame.may(Action.READ_LOOKS)
            else ()
        )
        kinds = profile_at(uow, chosen, today).privacy.key_kinds
    return answer(request, frame, key_people_page(frame, page.rows, looks, kinds))
