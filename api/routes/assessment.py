"""Assessments of people and grids, their trail, and the findings of supervisors."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from api.dependencies import DatabaseDep, Id, SettingsDep, TodayDep, may
from api.parameters import MomentDep
from api.schemas.assessment import (
    AssessmentSchema,
    FactSchema,
    FindingInput,
    FindingSchema,
    KeptAssessmentSchema,
    Withdrawal,
)
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.assessment import span_of
from geo.domain.grids import Level
from geo.domain.profiles.assessment import AssessedPeriod, Rate, Tally
from geo.services import assessment, findings
from geo.services.assessment_measures import Asked
from geo.services.duties import Clock, clock_at

router = APIRouter(tags=["assessment"])

Reader = Annotated[Actor, Depends(may(Action.READ_ASSESSMENTS))]
Keeper = Annotated[Actor, Depends(may(Action.KEEP_STATISTICS))]
Supervisor = Annotated[Actor, Depends(may(Action.WRITE_FINDINGS))]
Day = Annotated[
    date,
    Query(
        ge=date(1970, 1, 1),
        le=date(2199, 12, 31),
        description="期内任一天 · Any day of the period",
        examples=["2026-10-01"],
    ),
]


async def asked_for(
    day: Day,
    period: Annotated[AssessedPeriod, Query(description="考核期 · Period")] = AssessedPeriod.MONTH,
    level: Annotated[
        Level | None, Query(description="网格层级；不填为考核人员 · Level of grids; without it, people")
    ] = None,
    grid: Annotated[str | None, Query(max_length=40, description="仅此网格内 · Only in this grid")] = None,
    at: MomentDep = None,
) -> Asked:
    """Give span, place, subjects, and by whose grids."""
    return Asked(span_of(period, day), level, grid, at)


AskedDep = Annotated[Asked, Depends(asked_for)]


def clock_of(uow: UnitOfWork, timezone: str) -> Clock:
    """Give the present, and the working days of the city."""
    return clock_at(uow, ZoneInfo(timezone), datetime.now(UTC))


@router.get("/assessments", operation_id="assess", summary="考核评分 · Scores of people or grids")
def assess(actor: Reader, database: DatabaseDep, settings: SettingsDep, asked: AskedDep) -> AssessmentSchema:
    """Give the scores of a span with what they are made of, in order of their places."""
    with database.read() as uow:
        return AssessmentSchema.of(assessment.assess(actor, uow, asked, clock_of(uow, settings.timezone)))


@router.get(
    "/assessments/trail",
    operation_id="read_assessment_trail",
    summary="得分依据 · Records behind a measure",
)
def read_trail(
    *,
    actor: Reader,
    database: DatabaseDep,
    settings: SettingsDep,
    asked: AskedDep,
    measure: Annotated[Rate | Tally, Query(description="指标 · Measure", examples=["on_time"])],
    subject: Annotated[
        str,
        Query(
            max_length=40,
            pattern="^[0-9A-Za-z-]+$",
            description="人员编号或网格编码 · Number of a person or code of a grid",
        ),
    ],
) -> list[FactSchema]:
    """Give the records that a measure of a person or grid is made of, the newest first."""
    with database.read() as uow:
        clock = clock_of(uow, settings.timezone)
        facts = assessment.trail(actor, uow, asked, clock, measure=measure, subject=subject)
    return list(map(FactSchema.of, facts))


@router.post(
    "/assessments/snapshots",
    operation_id="keep_assessment",
    summary="存档考核 · Keep an assessment",
    status_code=201,
)
def keep_assessment(
    actor: Keeper, database: DatabaseDep, settings: SettingsDep, asked: AskedDep
) -> KeptAssessmentSchema:
    """Keep an assessment as it is now; nothing that happens later changes it."""
    with database.write() as uow:
        kept = assessment.keep_assessment(actor, uow, asked, clock_of(uow, settings.timezone))
    return KeptAssessmentSchema.of(kept)


@router.get(
    "/assessments/snapshots",
    operation_id="list_kept_assessments",
    summary="已存档的考核 · Assessments that were kept",
)
def list_kept(
    actor: Reader, database: DatabaseDep, today: TodayDep, asked: AskedDep
) -> list[KeptAssessmentSchema]:
    """Give all that was kept of a span and a place, the newest first."""
    with database.read() as uow:
        return list(map(KeptAssessmentSchema.of, assessment.list_kept(actor, uow, asked, today)))


@router.get("/findings", operation_id="list_findings", summary="督查认定 · Findings of supervisors")
def list_findings(
    actor: Reader, database: DatabaseDep, today: TodayDep, since: Day, until: Day | None = None
) -> list[FindingSchema]:
    """Give the findings of a span of days, by default of a year, the newest first."""
    end = until or since + timedelta(days=366)
    with database.read() as uow:
        return list(map(FindingSchema.of, findings.list_findings(actor, uow, since, end, day=today)))


@router.post(
    "/findings", operation_id="record_finding", summary="登记督查认定 · Record a finding", status_code=201
)
def record_finding(
    actor: Supervisor, database: DatabaseDep, today: TodayDep, given: FindingInput
) -> FindingSchema:
    """Record a complaint upheld, an accident, a false, late or missing report, and the like."""
    with database.write() as uow:
        kept = findings.record_finding(
            actor,
            uow,
            tally=given.tally,
            happened_on=given.happened_on,
            grid_code=given.grid,
            person_id=given.person,
            note=given.note,
            today=today,
        )
    return FindingSchema.of(kept)


@router.post(
    "/findings/{finding_id}/withdrawal",
    operation_id="withdraw_finding",
    summary="撤销督查认定 · Withdraw a finding",
)
def withdraw_finding(
    actor: Supervisor, database: DatabaseDep, finding_id: Id, given: Withdrawal
) -> FindingSchema:
    """Let a finding count no longer; it stays where it is, with the reason."""
    with database.write() as uow:
        return FindingSchema.of(
            findings.withdraw_finding(actor, uow, finding_id, because=given.because, now=datetime.now(UTC))
        )
