"""The pages of issues."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import DatabaseDep, NowDep, may
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.parameters import SliceDep
from api.routes.maps import GenerationDep
from geo.domain.actors import Action
from geo.domain.issue_flow import Shown
from geo.services import issue_results, issue_rules, issue_views
from geo.services.backlog import categories
from geo.services.issues import numbered
from geo.services.suspicions import photos_seen_before
from webmap.base_map import parts
from webmap.maps import division_map
from webmap.pages.issues import issue_page, issues_page, new_issue_page, result_page, results_page

router = APIRouter(include_in_schema=False)

reading = Depends(may(Action.READ_ISSUES))
writing = Depends(may(Action.WRITE_ISSUES))


@router.get("/issues", dependencies=[reading])
def show_issues(
    request: Request, frame: FrameDep, database: DatabaseDep, now: NowDep, show: Shown = Shown.ALL
) -> HTMLResponse:
    """Give the list of what is left to be done."""
    with database.read() as uow:
        found = issue_views.listed(frame.actor, uow, show, now)
    return answer(request, frame, issues_page(frame, found, show))


@router.get("/issues/new", dependencies=[writing])
def show_new_issue(
    request: Request, frame: FrameDep, database: DatabaseDep, generation: GenerationDep, now: NowDep
) -> HTMLResponse:
    """Give the page on which an issue is reported."""
    with database.read() as uow:
        setting = setting_of(request, frame, uow, generation.levels[-1])
        named = (*categories(frame.actor, uow), "")
        known = issue_rules.deadlines(frame.actor, uow, named, now)
    return answer(request, frame, new_issue_page(frame, known, parts(division_map(setting))))


@router.get("/issues/{number:path}", dependencies=[reading])
def show_issue(
    request: Request, frame: FrameDep, database: DatabaseDep, now: NowDep, number: str
) -> HTMLResponse:
    """Give the page of one issue."""
    with database.read() as uow:
        issue = numbered(frame.actor, uow, number)
        view = issue_views.view_of(frame.actor, uow, issue, now)
        people = issue_views.candidates(frame.actor, uow, issue, now.date())
        supervises = frame.may(Action.READ_SUSPICIONS)
        known = photos_seen_before(frame.actor, uow, issue, now.date()) if supervises else ()
    page = issue_page(frame, view, people, known, is_overdue=issue.is_overdue(now))
    return answer(request, frame, page)


@router.get("/results")
def show_results(request: Request, frame: FrameDep, database: DatabaseDep, part: SliceDep) -> HTMLResponse:
    """Give the public page of what became of issues."""
    with database.read() as uow:
        page = issue_results.public_results(
            frame.actor, uow, zone=frame.timezone, limit=part.limit, after=part.after
        )
    return answer(request, frame, results_page(frame, page))


@router.get("/results/{number:path}")
def show_result(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    number: str,
    code: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Give the page on which a reporter follows and rates an issue."""
    with database.read() as uow:
        result = issue_results.followed(frame.actor, uow, number, code=code, zone=frame.timezone)
    return answer(request, frame, result_page(frame, result, code))
