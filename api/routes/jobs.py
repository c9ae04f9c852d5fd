"""What the application does by itself."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends

from api.dependencies import DatabaseDep, SettingsDep, may
from api.schemas.jobs import Job, Jobs
from geo.domain.actors import Action, Actor
from geo.services import jobs

router = APIRouter(tags=["jobs"])


@router.get("/jobs", operation_id="list_jobs", summary="定时任务 · What runs by itself")
def list_jobs(
    actor: Annotated[Actor, Depends(may(Action.READ_JOBS))], database: DatabaseDep, settings: SettingsDep
) -> Jobs:
    """Give what the application does by itself, when, and what came of it; for the whole city alone."""
    with database.read() as uow:
        found = jobs.list_jobs(actor, uow, settings.timers.by_job(), ZoneInfo(settings.timezone))
    return Jobs(jobs=list(map(Job.of, found)))
