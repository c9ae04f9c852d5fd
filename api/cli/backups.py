"""`wangge db`: the whole database to a file and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.cli.installation import DataDir, console, programs_of, server_of, settings_of

app = typer.Typer()
_db = typer.Typer(help="备份与恢复数据库 · Back up and restore the database", no_args_is_help=True)
app.add_typer(_db, name="db")

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 · The file of the backup")]


@_db.command()
def backup(file: BackupFile, data: DataDir = None) -> None:
    """把整个数据库写入一个文件并校验 · Write the whole database to a file and read it back."""
    from geo.db import backups  # noqa: PLC0415 - `wangge --help` is quick

    settings = settings_of(data)
    with server_of(settings) as url:
        size = backups.backup(url, file, programs_of(settings))
    console.print(f"已备份 · Backed up: {file} ({size / 2**20:.1f} MiB)")


@_db.command()
def restore(file: BackupFile, data: DataDir = None) -> None:
    """先恢复到新库并校验，再替换；原库改名保留 · Restore beside the database, verify, then exchange the two.

    原来的数据库不会被删除，会以新的名字保留 · The former database is kept under another name.
    """
    from geo.db import backups  # noqa: PLC0415 - `wangge --help` is quick

    settings = settings_of(data)
    with server_of(settings) as url:
        restored = backups.restore(url, file, programs_of(settings))
    table = Table("表 · table", "行 · rows", box=None)
    for name, rows in restored.rows.items():
        table.add_row(name, f"{rows:,}")
    console.print(table)
    console.print(f"已恢复 · Restored: {file} (schema {restored.revision})")
    console.print(f"原数据库保留为 · The former database is kept as: {restored.kept_as}")
