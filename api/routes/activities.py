"""Trainings, meetings, check-ins and logs, and who was there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, Id, SettingsDep, TodayDep, may
from api.listing import Since, Until
from api.parameters import RevisionDep, SliceDep, etag_of
from api.schemas.activities import (
    ActivityFeature,
    ActivityProperties,
    Attendances,
    Colleague,
    MakeUp,
    NewActivity,
    Team,
    states_of,
)
from api.schemas.geojson import FeatureCollection
from geo.domain.actors import Action, Actor
from geo.domain.filters import Filter
from geo.services import activities

router = APIRouter(tags=["activities"])

Reader = Annotated[Actor, Depends(may(Action.READ_ACTIVITIES))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_ACTIVITIES))]


@router.get("/activities", operation_id="list_activities", summary="活动列表 · Activities")
def list_activities(
    actor: Reader,
    database: DatabaseDep,
    today: TodayDep,
    part: SliceDep,
    since: Since = None,
    until: Until = None,
    kind: Annotated[str | None, Query(max_length=200, description="种类 · Kind")] = None,
    grid: Annotated[
        str | None, Query(max_length=32, description="网格代码，任一层级 · Code of a grid of any level")
    ] = None,
    person: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="应到人员 · Who was to be there")
    ] = None,
) -> FeatureCollection[ActivityProperties]:
    """Give the activities of the grids where the caller may read, by id."""
    wanted = Filter(grid_code=grid, since=since, until=until, kind=kind)
    with database.read() as uow:
        page = activities.find_activities(
            actor, uow, wanted, today, person_id=person, limit=part.limit, after=part.after
        )
    return FeatureCollection(features=list(map(ActivityFeature.of, page.rows)), next=page.next)


@router.post(
    "/activities", operation_id="create_activity", summary="登记活动 · New activity", status_code=201
)
def create_activity(
    actor: Writer, database: DatabaseDep, settings: SettingsDep, given: NewActivity, response: Response
) -> ActivityFeature:
    """Keep a new activity, attended by the caller's own person where nobody is named."""
    with database.write() as uow:
        activity = activities.report_activity(
            actor,
            uow,
            values=given.columns(),
            attendances=states_of(given.attendances),
            now=datetime.now(UTC),
            zone=ZoneInfo(settings.timezone),
        )
    response.headers["ETag"] = etag_of(activity.revision)
    return ActivityFeature.of(activity)


@router.get("/activities/team", operation_id="list_team", summary="应到人员 · Who serves there")
def list_team(
    actor: Writer,
    database: DatabaseDep,
    today: TodayDep,
    grid: Annotated[
        str, Query(max_length=32, description="网格代码，任一层级 · Code of a grid of any level")
    ],
) -> Team:
    """Give number and name of those who serve in a grid or below it."""
    with database.read() as uow:
        found = activities.team_of(actor, uow, grid, today)
    return Team(people=[Colleague(id=key, name=name) for key, name in found])


@router.get("/activities/{activity_id}", operation_id="read_activity", summary="活动 · One activity")
def read_activity(
    actor: Reader, database: DatabaseDep, today: TodayDep, activity_id: Id, response: Response
) -> ActivityFeature:
    """Give an activity, with its revision as ETag."""
    with database.read() as uow:
        activity = activities.read_activity(actor, uow, activity_id, today)
    response.headers["ETag"] = etag_of(activity.revision)
    return ActivityFeature.of(activity)


@router.patch(
    "/activities/{activity_id}/attendances",
    operation_id="change_attendances",
    summary="更正出勤 · Correct who was there",
)
def change_attendances(
    actor: Writer,
    database: DatabaseDep,
    today: TodayDep,
    activity_id: Id,
    given: Attendances,
    revision: RevisionDep,
    response: Response,
) -> ActivityFeature:
    """Change who was there, if nobody else has changed the activity since."""
    with database.write() as uow:
        activity = activities.correct_attendance(
            actor, uow, activity_id, today, revision=revision, attendances=states_of(given.attendances)
        )
    response.headers["ETag"] = etag_of(activity.revision)
    return ActivityFeature.of(activity)


@router.post(
    "/activities/{activity_id}/make-ups",
    operation_id="make_up_activity",
    summary="登记补训 · Make up for having been absent",
)
def make_up_activity(
    actor: Writer,
    database: DatabaseDep,
    today: TodayDep,
    activity_id: Id,
    given: MakeUp,
    revision: RevisionDep,
    response: Response,
) -> ActivityFeature:
    """Let somebody who was absent have made it up in a later activity of the same kind."""
    with database.write() as uow:
        activity = activities.make_up(
            actor,
            uow,
            activity_id,
            today,
            revision=revision,
            person_id=given.person_id,
            made_up_in=given.made_up_in,
        )
    response.headers["ETag"] = etag_of(activity.revision)
    return ActivityFeature.of(activity)
