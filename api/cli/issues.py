"""`wangge issues` and `wangge calendar`: the clock of the issues, and the working days it counts."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from api.cli.installation import DataDir, console, open_database, settings_of

if TYPE_CHECKING:
    from geo.domain.working_days import Schedule

app = typer.Typer()


@app.command()
def issues(data: DataDir = None) -> None:
    """核对问题时限，超期的移交上级 · Let deadlines follow the rules, and what has run out go up.

    可反复运行，例如由 cron 每小时运行 · May be run again and again, by cron for instance.
    """
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.domain.actors import OPERATOR  # noqa: PLC0415
    from geo.services.issue_clock import run_clock  # noqa: PLC0415

    settings = settings_of(data)
    with open_database(settings) as url:
        database = Database(url, pool_size=1)
        try:
            with database.write() as uow:
                done = run_clock(OPERATOR, uow, datetime.now(ZoneInfo(settings.timezone)))
        finally:
            database.close()
    console.print(f"时限有变 · Deadlines changed: {done.redated:,}")
    console.print(f"移交上级 · Went to the next level: {done.escalated:,}")


@app.command()
def calendar(
    year: Annotated[int, typer.Argument(help="年份 · Year")],
    file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="国务院公布的放假安排 · The schedule that was published: YAML with off, worked, source",
        ),
    ] = None,
    data: DataDir = None,
) -> None:
    """查看或录入一年的放假安排 · Show the working days of a year, or enter its schedule.

    文件格式 · The file:

    off: [2027-01-01]    worked: []    source: 国务院办公厅通知
    """
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.domain.actors import OPERATOR  # noqa: PLC0415
    from geo.services import working_days  # noqa: PLC0415

    settings = settings_of(data)
    with open_database(settings) as url:
        database = Database(url, pool_size=1)
        try:
            with database.write() as uow:
                if file is not None:
                    schedule, source = _read(file, year)
                    now = datetime.now(ZoneInfo(settings.timezone))
                    working_days.enter_schedule(OPERATOR, uow, schedule, source=source, now=now)
                found = working_days.schedule_of(OPERATOR, uow, year)
        finally:
            database.close()
    console.print(
        f"放假 · Off: {_listed(found.off)}\n调休上班 · Worked: {_listed(found.worked)}", markup=False
    )
    if found.is_provisional:
        console.print("尚未公布，按法定节日推算 · Not published yet: computed from the law")


def _read(file: Path, year: int) -> tuple[Schedule, str]:
    """Give what a file says of a year; the gate of the interface looks at it first."""
    import yaml  # noqa: PLC0415 - `wangge --help` is quick

    from api.schemas.working_days import ScheduleGiven  # noqa: PLC0415

    given = ScheduleGiven.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    return given.schedule(year), given.source


def _listed(days: frozenset[date]) -> str:
    return ", ".join(day.isoformat() for day in sorted(days)) or "–"
