"""Inspections of subjects, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import DatabaseDep, Id, SettingsDep, TodayDep, may
from api.listing import PlaceDep, Since, Until
from api.parameters import SliceDep
from api.schemas.geojson import Feature, FeatureCollection
from api.schemas.inspections import (
    BlankForm,
    Correction,
    Day,
    DeregistrationEnd,
    DeregistrationList,
    DeregistrationSchema,
    DueCollection,
    InspectionDetail,
    InspectionProperties,
    LicenceSchema,
    NewInspection,
    due_feature,
    inspection_detail,
    inspection_feature,
)
from geo.domain.actors import Action, Actor
from geo.domain.entities import EntityState
from geo.domain.inspections import Licence
from geo.services import inspections

router = APIRouter(tags=["inspections"])

Reader = Annotated[Actor, Depends(may(Action.READ_INSPECTIONS))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_INSPECTIONS))]
Entity = Annotated[int, Query(ge=1, le=2**63 - 1, description="监管对象 · Id of an entity", examples=[1])]
OnDay = Annotated[Day | None, Query(description="日期，默认今天 · The day, today by default")]


@router.get("/inspections", operation_id="list_inspections", summary="检查记录 · Inspections")
def list_inspections(
    actor: Reader,
    database: DatabaseDep,
    place: PlaceDep,
    part: SliceDep,
    today: TodayDep,
    since: Since = None,
    until: Until = None,
    result: Annotated[str | None, Query(max_length=64, description="检查结果 · Key of the result")] = None,
    entity: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="监管对象 · Id of an entity")] = None,
) -> FeatureCollection[InspectionProperties]:
    """Give the newest version of each record where the caller may read, the latest filed first."""
    wanted = replace(place, since=since, until=until, state=result)
    with database.read() as uow:
        page = inspections.find(
            actor, uow, wanted, today, entity_id=entity, limit=part.limit, before=part.after or None
        )
    return FeatureCollection(features=list(map(inspection_feature, page.rows)), next=page.next)


@router.post("/inspections", operation_id="file_inspection", summary="提交检查记录 · File", status_code=201)
def file_inspection(
    actor: Writer, database: DatabaseDep, settings: SettingsDep, today: TodayDep, given: NewInspection
) -> Feature[InspectionDetail]:
    """Keep the record of an inspection, if the rules of the place and the day allow it."""
    with database.write() as uow:
        kept = inspections.file_inspection(
            actor, uow, given.filing(), now=datetime.now(UTC), timezone=settings.timezone
        )
        found = inspections.get(actor, uow, kept.id, today)
        return inspection_detail(found, inspections.photos(actor, uow, found))


@router.get("/inspections/form", operation_id="read_inspection_form", summary="检查表 · The form")
def read_inspection_form(
    actor: Writer,
    database: DatabaseDep,
    settings: SettingsDep,
    today: TodayDep,
    entity: Entity,
    day: OnDay = None,
) -> BlankForm:
    """Give the form for a subject on a day, with those who may inspect it."""
    with database.read() as uow:
        return BlankForm.of(inspections.blank(actor, uow, entity, day or today, settings.timezone))


@router.get("/inspections/due", operation_id="list_due_inspections", summary="待检查对象 · Due for a check")
def list_due_inspections(
    actor: Reader,
    database: DatabaseDep,
    settings: SettingsDep,
    place: PlaceDep,
    today: TodayDep,
    day: OnDay = None,
) -> DueCollection:
    """Give the subjects that need a check by themselves, with the reason and the end of their time."""
    with database.read() as uow:
        found = inspections.due(actor, uow, place, day or today, settings.timezone)
    return DueCollection(features=list(map(due_feature, found)))


@router.get("/inspections/{inspection_id}", operation_id="read_inspection", summary="检查记录 · One record")
def read_inspection(
    actor: Reader, database: DatabaseDep, today: TodayDep, inspection_id: Id
) -> Feature[InspectionDetail]:
    """Give a record in one of its versions, as far as the caller may see it."""
    with database.read() as uow:
        found = inspections.get(actor, uow, inspection_id, today)
        return inspection_detail(found, inspections.photos(actor, uow, found))


@router.post(
    "/inspections/{inspection_id}/corrections",
    operation_id="correct_inspection",
    summary="更正检查记录 · Correct a record",
    status_code=201,
)
def correct_inspection(
    actor: Writer,
    database: DatabaseDep,
    settings: SettingsDep,
    today: TodayDep,
    inspection_id: Id,
    given: Correction,
) -> Feature[InspectionDetail]:
    """Keep a new version that names the one that was wrong."""
    with database.write() as uow:
        kept = inspections.correct_inspection(
            actor,
            uow,
            inspection_id,
            said=given.said(),
            reason=given.reason,
            today=today,
            timezone=settings.timezone,
        )
        found = inspections.get(actor, uow, kept.id, today)
        return inspection_detail(found, inspections.photos(actor, uow, found))


@router.put(
    "/entities/{entity_id}/licence", operation_id="set_licence", summary="许可信息 · Dates of a licence"
)
def set_licence(actor: Writer, database: DatabaseDep, entity_id: Id, given: LicenceSchema) -> LicenceSchema:
    """Keep since when a subject is there, and since when it may work."""
    known = Licence(given.founded_on, given.licensed_on)
    with database.write() as uow:
        inspections.set_licence(actor, uow, entity_id, known)
    return given


# what leaves the market ----------------------------------------------------------------------------------


@router.get("/deregistrations", operation_id="list_deregistrations", summary="待注销对象 · Deregistrations")
def list_deregistrations(actor: Reader, database: DatabaseDep) -> DeregistrationList:
    """Give the subjects that are to be taken off the register, the oldest first."""
    with database.read() as uow:
        found = inspections.deregistrations(actor, uow)
    return DeregistrationList(deregistrations=[DeregistrationSchema.model_validate(one) for one in found])


@router.post(
    "/deregistrations/{deregistration_id}/end",
    operation_id="end_deregistration",
    summary="办结注销 · End a deregistration",
)
def end_deregistration(
    actor: Writer, database: DatabaseDep, deregistration_id: Id, given: DeregistrationEnd
) -> DeregistrationSchema:
    """Let a subject be gone, or be there after all."""
    with database.write() as uow:
        ended = inspections.end_deregistration(actor, uow, deregistration_id, EntityState(given.outcome))
    return DeregistrationSchema.model_validate(ended)
