"""What was due and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query

from api.dependencies import DatabaseDep, SettingsDep, may
from api.parameters import MomentDep, SliceDep
from api.schemas.duties import DutyTallies, DutyTally, PersonTallies, PersonTally, Records, Tally
from api.schemas.moments import Moment
from geo.domain.actors import Action, Actor
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.services import duties
from geo.services.duties import clock_at

router = APIRouter(tags=["duties"])

USUAL = timedelta(days=30)

Reader = Annotated[Actor, Depends(may(Action.READ_MEASURES))]
PeopleReader = Annotated[Actor, Depends(may(Action.READ_PEOPLE))]
Since = Annotated[
    Moment | None,
    Query(description="起（含），默认为止前 30 天 · From, included; by default 30 days before the end"),
]
Until = Annotated[
    Moment | None, Query(description="止（不含），默认为现在 · To, not included; by default now")
]
InGrid = Annotated[
    str | None, Query(max_length=32, description="网格代码，任一层级 · Code of a grid of any level")
]
OfDuty = Annotated[str | None, Query(max_length=64, description="职责 · Key of a duty")]


def _period(since: datetime | None, until: datetime | None) -> Period:
    end = until or datetime.now(UTC)
    return Period(since or end - USUAL, end)


@router.get("/measures/duties", operation_id="measure_duties", summary="职责履行 · What came of duties")
def measure_duties(
    actor: Reader,
    database: DatabaseDep,
    settings: SettingsDep,
    since: Since = None,
    until: Until = None,
    level: Annotated[
        Level | None, Query(description="层级，默认为最小层级 · Level; the narrowest by default")
    ] = None,
    grid: InGrid = None,
    duty: OfDuty = None,
    at: MomentDep = None,
) -> DutyTallies:
    """Give what was due in a period and what came of it, by duty and grid.

    A stretch of time (a week, a quarter) belongs to the period in which its deadline lies.
    """
    period = _period(since, until)
    with database.read() as uow:
        clock = clock_at(uow, ZoneInfo(settings.timezone), datetime.now(UTC))
        found = duties.duty_tallies(actor, uow, period, clock, level=level, grid_code=grid, duty=duty, at=at)
    return DutyTallies(since=period.start, until=period.end, duties=list(map(DutyTally.of, found)))


@router.get(
    "/measures/duties/people", operation_id="measure_people", summary="个人职责履行 · Duties by person"
)
def measure_people(
    actor: PeopleReader,
    database: DatabaseDep,
    settings: SettingsDep,
    since: Since = None,
    until: Until = None,
    grid: InGrid = None,
    duty: OfDuty = None,
    at: MomentDep = None,
) -> PersonTallies:
    """Give what was due of each person in a period and what came of it."""
    period = _period(since, until)
    with database.read() as uow:
        clock = clock_at(uow, ZoneInfo(settings.timezone), datetime.now(UTC))
        found = duties.person_tallies(actor, uow, period, clock, grid_code=grid, duty=duty, at=at)
    told = {
        key: [PersonTally(person_id=row.person_id, name=row.name, tally=Tally.of(row.tally)) for row in rows]
        for key, rows in found.items()
    }
    return PersonTallies(since=period.start, until=period.end, duties=told)


@router.get(
    "/measures/duties/{duty}/records",
    operation_id="list_records_of_duty",
    summary="计入职责的记录 · What counts for a duty",
)
def list_records_of_duty(
    actor: Reader,
    database: DatabaseDep,
    settings: SettingsDep,
    part: SliceDep,
    duty: Annotated[str, Path(max_length=64, description="职责 · Key of the duty", examples=["patrol"])],
    since: Since = None,
    until: Until = None,
    grid: InGrid = None,
    at: MomentDep = None,
) -> Records:
    """Give the numbers of the visits, activities or tracks that count for a duty in a period."""
    period = _period(since, until)
    with database.read() as uow:
        clock = clock_at(uow, ZoneInfo(settings.timezone), datetime.now(UTC))
        ids = duties.duty_trail(
            actor,
            uow,
            period,
            clock,
            duty=duty,
            grid_code=grid,
            limit=part.limit + 1,
            after=part.after,
            at=at,
        )
    shown = list(ids[: part.limit])
    return Records(ids=shown, next=shown[-1] if len(ids) > part.limit else None)
