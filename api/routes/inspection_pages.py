"""The pages of inspections: the form, the records, what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.routes.maps import GenerationDep
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action
from geo.domain.filters import Filter
from geo.services import inspections, photos
from geo.services.entities import ENTITIES
from geo.services.profiles import regimes
from webmap.base_map import parts
from webmap.layers.inspections import due_points, inspection_points
from webmap.maps import points_map
from webmap.pages.frame import Frame
from webmap.pages.inspections import (
    BlankForm,
    Paperwork,
    due_page,
    form_page,
    inspections_page,
    record_file,
    record_page,
    subjects_page,
)

router = APIRouter(include_in_schema=False)

reads = [Depends(may(Action.READ_INSPECTIONS))]
writes = [Depends(may(Action.WRITE_INSPECTIONS))]

MOST_RECORDS = 200
MOST_DUE = 500


@router.get("/inspections", dependencies=reads)
def show_inspections(
    request: Request, frame: FrameDep, generation: GenerationDep, database: DatabaseDep, today: TodayDep
) -> HTMLResponse:
    """Give the latest inspections, on the map and as a list."""
    with database.read() as uow:
        page = inspections.find(
            frame.actor, uow, Filter(), today, entity_id=None, limit=MOST_RECORDS, before=None
        )
        holding = regimes(uow, today, today + timedelta(days=1))
        setting = setting_of(request, frame, uow, generation.levels[-1])
    results = [result for regime in holding for result in regime.profile.inspections.results]
    shown = parts(points_map(setting, inspection_points(page.rows, frame.translator)))
    return answer(request, frame, inspections_page(frame, page.rows, results, shown))


@router.get("/inspections/due", dependencies=reads)
def show_due(
    request: Request,
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    today: TodayDep,
    reason: Annotated[Literal["licensed", "correction_ordered", "case_closed", ""], Query()] = "",
) -> HTMLResponse:
    """Give what needs a check by itself, and what leaves the market."""
    with database.read() as uow:
        found = inspections.due(frame.actor, uow, Filter(), today, frame.timezone)
        leaving = inspections.deregistrations(frame.actor, uow)
        setting = setting_of(request, frame, uow, generation.levels[-1])
    due = [one for one in found if reason in {"", one.reason}][:MOST_DUE]
    shown = parts(points_map(setting, due_points(due, today, frame.translator)))
    return answer(request, frame, due_page(frame, due, leaving, shown, day=today, reason=reason or None))


@router.get("/inspections/new", dependencies=writes)
def show_form(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    entity: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    q: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Give the form for a subject, or the page on which one is chosen."""
    with database.read() as uow:
        content = _chosen(frame, uow, q) if entity is None else _form(frame, uow, entity, today)
    return answer(request, frame, content)


def _chosen(frame: Frame, uow: UnitOfWork, wanted: str) -> str:
    found = inspections.subjects(frame.actor, uow, wanted.strip()) if wanted.strip() else ()
    return subjects_page(frame, wanted, found)


def _form(frame: Frame, uow: UnitOfWork, entity: int, today: TodayDep) -> str:
    blank = inspections.blank(frame.actor, uow, entity, today, frame.timezone)
    rules = blank.profile.inspections
    return form_page(
        frame, BlankForm(blank.entity, rules, blank.forms, blank.due, blank.officers, _now(frame))
    )


def _now(frame: Frame) -> datetime:
    return datetime.now(ZoneInfo(frame.timezone))


@router.get("/inspections/{inspection_id}", dependencies=reads)
def show_inspection(
    request: Request, frame: FrameDep, database: DatabaseDep, today: TodayDep, inspection_id: Id
) -> HTMLResponse:
    """Give one record."""
    with database.read() as uow:
        paper = _paperwork(frame, uow, inspection_id, today)
    return answer(request, frame, record_page(frame, paper))


@router.get("/inspections/{inspection_id}/correction", dependencies=writes)
def show_correction(
    request: Request, frame: FrameDep, database: DatabaseDep, today: TodayDep, inspection_id: Id
) -> HTMLResponse:
    """Give the form on which a record is corrected, filled in with what it says."""
    with database.read() as uow:
        before = inspections.to_correct(frame.actor, uow, inspection_id, today)
        rules = inspections.rules_of(uow, before, frame.timezone)
        subject = ENTITIES.get(frame.actor, uow, before.entity_id)
    blank = BlankForm(subject, rules, rules.forms, (), (), _now(frame), before)
    return answer(request, frame, form_page(frame, blank))


@router.get("/inspections/{inspection_id}/record.pdf", dependencies=reads)
def print_inspection(frame: FrameDep, database: DatabaseDep, today: TodayDep, inspection_id: Id) -> Response:
    """Give one record on paper, in as many copies as the profile asks for."""
    with database.read() as uow:
        paper = _paperwork(frame, uow, inspection_id, today)
        pictures = [photos.thumbnail(frame.actor, uow, photo.id) for photo in paper.photos]
    content = record_file(frame.translator, paper, pictures, datetime.now(UTC))
    headers = {"Content-Disposition": f'inline; filename="inspection-{inspection_id}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _paperwork(frame: Frame, uow: UnitOfWork, key: int, today: TodayDep) -> Paperwork:
    found = inspections.get(frame.actor, uow, key, today)
    rules = inspections.rules_of(uow, found, frame.timezone)
    return Paperwork(found, rules, inspections.photos(frame.actor, uow, found))
