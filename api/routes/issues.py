"""Issues and their steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.dependencies import DatabaseDep, Id, NowDep, TodayDep, may
from api.listing import PlaceDep, Since, Until
from api.parameters import RevisionDep, SliceDep, etag_of
from api.schemas.geojson import Feature, FeatureCollection
from api.schemas.issues import IssueChange, IssueProperties, NewIssue, Step, StepTaken, issue_feature
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.issues import Issue, IssueState
from geo.services import issues
from geo.services.issues import ISSUES, Pending
from geo.services.privacy import Veils

router = APIRouter(tags=["issues"])

Reader = Annotated[Actor, Depends(may(Action.READ_ISSUES))]
Writer = Annotated[Actor, Depends(may(Action.WRITE_ISSUES))]


def answered(
    actor: Actor, uow: UnitOfWork, issue: Issue, now: datetime, response: Response
) -> Feature[IssueProperties]:
    """Give an issue as somebody sees it, with its revision as ETag."""
    response.headers["ETag"] = etag_of(issue.revision)
    return issue_feature(Veils(actor, uow, now.date()).one(issue), now)


@router.get("/issues", operation_id="list_issues", summary="问题列表 · Issues")
def list_issues(
    actor: Reader,
    database: DatabaseDep,
    now: NowDep,
    place: PlaceDep,
    part: SliceDep,
    since: Since = None,
    until: Until = None,
    category: Annotated[str | None, Query(max_length=200, description="类别 · Category")] = None,
    state: Annotated[IssueState | None, Query(description="状态 · State")] = None,
    *,
    unresolved: Annotated[
        bool, Query(description="只要未办结 · Only those with something left to do")
    ] = False,
    overdue: Annotated[bool, Query(description="只要超期未办结 · Only those past their deadline")] = False,
) -> FeatureCollection[IssueProperties]:
    """Give the issues where the caller may read, by the time of their report."""
    wanted = replace(place, since=since, until=until, kind=category, state=state)
    pending = Pending(unresolved=unresolved, overdue=overdue, now=now)
    with database.read() as uow:
        page = issues.find_issues(actor, uow, wanted, pending, limit=part.limit, after=part.after)
        seen = Veils(actor, uow, now.date()).shown(page.rows)
    return FeatureCollection(features=[issue_feature(issue, now) for issue in seen], next=page.next)


@router.post("/issues", operation_id="create_issue", summary="上报问题 · New issue", status_code=201)
def create_issue(
    actor: Writer, database: DatabaseDep, now: NowDep, given: NewIssue, response: Response
) -> Feature[IssueProperties]:
    """Keep a new issue with the first step of its history."""
    with database.write() as uow:
        issue = issues.report_issue(actor, uow, values=given.given(), photos=given.photos.taken(), now=now)
        return answered(actor, uow, issue, now, response)


@router.get("/issues/{issue_id}", operation_id="read_issue", summary="问题 · One issue")
def read_issue(
    actor: Reader, database: DatabaseDep, now: NowDep, issue_id: Id, response: Response
) -> Feature[IssueProperties]:
    """Give an issue, with its revision as ETag."""
    with database.read() as uow:
        return answered(actor, uow, ISSUES.get(actor, uow, issue_id), now, response)


@router.patch("/issues/{issue_id}", operation_id="change_issue", summary="修改问题 · Change an issue")
def change_issue(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: IssueChange,
    revision: RevisionDep,
    response: Response,
) -> Feature[IssueProperties]:
    """Change the fields that are sent, if nobody else has changed the issue since."""
    with database.write() as uow:
        changed = issues.change_issue(actor, uow, issue_id, revision=revision, values=given.given(), now=now)
        return answered(actor, uow, changed, now, response)


@router.get(
    "/issues/{issue_id}/steps", operation_id="list_steps", summary="问题流转记录 · History of an issue"
)
def list_steps(actor: Reader, database: DatabaseDep, today: TodayDep, issue_id: Id) -> list[StepTaken]:
    """Give the history of an issue, first step first; it is only ever appended to."""
    with database.read() as uow:
        veil = Veils(actor, uow, today).over(ISSUES.get(actor, uow, issue_id).grid_code)
        seen = veil.shown(issues.history(actor, uow, issue_id))
    return list(map(StepTaken.model_validate, seen))


@router.post("/issues/{issue_id}/steps", operation_id="take_step", summary="问题流转 · Take a step")
def take_step(
    actor: Writer,
    database: DatabaseDep,
    now: NowDep,
    issue_id: Id,
    given: Step,
    revision: RevisionDep,
    response: Response,
) -> Feature[IssueProperties]:
    """Take an issue to another state, if nobody else has changed it since."""
    with database.write() as uow:
        issue = issues.take_step(actor, uow, issue_id, revision=revision, step=given.step(), now=now)
        return answered(actor, uow, issue, now, response)
