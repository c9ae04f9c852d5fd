"""`wangge remind`: what a timer runs every hour."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import typer

from api.cli.installation import DataDir, console, open_database, settings_of

app = typer.Typer()


@app.command()
def remind(data: DataDir = None) -> None:
    """提醒未尽职责、通报逾期；可反复运行 · Remind of what is still owed; may be run again and again."""
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.domain.actors import OPERATOR  # noqa: PLC0415
    from geo.services import todo  # noqa: PLC0415
    from geo.services.duties import clock_at  # noqa: PLC0415

    settings = settings_of(data)
    with open_database(settings) as url:
        database = Database(url, pool_size=1)
        try:
            with database.write() as uow:
                clock = clock_at(uow, ZoneInfo(settings.timezone), datetime.now(UTC))
                made = todo.remind(OPERATOR, uow, clock)
        finally:
            database.close()
    console.print(f"新提醒 {made} 条 · {made} new reminders", markup=False)
