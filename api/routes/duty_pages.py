"""The pages of duties: what came of them, what is to be done, what was done, the double-random draw."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from api.dependencies import DatabaseDep, Id, TodayDep, may
from api.downloads import download
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.parameters import end_of
from api.routes.maps import Day, GenerationDep, GridsChosen
from api.routes.plans import DraftsDep
from api.subjects import subject_of
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action
from geo.domain.decisions import Decisions
from geo.domain.filters import Filter
from geo.domain.measures import Period
from geo.domain.profiles.assessment import Rate
from geo.domain.profiles.duties import Record
from geo.services import activities, draws, duties, todo
from geo.services.decisions import decisions
from geo.services.duties import clock_at
from geo.services.generations import told_at
from geo.services.households import building_of
from geo.services.profiles import profile_at
from webmap.base_map import parts
from webmap.maps import duty_map, owing_map, task_map
from webmap.pages.choices import DATED, Choices
from webmap.pages.draws import draw_file, draw_page, draws_page
from webmap.pages.duties import Trailed, duties_page, duty_trail_file, duty_trail_page
from webmap.pages.filing import Filing, filing_page
from webmap.pages.frame import Frame
from webmap.pages.measured import Surroundings
from webmap.pages.todo import todo_page

router = APIRouter(include_in_schema=False)

LATELY = timedelta(days=14)
SHOWN_LATELY = 10
SHOWN_OF_TRAIL = 500
IN_FILE_OF_TRAIL = 20_000


class DutyChosen(GridsChosen):
    """What the address of the map of duties says."""

    duty: Annotated[str | None, Field(max_length=64)] = None


@router.get("/maps/duties", dependencies=[Depends(may(Action.READ_MEASURES))])
def show_duties(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    generation: GenerationDep,
    chosen: Annotated[DutyChosen, Query()],
) -> HTMLResponse:
    """Give the map of what came of duties."""
    level, days = chosen.level_of(generation), chosen.days(frame.timezone)
    words = frame.translator
    with database.read() as uow:
        clock = clock_at(uow, ZoneInfo(frame.timezone), datetime.now(UTC))
        named = duties.duties_of(uow, days.period, clock)
        at = chosen.grids_at(uow, frame.timezone)
        tallies = duties.duty_tallies(
            frame.actor, uow, days.period, clock, level=level, duty=chosen.duty, at=at
        )
        people = (
            duties.people_together(frame.actor, uow, days.period, clock, duty=chosen.duty, at=at)
            if frame.may(Action.READ_PEOPLE)
            else ()
        )
        setting = setting_of(request, frame, uow, level, at)
    grids = duties.total_by_grid(tallies)
    kinds = tuple((one.key, words.choose(one.name.zh, one.name.en)) for one in named)
    choices = Choices(days, DATED, level, generation.levels, "duty", chosen.duty or "", kinds, chosen.at)
    around = Surroundings(choices, parts(duty_map(grids, setting)))
    return answer(request, frame, duties_page(frame, tallies, grids, people, around))


class TrailChosen(BaseModel):
    """Of which rate, when, and of whom the trail is wanted."""

    measure: Literal[Rate.FREQUENCY, Rate.COVERAGE, Rate.TRAINING]
    since: date = Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))
    until: date = Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))
    person: int | None = Field(default=None, ge=1, lt=2**63)
    grid: str | None = Field(default=None, max_length=40)
    at: Day = None

    def period(self, zone: ZoneInfo) -> Period:
        """Give the days as a period; the last one isn't in it."""
        start, end = (datetime.combine(day, time.min, zone) for day in (self.since, self.until))
        return Period(start, max(start, min(end, datetime.now(zone))))


def _trailed(frame: Frame, uow: UnitOfWork, chosen: TrailChosen, at: datetime | None, limit: int) -> Trailed:
    zone = ZoneInfo(frame.timezone)
    period, clock = chosen.period(zone), clock_at(uow, zone, datetime.now(UTC))
    trail = duties.trail_of(
        frame.actor,
        uow,
        period,
        clock,
        rate=chosen.measure,
        grid_code=chosen.grid,
        person_id=chosen.person,
        limit=limit,
        at=at,
    )
    subject = subject_of(
        frame, uow, person=chosen.person, grid=chosen.grid, since=chosen.since, today=clock.today(), at=at
    )
    return Trailed(chosen.measure, period, subject, trail)


@router.get("/duties/trail", dependencies=[Depends(may(Action.READ_MEASURES))])
def show_duty_trail(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    chosen: Annotated[TrailChosen, Query()],
) -> HTMLResponse:
    """Give what a rate of duties is made of: each stretch that was due, and what came of it."""
    with database.read() as uow:
        at = told_at(uow, end_of(chosen.at, frame.timezone))
        made = _trailed(frame, uow, chosen, at, SHOWN_OF_TRAIL)
        setting = setting_of(request, frame, uow, at=at)
    shown = parts(owing_map(made.trail.owings, setting))
    file = f"/duties/trail/file?{request.url.query}"
    return answer(request, frame, duty_trail_page(frame, made, shown, file))


@router.get("/duties/trail/file", dependencies=[Depends(may(Action.READ_MEASURES))])
def download_duty_trail(
    frame: FrameDep, database: DatabaseDep, chosen: Annotated[TrailChosen, Query()]
) -> Response:
    """Give what a rate of duties is made of as a file."""
    with database.read() as uow:
        at = told_at(uow, end_of(chosen.at, frame.timezone))
        made = _trailed(frame, uow, chosen, at, IN_FILE_OF_TRAIL)
    return download(duty_trail_file(frame.translator, made), f"duties-{chosen.measure}", "xlsx")


@router.get("/todo", dependencies=[Depends(may(Action.READ_PATROLS))])
def show_todo(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    generation: GenerationDep,
    drafts: DraftsDep,
    person: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HTMLResponse:
    """Give what somebody has to do, the most pressing first."""
    with database.read() as uow:
        clock = clock_at(uow, ZoneInfo(frame.timezone), datetime.now(UTC))
        tasks = todo.tasks(frame.actor, uow, clock, person_id=person)
        reminders = todo.reminders_of(frame.actor, uow, clock, person_id=person)
        leads = person is None and frame.may(Action.APPROVE_PLANS)
        now = clock.now.astimezone(clock.zone)
        awaiting = decisions(frame.actor, uow, drafts, now) if leads else Decisions()
        setting = setting_of(request, frame, uow, generation.levels[-1])
    drawn = parts(task_map(tasks, awaiting.issues, setting))
    return answer(request, frame, todo_page(frame, tasks, reminders, awaiting, drawn))


@router.get("/activities/new", dependencies=[Depends(may(Action.WRITE_ACTIVITIES))])
def show_filing(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    kind: Annotated[str, Query(max_length=200)] = "",
    grid: Annotated[str, Query(max_length=32)] = "",
    entity: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    household: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HTMLResponse:
    """Give the page on which somebody records what they have done."""
    wanted = Filter(since=datetime.now(UTC) - LATELY)
    who = frame.actor.person_id
    with database.read() as uow:
        grids = activities.grids_within(frame.actor, uow, Action.WRITE_ACTIVITIES)
        code = grid or (grids[-1].code if grids else None)
        kinds = profile_at(uow, code, today).duties.kinds
        lately = (
            activities.find_activities(
                frame.actor, uow, wanted, today, person_id=who, limit=100, after=0
            ).rows
            if who
            else ()
        )
        building = entity if household is None else building_of(uow, household)
    may_visit = frame.may(Action.WRITE_PATROLS)
    offered = [one for one in kinds if may_visit or one.record is Record.ACTIVITY]
    shown = tuple(sorted(lately, key=lambda one: one.starts_at, reverse=True))[:SHOWN_LATELY]
    filing = Filing(offered, grids, kind, grid, building, household, shown)
    return answer(request, frame, filing_page(frame, filing))


@router.get("/draws", dependencies=[Depends(may(Action.READ_DRAWS))])
def show_draws(request: Request, frame: FrameDep, database: DatabaseDep) -> HTMLResponse:
    """Give all draws, with the form that commits to a new one."""
    with database.read() as uow:
        found = draws.list_draws(frame.actor, uow)
        may_draw = frame.may(Action.WRITE_DRAWS)
        grids = activities.grids_within(frame.actor, uow, Action.WRITE_DRAWS) if may_draw else ()
    return answer(request, frame, draws_page(frame, found, grids))


@router.get("/draws/{draw_id}", dependencies=[Depends(may(Action.READ_DRAWS))])
def show_draw(
    request: Request, frame: FrameDep, database: DatabaseDep, today: TodayDep, draw_id: Id
) -> HTMLResponse:
    """Give a draw."""
    with database.read() as uow:
        draw = draws.read_draw(frame.actor, uow, draw_id, today)
    return answer(request, frame, draw_page(frame, draw, may_reveal=frame.may(Action.WRITE_DRAWS)))


@router.get("/draws/{draw_id}/file", dependencies=[Depends(may(Action.READ_DRAWS))])
def download_draw(
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    draw_id: Id,
    kind: Annotated[Literal["pdf", "xlsx"], Query()] = "pdf",
) -> Response:
    """Give what was drawn as a file."""
    with database.read() as uow:
        draw = draws.read_draw(frame.actor, uow, draw_id, today)
    made = draw_file(frame.translator, draw, kind, datetime.now(UTC))
    return download(made, f"draw-{draw.id}", kind)
