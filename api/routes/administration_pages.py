"""The pages of administrators: accounts, the trail of changes, and what runs by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from api.dependencies import DatabaseDep, SettingsDep, TodayDep, may
from api.frames import FrameDep
from api.pages import answer
from api.routes.maps import Day, Said
from geo.domain.accounts import Account
from geo.domain.actors import Action
from geo.domain.audit import AuditFilter
from geo.services import accounts, audit, jobs
from geo.services.exchange.runs import list_runs
from geo.services.profiles import profile_at
from webmap.pages.accounts import accounts_page
from webmap.pages.audit import AuditChoices, audit_page
from webmap.pages.imports import imports_page
from webmap.pages.jobs import jobs_page

router = APIRouter(include_in_schema=False)

ROWS = 100
ROWS_OF_IMPORTS = 20


class AuditChosen(Said):
    """What the address of the page of the trail says."""

    since: Day = None
    until: Day = None
    actor: str | None = Field(default=None, max_length=64)
    kind: str | None = Field(default=None, max_length=64)
    key: str | None = Field(default=None, max_length=256)
    before: int | None = Field(default=None, ge=1, lt=2**63)

    def wanted(self, zone: ZoneInfo) -> AuditFilter:
        """Give which changes are wanted; days are those of a time zone, the last one included."""
        since = _midnight(self.since, zone) if self.since else None
        until = _midnight(self.until + timedelta(days=1), zone) if self.until else None
        return AuditFilter(self.actor, self.kind, self.key, since, until)

    def choices(self) -> AuditChoices:
        """Give what was chosen as it stands on the page."""
        said = self.model_dump(mode="json", exclude={"before"}, exclude_none=True)
        return AuditChoices(**said, is_newest=self.before is None)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


@router.get("/accounts", dependencies=[Depends(may(Action.MANAGE_ACCOUNTS))])
def show_accounts(request: Request, frame: FrameDep, database: DatabaseDep) -> HTMLResponse:
    """Give the accounts that the reader may manage."""
    with database.read() as uow:
        found = accounts.list_all(frame.actor, uow)
    names = _names(request, found) if frame.generation else {}
    return answer(request, frame, accounts_page(frame, found, names))


def _names(request: Request, found: Iterable[Account]) -> dict[str, str]:
    """Give the names of the grids in which roles hold, as far as the division in force has them."""
    codes = {grant.grid_code for account in found for grant in account.grants}
    chains = request.app.state.lookups.index().links
    return {link.grid.code: link.grid.name for chain in chains for link in chain if link.grid.code in codes}


@router.get("/audit", dependencies=[Depends(may(Action.READ_AUDIT))])
def show_audit(
    request: Request,
    frame: FrameDep,
    database: DatabaseDep,
    today: TodayDep,
    chosen: Annotated[AuditChosen, Query()],
) -> HTMLResponse:
    """Give who changed what, the newest first."""
    wanted = chosen.wanted(ZoneInfo(frame.timezone))
    with database.read() as uow:
        page = audit.list_entries(frame.actor, uow, wanted, today, before=chosen.before, limit=ROWS)
    return answer(request, frame, audit_page(frame, page, chosen.choices()))


@router.get("/jobs", dependencies=[Depends(may(Action.READ_JOBS))])
def show_jobs(
    request: Request, frame: FrameDep, database: DatabaseDep, settings: SettingsDep
) -> HTMLResponse:
    """Give what the application does by itself, when, and what came of it."""
    with database.read() as uow:
        found = jobs.list_jobs(frame.actor, uow, settings.timers.by_job(), ZoneInfo(frame.timezone))
    return answer(request, frame, jobs_page(frame, found))


@router.get("/imports", dependencies=[Depends(may(Action.IMPORT_DIVISION))])
def show_imports(
    request: Request, frame: FrameDep, database: DatabaseDep, settings: SettingsDep, today: TodayDep
) -> HTMLResponse:
    """Give the page that takes files, with what the reader has sent before."""
    with database.read() as uow:
        found = list_runs(frame.actor, uow, limit=ROWS_OF_IMPORTS)
        profile = profile_at(uow, None, today)
    page = imports_page(frame, found, profile, kept_days=settings.import_run_days)
    return answer(request, frame, page)
