"""China's working days as the city has them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.dependencies import DatabaseDep, NowDep, may
from api.schemas.working_days import Schedule, ScheduleGiven
from geo.domain.actors import Action, Actor
from geo.services import working_days

router = APIRouter(tags=["calendar"])

Everybody = Annotated[Actor, Depends(may(Action.READ_CALENDAR))]
Keeper = Annotated[Actor, Depends(may(Action.WRITE_CALENDAR))]
Year = Annotated[int, Path(ge=0, le=9999, examples=[2027])]


@router.get("/calendar/{year}", operation_id="read_schedule", summary="放假安排 · Schedule of a year")
def read_schedule(actor: Everybody, database: DatabaseDep, year: Year) -> Schedule:
    """Give the days of a year that are off or worked in another way than its weekends tell."""
    with database.read() as uow:
        return Schedule.of(working_days.schedule_of(actor, uow, year))


@router.put("/calendar/{year}", operation_id="enter_schedule", summary="录入放假安排 · Enter a schedule")
def enter_schedule(
    actor: Keeper, database: DatabaseDep, now: NowDep, year: Year, given: ScheduleGiven
) -> Schedule:
    """Let a schedule hold for its year; open deadlines follow at the next run of the issues' clock."""
    with database.write() as uow:
        schedule = given.schedule(year)
        return Schedule.of(working_days.enter_schedule(actor, uow, schedule, source=given.source, now=now))
