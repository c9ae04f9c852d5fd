"""What somebody has to do, and reminders of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from api.dependencies import DatabaseDep, SettingsDep, may
from api.schemas.duties import Reminded, Reminder, Reminders, Task, Tasks
from geo.domain.actors import Action, Actor
from geo.services import todo
from geo.services.duties import clock_at

router = APIRouter(tags=["duties"])

Reader = Annotated[Actor, Depends(may(Action.READ_PATROLS))]
Minder = Annotated[Actor, Depends(may(Action.WRITE_PEOPLE))]
OfPerson = Annotated[
    int | None, Query(ge=1, le=2**63 - 1, description="人员，默认为本人 · Whose; one's own by default")
]


@router.get("/todo", operation_id="list_tasks", summary="待办 · What is to be done")
def list_tasks(
    actor: Reader,
    database: DatabaseDep,
    settings: SettingsDep,
    person: OfPerson = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Tasks:
    """Give what somebody has to do now or within a week, the most pressing first."""
    with database.read() as uow:
        clock = clock_at(uow, ZoneInfo(settings.timezone), datetime.now(UTC))
        found = todo.tasks(actor, uow, clock, person_id=person)
    return Tasks(tasks=list(map(Task.of, found[:limit])), total=len(found))


@router.get("/reminders", operation_id="list_reminders", summary="提醒 · Reminders")
def list_reminders(
    actor: Reader, database: DatabaseDep, settings: SettingsDep, person: OfPerson = None
) -> Reminders:
    """Give of what somebody was reminded lately, the latest first."""
    with database.read() as uow:
        clock = clock_at(uow, ZoneInfo(settings.timezone), datetime.now(UTC))
        found = todo.reminders_of(actor, uow, clock, person_id=person)
    return Reminders(reminders=list(map(Reminder.of, found)))


@router.post("/reminders", operation_id="make_reminders", summary="生成提醒 · Let everybody be reminded")
def make_reminders(actor: Minder, database: DatabaseDep, settings: SettingsDep) -> Reminded:
    """Let everybody be reminded of what they still owe, and notify what was missed; twice is as once."""
    with database.write() as uow:
        clock = clock_at(uow, ZoneInfo(settings.timezone), datetime.now(UTC))
        return Reminded(made=todo.remind(actor, uow, clock))
