"""What became of issues: public results, ratings of reporters, rates by grid."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.dependencies import DatabaseDep, NowDep, SettingsDep, may
from api.parameters import SliceDep
from api.routes.measures import OfLevel, Since, Until, period_of
from api.schemas.issue_results import (
    Code,
    GridRates,
    IssueRates,
    RatingGiven,
    RatingKept,
    Result,
    Results,
)
from api.schemas.measures import Share
from geo.domain.actors import Action, Actor
from geo.services import issue_results

router = APIRouter(tags=["issues"])

Everybody = Annotated[Actor, Depends(may(Action.READ_RESULTS))]
Reporter = Annotated[Actor, Depends(may(Action.RATE_RESULTS))]
Reader = Annotated[Actor, Depends(may(Action.READ_MEASURES))]
Number = Annotated[str, Path(max_length=200, description="问题编号 · Number of the issue")]


@router.get("/public/issues", operation_id="list_results", summary="办理结果公示 · What became of issues")
def list_results(actor: Everybody, database: DatabaseDep, settings: SettingsDep, part: SliceDep) -> Results:
    """Give what everybody may read of issues that were struck off where results are published."""
    with database.read() as uow:
        page = issue_results.public_results(
            actor, uow, zone=settings.timezone, limit=part.limit, after=part.after
        )
    return Results(results=[Result.model_validate(row) for row in page.rows], next=page.next)


@router.get(
    "/public/issues/{number}", operation_id="follow_issue", summary="反映人查询 · Follow one's own issue"
)
def follow_issue(
    actor: Everybody, database: DatabaseDep, settings: SettingsDep, number: Number, code: Code
) -> Result:
    """Give where an issue stands to whoever reported it."""
    with database.read() as uow:
        return Result.model_validate(
            issue_results.followed(actor, uow, number, code=code, zone=settings.timezone)
        )


@router.post(
    "/public/issues/{number}/ratings",
    operation_id="rate_result",
    summary="满意度评价 · Rate an outcome",
    status_code=201,
)
def rate_result(
    actor: Reporter, database: DatabaseDep, now: NowDep, number: Number, given: RatingGiven
) -> RatingKept:
    """Keep what the reporter says of the outcome; the latest rating counts."""
    with database.write() as uow:
        rating = issue_results.rate(
            actor, uow, number, code=given.code, score=given.score, words=given.words, now=now
        )
    return RatingKept.model_validate(rating)


@router.get(
    "/measures/issue-rates",
    operation_id="measure_issue_rates",
    summary="结案、移交、满意率 · Closing, transfer and satisfaction",
)
def measure_issue_rates(
    actor: Reader,
    database: DatabaseDep,
    now: NowDep,
    since: Since = None,
    until: Until = None,
    level: OfLevel = None,
) -> IssueRates:
    """Give what became of the issues that were reported in a period, by grid."""
    period = period_of(since, until)
    with database.read() as uow:
        found = issue_results.issue_rates(actor, uow, period, now, level=level)
    return IssueRates(
        since=period.start,
        until=period.end,
        grids=[
            GridRates(
                code=one.grid.code,
                name=one.grid.name,
                level=one.grid.level,
                on_time=Share.of(one.rates.on_time),
                transferred=Share.of(one.rates.transferred),
                outcomes=Share.of(one.rates.outcomes),
                satisfied=Share.of(one.rates.satisfied),
            )
            for one in found
        ],
    )
