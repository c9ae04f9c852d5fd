"""The pages of ledgers and of the statistics of a month."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, field_validator

from api.dependencies import DatabaseDep, may
from api.downloads import download
from api.frames import FrameDep
from api.pages import answer, setting_of
from api.routes.maps import Chosen, Day, GenerationDep
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action
from geo.domain.grids import Level
from geo.domain.statistics import Snapshot, Statistics
from geo.services import statistics
from geo.services.ledgers import read_ledger
from geo.services.profiles import profile_at
from webmap.pages.frame import Frame
from webmap.pages.ledgers import ledger_file, ledger_page
from webmap.pages.statistics import Books, statistics_file, statistics_page

router = APIRouter(include_in_schema=False)

FileKind = Annotated[Literal["pdf", "xlsx"], Query()]
reads_measures = [Depends(may(Action.READ_MEASURES))]


class Month(BaseModel):
    """Which statistics the address or the form of a page asks for; what is left empty isn't said."""

    month: str | None = Field(default=None, pattern=r"^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])$")
    level: Level | None = None
    grid: str | None = Field(default=None, max_length=40)
    snapshot: int | None = Field(default=None, ge=1, lt=2**63)
    at: Day = None
    by: str | None = Field(default=None, max_length=200)

    @field_validator("*", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        return None if value == "" else value

    def asked(self, frame: Frame, levels: tuple[Level, ...]) -> statistics.Asked:
        """Give what is asked for: this month by default, and communities where the division has them."""
        usual = Level.COMMUNITY if Level.COMMUNITY in levels else levels[-1]
        first = date.fromisoformat(f"{self.month}-01") if self.month else _today(frame).replace(day=1)
        level = self.level if self.level in levels else usual
        zone = ZoneInfo(frame.timezone)
        at = None if self.at is None else datetime.combine(self.at, time.max, zone)
        return statistics.Asked(first, level, self.grid, at)


def _today(frame: Frame) -> date:
    return datetime.now(ZoneInfo(frame.timezone)).date()


@router.get("/statistics", dependencies=reads_measures)
def show_statistics(
    request: Request,
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    chosen: Annotated[Month, Query()],
) -> HTMLResponse:
    """Give the statistics of a month, as they are now or as they were kept."""
    asked = chosen.asked(frame, generation.levels)
    with database.read() as uow:
        shown, made = _statistics(frame, uow, asked, chosen.snapshot)
        kept = statistics.list_snapshots(
            frame.actor, uow, asked, timezone=frame.timezone, now=datetime.now(UTC)
        )
        rules = profile_at(uow, asked.grid_code, _today(frame)).statistics
        setting = (
            setting_of(request, frame, uow, made.level, statistics.told_at(uow, made))
            if made.rows
            else setting_of(request, frame, uow, asked.level)
        )
    reports = [(one.key, one.due(_today(frame))) for one in rules.reports]
    books = Books(generation.levels, asked.grid_code, chosen.at, kept, shown, reports, chosen.by)
    return answer(request, frame, statistics_page(frame, made, books, setting))


def _statistics(
    frame: Frame, uow: UnitOfWork, asked: statistics.Asked, snapshot_id: int | None
) -> tuple[Snapshot | None, Statistics]:
    if snapshot_id is not None:
        kept = statistics.read_snapshot(frame.actor, uow, snapshot_id)
        return kept, kept.statistics
    now = datetime.now(UTC)
    return None, statistics.make_statistics(frame.actor, uow, asked, timezone=frame.timezone, now=now)


@router.get("/statistics/file", dependencies=reads_measures)
def download_statistics(
    frame: FrameDep,
    generation: GenerationDep,
    database: DatabaseDep,
    chosen: Annotated[Month, Query()],
    kind: FileKind = "xlsx",
) -> Response:
    """Give the statistics of a month as a file."""
    asked = chosen.asked(frame, generation.levels)
    with database.read() as uow:
        kept, made = _statistics(frame, uow, asked, chosen.snapshot)
    return download(
        statistics_file(frame.translator, made, kept, kind),
        f"statistics-{made.month:%Y-%m}-{made.level}",
        kind,
    )


@router.post("/statistics", dependencies=[Depends(may(Action.KEEP_STATISTICS))])
def keep_statistics(
    frame: FrameDep, generation: GenerationDep, database: DatabaseDep, form: Annotated[Month, Form()]
) -> Response:
    """Keep the statistics of a month and show what was kept."""
    asked = form.asked(frame, generation.levels)
    with database.write() as uow:
        kept = statistics.keep_statistics(
            frame.actor, uow, asked, timezone=frame.timezone, now=datetime.now(UTC)
        )
    told = {"grid": asked.grid_code, "at": form.at and form.at.isoformat(), "by": form.by}
    said = {name: value for name, value in told.items() if value}
    query = {"month": f"{asked.month:%Y-%m}", "level": asked.level.value, **said, "snapshot": kept.id}
    return RedirectResponse(f"/statistics?{urlencode(query)}", 303)


@router.get("/ledgers/{code}", dependencies=reads_measures)
def show_ledger(
    request: Request, frame: FrameDep, database: DatabaseDep, code: str, chosen: Annotated[Chosen, Query()]
) -> HTMLResponse:
    """Give the ledger of a grid."""
    days = chosen.days(frame.timezone)
    with database.read() as uow:
        ledger = read_ledger(frame.actor, uow, code, days.period, timezone=frame.timezone)
    return answer(request, frame, ledger_page(frame, ledger, days))


@router.get("/ledgers/{code}/file", dependencies=reads_measures)
def download_ledger(
    frame: FrameDep,
    database: DatabaseDep,
    code: str,
    chosen: Annotated[Chosen, Query()],
    kind: FileKind = "pdf",
) -> Response:
    """Give the ledger of a grid as a file."""
    days = chosen.days(frame.timezone)
    with database.read() as uow:
        ledger = read_ledger(frame.actor, uow, code, days.period, timezone=frame.timezone)
    content = ledger_file(frame.translator, ledger, kind, datetime.now(UTC))
    return download(content, f"ledger-{ledger.grid.code}", kind)
