"""The command line `wangge`: each capability brings its own commands, one line each below."""

from __future__ import annotations

import typer

from api.cli import (
    backups,
    checks,
    completion,
    demo,
    draws,
    duties,
    exchange,
    house,
    issues,
    locate,
    maps,
    profiles,
    retention,
    users,
)

app = typer.Typer(
    name="wangge",
    help="""网格：地图上的网格化管理 · Wangge: map-based grid management.

    [bold]./wangge up[/bold] 启动并显示网址 · starts everything and prints its address
    [bold]./wangge COMMAND --help[/bold] 解释一个命令 · explains a command

    使用已有的 PostGIS：设置 WANGGE_DATABASE_URL · To use a PostGIS of yours: set WANGGE_DATABASE_URL
    """,
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _capability in (
    house,
    issues,
    demo,
    users,
    profiles,
    maps,
    locate,
    exchange,
    duties,
    draws,
    backups,
    checks,
    retention,
    completion,
):
    app.add_typer(_capability.app)
