"""Visits and tracks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, Id, NowDep, TodayDep, may
from api.listing import PlaceDep, Since, Until
from api.parameters import RevisionDep, SliceDep, etag_of
from api.schemas.geojson import Feature, FeatureCollection
from api.schemas.patrols import (
    NewTrack,
    NewVisit,
    TrackProperties,
    VisitChange,
    VisitProperties,
    track_feature,
    visit_feature,
)
from geo.domain.actors import Action, Actor
from geo.services import patrols
from geo.services.patrols import VISITS
from geo.services.privacy import Veils

router = APIRouter(tags=["patrols"])

Reader = Annotated[Actor, Depends(may(Action.READ_PATROLS))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_PATROLS))]


@router.get("/visits", operation_id="list_visits", summary="巡查走访列表 · Visits")
def list_visits(
    actor: Reader,
    database: DatabaseDep,
    today: TodayDep,
    place: PlaceDep,
    part: SliceDep,
    since: Since = None,
    until: Until = None,
    kind: Annotated[str | None, Query(max_length=200, description="种类 · Kind")] = None,
) -> FeatureCollection[VisitProperties]:
    """Give the visits where the caller may read, by time."""
    wanted = replace(place, since=since, until=until, kind=kind)
    with database.read() as uow:
        page = VISITS.find(actor, uow, wanted, limit=part.limit, after=part.after)
        seen = Veils(actor, uow, today).shown(page.rows)
    return FeatureCollection(features=list(map(visit_feature, seen)), next=page.next)


@router.post("/visits", operation_id="create_visit", summary="上报巡查走访 · New visit", status_code=201)
def create_visit(
    actor: Writer, database: DatabaseDep, now: NowDep, given: NewVisit, response: Response
) -> Feature[VisitProperties]:
    """Keep a new visit, by the caller's own person where nobody is named."""
    values = given.given()
    people = values.pop("people", [])
    with database.write() as uow:
        visit = patrols.report_visit(actor, uow, values=values, people=people, now=now)
        seen = Veils(actor, uow, now.date()).one(visit)
    response.headers["ETag"] = etag_of(seen.revision)
    return visit_feature(seen)


@router.get("/visits/{visit_id}", operation_id="read_visit", summary="巡查走访 · One visit")
def read_visit(
    actor: Reader, database: DatabaseDep, today: TodayDep, visit_id: Id, response: Response
) -> Feature[VisitProperties]:
    """Give a visit, with its revision as ETag."""
    with database.read() as uow:
        seen = Veils(actor, uow, today).one(VISITS.get(actor, uow, visit_id))
    response.headers["ETag"] = etag_of(seen.revision)
    return visit_feature(seen)


@router.patch("/visits/{visit_id}", operation_id="change_visit", summary="更正巡查走访 · Correct a visit")
def change_visit(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    visit_id: Id,
    given: VisitChange,
    revision: RevisionDep,
    response: Response,
) -> Feature[VisitProperties]:
    """Change the fields that are sent, if nobody else has changed the visit since."""
    values = given.given()
    people = values.pop("people", None)
    with database.write() as uow:
        visit = patrols.correct_visit(
            actor, uow, visit_id, revision=revision, values=values, people=people, now=now
        )
        seen = Veils(actor, uow, now.date()).one(visit)
    response.headers["ETag"] = etag_of(seen.revision)
    return visit_feature(seen)


@router.get("/tracks", operation_id="list_tracks", summary="轨迹列表 · Tracks")
def list_tracks(
    actor: Reader,
    database: DatabaseDep,
    today: TodayDep,
    place: PlaceDep,
    part: SliceDep,
    since: Since = None,
    until: Until = None,
    person: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="人员 · Id of a person")] = None,
) -> FeatureCollection[TrackProperties]:
    """Give the tracks that pass where the caller may read, by the time at which they begin."""
    wanted = replace(place, since=since, until=until)
    with database.read() as uow:
        page = patrols.find_tracks(actor, uow, wanted, person_id=person, limit=part.limit, after=part.after)
        seen = Veils(actor, uow, today).people(page.rows, lambda one: one.person_id)
    return FeatureCollection(features=list(map(track_feature, seen)), next=page.next)


@router.post("/tracks", operation_id="create_track", summary="上传轨迹 · New track", status_code=201)
def create_track(actor: Writer, database: DatabaseDep, given: NewTrack) -> Feature[TrackProperties]:
    """Keep a new track; one whose key was kept before is refused."""
    with database.write() as uow:
        track = patrols.record_track(
            actor,
            uow,
            ref=given.ref,
            person_id=given.person_id,
            fixes=given.stored(),
            now=datetime.now(UTC),
        )
    return track_feature(track)
