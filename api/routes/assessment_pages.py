"""The pages of assessments and of the records behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, field_validator

from api.dependencies import DatabaseDep, TodayDep, may
from api.downloads import download
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.parameters import end_of
from api.routes.assessment import clock_of
from api.routes.maps import Day, GenerationDep
from api.subjects import subject_of
from geo.domain.actors import Action
from geo.domain.assessment import span_of
from geo.domain.grids import Level
from geo.domain.profiles.assessment import AssessedPeriod, Rate, Tally
from geo.services import assessment, findings
from geo.services.assessment_measures import Asked
from geo.services.generations import told_at
from geo.services.issue_rules import levels_called
from webmap.pages.assessment import Around, assessment_file, assessment_page, trail_page

router = APIRouter(include_in_schema=False)

reads = [Depends(may(Action.READ_ASSESSMENTS))]


class Chosen(BaseModel):
    """Which assessment an address asks for; what is left empty isn't said."""

    period: AssessedPeriod = AssessedPeriod.MONTH
    day: Day = None
    level: Level | None = None
    grid: str | None = Field(default=None, max_length=40)
    at: Day = None

    @field_validator("*", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        return None if value == "" else value

    def asked(self, timezone: str) -> Asked:
        """Give what is asked for: the present month of people by default."""
        day = self.day or datetime.now(ZoneInfo(timezone)).date()
        return Asked(span_of(self.period, day), self.level, self.grid, end_of(self.at, timezone))


class TrailChosen(Chosen):
    """Of which measure and subject the records are wanted."""

    measure: Rate | Tally
    subject: str = Field(max_length=40, pattern="^[0-9A-Za-z-]+$")


class Found(BaseModel):
    """What the form of findings sends."""

    tally: Tally
    happened_on: date = Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))
    grid: str = Field(min_length=1, max_length=40)
    person: int | None = Field(default=None, ge=1, lt=2**63)
    note: str = Field(min_length=1, max_length=2000)

    @field_validator("person", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        return None if value == "" else value


@router.get("/assessment", dependencies=reads)
def show_assessment(
    request: Request,
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    chosen: Annotated[Chosen, Query()],
) -> HTMLResponse:
    """Give the places and scores of a span."""
    asked = chosen.asked(frame.timezone)
    with database.read() as uow:
        clock = clock_of(uow, frame.timezone)
        made = assessment.assess(frame.actor, uow, asked, clock)
        kept = assessment.list_kept(frame.actor, uow, asked, clock.today())
        told = findings.list_findings(frame.actor, uow, asked.span.since, asked.span.until, day=clock.today())
        drawn = asked.level if asked.level in generation.levels else generation.levels[-1]
        setting = setting_of(request, frame, uow, drawn, made.grids_at) if asked.level else None
    around = Around(generation.levels, asked.level, asked.grid_code, chosen.at, kept, told, setting)
    return answer(request, frame, assessment_page(frame, made, around))


@router.get("/assessment/file", dependencies=reads)
def download_assessment(
    frame: FrameDep,
    database: DatabaseDep,
    chosen: Annotated[Chosen, Query()],
    kind: Annotated[Literal["pdf", "xlsx"], Query()] = "xlsx",
) -> Response:
    """Give an assessment as a file."""
    asked = chosen.asked(frame.timezone)
    with database.read() as uow:
        made = assessment.assess(frame.actor, uow, asked, clock_of(uow, frame.timezone))
    content = assessment_file(frame.translator, made, kind, datetime.now(UTC))
    return download(content, f"assessment-{asked.subject}-{asked.span.since.isoformat()}", kind)


@router.get("/assessment/trail", dependencies=reads)
def show_trail(
    request: Request, frame: FrameDep, database: DatabaseDep, chosen: Annotated[TrailChosen, Query()]
) -> HTMLResponse:
    """Give the records that a measure of a person or grid is made of."""
    asked = chosen.asked(frame.timezone)
    with database.read() as uow:
        clock = clock_of(uow, frame.timezone)
        facts = assessment.trail(
            frame.actor, uow, asked, clock, measure=chosen.measure, subject=chosen.subject
        )
        subject = subject_of(
            frame,
            uow,
            person=None if asked.level else int(chosen.subject),
            grid=chosen.subject,
            since=asked.span.since,
            today=clock.today(),
            at=told_at(uow, asked.at),
        )
        levels = levels_called(uow, asked.span.since, asked.span.until, asked.grid_code)
    return answer(request, frame, trail_page(frame, chosen.measure, subject, facts, levels))


@router.post("/assessment", dependencies=[Depends(may(Action.KEEP_STATISTICS))])
def keep_assessment(
    request: Request, frame: FrameDep, database: DatabaseDep, chosen: Annotated[Chosen, Query()]
) -> Response:
    """Keep an assessment and show it again."""
    with database.write() as uow:
        assessment.keep_assessment(
            frame.actor, uow, chosen.asked(frame.timezone), clock_of(uow, frame.timezone)
        )
    return RedirectResponse(f"/assessment?{request.url.query}", 303)


@router.post("/assessment/findings", dependencies=[Depends(may(Action.WRITE_FINDINGS))])
def record_finding(
    frame: FrameDep, database: DatabaseDep, today: TodayDep, form: Annotated[Found, Form()]
) -> Response:
    """Record a finding and show the assessment of its month."""
    with database.write() as uow:
        findings.record_finding(
            frame.actor,
            uow,
            tally=form.tally,
            happened_on=form.happened_on,
            grid_code=form.grid,
            person_id=form.person,
            note=form.note,
            today=today,
        )
    return RedirectResponse(f"/assessment?day={form.happened_on.isoformat()}", 303)
