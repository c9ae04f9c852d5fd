"""What commands begin with: the settings of the installation, its database, and words for what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from api.settings import Settings
    from geo.db.postgres import Postgres

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="数据文件夹，默认 .wangge · Folder of the data, .wangge by default",
        envvar="WANGGE_DATA_DIR",
        show_default=False,
    ),
]

_PROGRESS = {
    "initialising": "正在创建数据库 · Making the database …",
    "starting": "正在启动数据库 · Starting the database …",
    "stopping": "正在停止数据库 · Stopping the database …",
}


def settings_of(data_dir: Path | None = None, **chosen: Any) -> Settings:
    """Give the settings of the environment, with what the command line says before them.

    Parameters
    ----------
    data_dir : Path, optional
        The folder of the data.
    **chosen : Any
        Other fields of `Settings`; None leaves a field to the environment.

    Returns
    -------
    Settings
        The choices of this installation.

    Raises
    ------
    typer.Exit
        With status 2, when a setting can't be used; which one is printed.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - `wangge --help` is quick
    from pydantic_settings import SettingsError  # noqa: PLC0415

    from api.settings import Settings  # noqa: PLC0415

    given = {"data_dir": data_dir, **chosen}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as failure:
        faults = [f"{_variable(fault['loc'])}: {fault['msg']}" for fault in failure.errors()]
    except SettingsError as failure:
        faults = [str(failure)]
    errors.print("设置有误 · These settings can't be used:", *faults, sep="\n", style="red", markup=False)
    raise typer.Exit(2)


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """Keep the database running inside the block, with the newest schema.

    Parameters
    ----------
    settings : Settings
        Which database: the private cluster unless an address is set.

    Yields
    ------
    str
        SQLAlchemy URL.
    """
    with server_of(settings) as url:
        _bring_up_to_date(url, settings)
        _settle(url, settings.profile)
        yield url


@contextmanager
def server_of(settings: Settings) -> Iterator[str]:
    """Keep the database server running inside the block, whatever the schema.

    Parameters
    ----------
    settings : Settings
        Which database: the private cluster unless an address is set.

    Yields
    ------
    str
        SQLAlchemy URL.
    """
    from geo.db.cluster import Cluster  # noqa: PLC0415 - `wangge --help` is quick
    from geo.db.existing import require_postgis  # noqa: PLC0415

    if settings.database_url:
        require_postgis(settings.database_url)
        yield settings.database_url
        return
    with Cluster(settings.cluster_home, tell=_tell).running() as url:
        yield url


def programs_of(settings: Settings) -> Postgres:
    """Give the programs of PostgreSQL that fit the database.

    Parameters
    ----------
    settings : Settings
        Which database.

    Returns
    -------
    Postgres
        Those of the private cluster's version, or the newest there are.
    """
    from geo.db.backups import client_programs  # noqa: PLC0415 - `wangge --help` is quick
    from geo.db.cluster import Cluster  # noqa: PLC0415

    return client_programs() if settings.database_url else Cluster(settings.cluster_home).programs()


def _variable(location: tuple[int | str, ...]) -> str:
    return f"WANGGE_{'__'.join(map(str, location))}".upper()


def _tell(code: str) -> None:
    errors.print(_PROGRESS[code], style="dim")


def _bring_up_to_date(url: str, settings: Settings) -> None:
    """Migrate; what an older version has written is copied to a file first."""
    from geo.db import backups, migrations  # noqa: PLC0415 - `wangge --help` is quick

    present = migrations.current(url)
    if present == migrations.newest():
        return
    if present is not None:
        copy = settings.data_dir / "backups" / f"{present}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.dump"
        copy.parent.mkdir(parents=True, exist_ok=True)
        backups.backup(url, copy, programs_of(settings))
        errors.print(f"升级前的备份 · Backup before the upgrade: {copy}")
    migrations.upgrade(url)


def _settle(url: str, profile: str) -> None:
    """Let a new city have its first regulation."""
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.profiles import settle  # noqa: PLC0415

    database = Database(url, pool_size=1)
    try:
        with database.write() as uow:
            settle(uow, profile)
    finally:
        database.close()
