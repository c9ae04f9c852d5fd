"""`wangge retention`: what has been kept long enough."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.cli.installation import DataDir, console, open_database, settings_of

app = typer.Typer()


@app.command()
def retention(
    *,
    commit: Annotated[
        bool, typer.Option("--commit", help="真正执行；否则只列出 · Do it, not just list it")
    ] = False,
    data: DataDir = None,
) -> None:
    """删除或匿名化已超过保存期的检查记录 · Delete or anonymise inspections whose time is up."""
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.domain.actors import OPERATOR  # noqa: PLC0415
    from geo.services import retention as services  # noqa: PLC0415

    settings = settings_of(data)
    with open_database(settings) as url:
        database = Database(url, pool_size=1)
        today = datetime.now(ZoneInfo(settings.timezone)).date()
        try:
            with database.write() as uow:
                done = services.retire if commit else services.expired
                found = done(OPERATOR, uow, today)
        finally:
            database.close()
    console.print(f"删除 · Deleted: {_ids(found.deleted)}")
    console.print(f"匿名化 · Anonymised: {_ids(found.anonymised)}")
    if not commit:
        console.print("尚未执行；加 --commit 执行 · Nothing was done yet: add --commit")


def _ids(keys: tuple[int, ...]) -> str:
    return f"{len(keys)} ({', '.join(map(str, keys))})" if keys else "0"
