"""`wangge demo`: the made-up city, and accounts to look at it with."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from api.cli.installation import DataDir, console, open_database, settings_of
from api.private_files import write_private

if TYPE_CHECKING:
    from api.settings import Settings

app = typer.Typer()

_NAMES = {
    "grid": "网格 · grids",
    "person": "人员 · people",
    "address": "地址 · addresses",
    "entity": "监管对象 · entities",
    "visit": "巡查走访 · visits",
    "track": "轨迹 · tracks",
    "issue": "问题 · issues",
}


@app.command()
def demo(
    grids: Annotated[int, typer.Option(min=2, max=10_000, help="单元网格数 · Number of unit grids")] = 120,
    seed: Annotated[int, typer.Option(min=0, help="种子：相同则城市相同 · The same seed, the same city")] = 7,
    data: DataDir = None,
) -> None:
    """在空库中生成示范城市 · Make the demo city in an empty database."""
    settings = settings_of(data)
    with open_database(settings) as url:
        make_demo(settings, url, grids=grids, seed=seed)
    console.print(accounts_file(settings).read_text(encoding="utf-8"), markup=False)


def make_demo_if_empty(settings: Settings, url: str) -> None:
    """Make the usual demo city in a database without any division; leave any other database alone.

    Parameters
    ----------
    settings : Settings
        The choices of the installation.
    url : str
        SQLAlchemy URL of the database.
    """
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.generations import list_generations  # noqa: PLC0415

    database = Database(url, pool_size=1)
    try:
        with database.read() as uow:
            is_empty = not list_generations(uow)
    finally:
        database.close()
    if is_empty:
        make_demo(settings, url)


def make_demo(settings: Settings, url: str, *, grids: int = 120, seed: int = 7) -> None:
    """Make the demo city with an account for each role; their passwords are in `accounts_file`.

    Parameters
    ----------
    settings : Settings
        The choices of the installation.
    url : str
        SQLAlchemy URL of the database.
    grids, seed : int, optional
        How large the city is, and which one.

    Raises
    ------
    AlreadyExists
        If the database holds a division.
    """
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.domain.actors import OPERATOR  # noqa: PLC0415
    from geo.domain.demo import DemoSize  # noqa: PLC0415
    from geo.services import demo as services  # noqa: PLC0415

    passwords = {name: secrets.token_urlsafe(9) for name in services.ACCOUNTS}
    database = Database(url, pool_size=1)
    try:
        with console.status("正在生成示范城市 · Making the demo city …") as status, database.write() as uow:
            services.load(
                OPERATOR,
                uow,
                size=DemoSize(grids, seed),
                now=datetime.now(ZoneInfo(settings.timezone)),
                progress=lambda table: status.update(f"正在生成 · Making {_NAMES[table]} …"),
            )
            services.open_accounts(OPERATOR, uow, passwords)
            lines = (f"  {name:<10} {password}" for name, password in passwords.items())
            write_private(accounts_file(settings), "\n".join(["示范账号 · Demo accounts:", *lines, ""]))
    finally:
        database.close()


def accounts_file(settings: Settings) -> Path:
    """Name the file of the demo accounts with their passwords, readable by the owner alone."""
    return settings.data_dir / "accounts.txt"
