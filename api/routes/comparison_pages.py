"""The page of a comparison, and its files for the meeting that decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from api.dependencies import DatabaseDep, may
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.routes.maps import GenerationDep
from api.routes.plans import DraftsDep
from api.schemas.comparisons import SIDE
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action
from geo.domain.comparisons import Side
from geo.services.comparisons import Compared, compare_divisions, divisions, usual
from geo.services.ground import get_ground
from geo.services.plan_drafts import Drafts
from geo.services.shapes import get_shapes
from webmap.maps import comparison_map
from webmap.pages.comparison import Shown, View, comparison_form, comparison_page, comparison_workbook, extent
from webmap.pages.frame import Frame
from webmap.printed import Paper
from webmap.workbooks import MEDIA_TYPE as XLSX

router = APIRouter(include_in_schema=False, dependencies=[Depends(may(Action.READ_PLANS))])

PDF = "application/pdf"


class Sides(BaseModel):
    """Which two divisions an address names; what it leaves out is chosen for it."""

    before: str | None = Field(default=None, pattern=SIDE)
    after: str | None = Field(default=None, pattern=SIDE)

    def compared(self, frame: Frame, uow: UnitOfWork, drafts: Drafts) -> Compared:
        """Give the two divisions with what is different between them."""
        before, after = self.before, self.after
        if before is None or after is None:
            usually = usual(divisions(frame.actor, uow))
            before, after = before or str(usually[0]), after or str(usually[1])
        return compare_divisions(frame.actor, uow, drafts, Side.named(before), Side.named(after))


class Looked(Sides):
    """How the page looks at them."""

    view: View = View.SIDES


class OnPaper(Sides):
    """What they are printed on."""

    paper: Paper = Paper.A3_LANDSCAPE


@router.get("/comparison")
def show_comparison(
    *,
    request: Request,
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    drafts: DraftsDep,
    chosen: Annotated[Looked, Query()],
) -> HTMLResponse:
    """Give the two maps of a comparison with its figures."""
    with database.read() as uow:
        compared = chosen.compared(frame, uow, drafts)
        listed = divisions(frame.actor, uow)
        setting = setting_of(request, frame, uow, generation.levels[-1])
    grid_map = comparison_map(setting, extent(compared, setting.shapes.bounds))
    return answer(request, frame, comparison_page(frame, Shown(compared, listed, chosen.view, grid_map)))


@router.get("/comparison.xlsx")
def give_comparison_workbook(
    frame: FrameDep, database: DatabaseDep, drafts: DraftsDep, chosen: Annotated[Sides, Query()]
) -> Response:
    """Give the figures of a comparison as a workbook."""
    with database.read() as uow:
        compared = chosen.compared(frame, uow, drafts)
    return _file(comparison_workbook(compared, frame.translator), XLSX, compared, "xlsx")


@router.get("/comparison.pdf")
def give_comparison_form(
    *,
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    drafts: DraftsDep,
    chosen: Annotated[OnPaper, Query()],
) -> Response:
    """Give a comparison on paper."""
    with database.read() as uow:
        compared = chosen.compared(frame, uow, drafts)
        bounds = extent(compared, get_shapes(uow, generation.levels[-1]).bounds)
        ground = get_ground(uow, bounds)
    form = comparison_form(compared, frame.translator, chosen.paper, ground, bounds, at=datetime.now(UTC))
    return _file(form, PDF, compared, "pdf")


def _file(content: bytes, media_type: str, compared: Compared, ending: str) -> Response:
    sides = (one.side for one in (compared.before, compared.after))
    name = "-".join(("comparison", *(f"{side.kind}{side.id}" for side in sides)))
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
