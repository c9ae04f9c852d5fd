"""`wangge user`: accounts, made and kept from the command line of the server."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from api.cli.installation import DataDir, console, open_database, settings_of
from geo.domain.actors import OPERATOR, Grant, Role
from geo.errors import BadValue

if TYPE_CHECKING:
    from geo.db.unit_of_work import UnitOfWork

app = typer.Typer()
_user = typer.Typer(help="账号 · Accounts", no_args_is_help=True)
app.add_typer(_user, name="user")

Username = Annotated[str, typer.Argument(help="用户名：小写字母、数字 · Lower-case letters and digits")]
Grants = Annotated[
    list[str],
    typer.Option(
        "--role",
        help="角色，可加网格代码：leader:330106001 · Role, with the code of a grid where it holds",
        metavar="ROLE[:GRID]",
    ),
]
FromInput = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="从标准输入读取密码；否则生成一个 · Read the password from standard input, else make one",
    ),
]


@_user.command()
def add(username: Username, role: Grants, data: DataDir = None, *, password_stdin: FromInput = False) -> None:
    """新建账号 · Make an account.

    例 · Example: wangge user add li.wei --role leader:330106001001
    """
    from geo.services import accounts  # noqa: PLC0415 - `wangge --help` is quick

    grants = [_grant(text) for text in role]
    password = _password(from_input=password_stdin)
    with _opened(data) as uow:
        accounts.create(OPERATOR, uow, username=username, password=password, grants=grants)
    _tell(username, password, from_input=password_stdin)


@_user.command("list")
def list_(data: DataDir = None) -> None:
    """列出账号 · List the accounts."""
    from geo.services import accounts  # noqa: PLC0415 - `wangge --help` is quick

    with _opened(data) as uow:
        found = accounts.list_all(OPERATOR, uow)
    table = Table("用户 · user", "角色 · roles", "启用 · active", "锁定至 · locked until", box=None)
    for account in found:
        locked = account.locked_until.isoformat(timespec="minutes") if account.locked_until else ""
        roles = ", ".join(map(_told, account.grants))
        table.add_row(account.username, roles, "✓" if account.active else "✗", locked)
    console.print(table)


@_user.command()
def passwd(username: Username, data: DataDir = None, *, password_stdin: FromInput = False) -> None:
    """更换密码；解除锁定，已有的登录全部失效 · Set a password; unlocks, and ends every session and token."""
    from geo.services import accounts  # noqa: PLC0415 - `wangge --help` is quick

    password = _password(from_input=password_stdin)
    with _opened(data) as uow:
        accounts.set_password(OPERATOR, uow, username, password)
    _tell(username, password, from_input=password_stdin)


@contextmanager
def _opened(data: Path | None) -> Iterator[UnitOfWork]:
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick

    with open_database(settings_of(data)) as url:
        database = Database(url, pool_size=1)
        try:
            with database.write() as uow:
                yield uow
        finally:
            database.close()


def _grant(text: str) -> Grant:
    role, _, code = text.partition(":")
    if role not in set(Role):
        raise BadValue(field="--role", value=text, expected=", ".join(Role))
    return Grant(Role(role), code or None)


def _told(grant: Grant) -> str:
    return grant.role if grant.grid_code is None else f"{grant.role}:{grant.grid_code}"


def _password(*, from_input: bool) -> str:
    """Give a password that never stands in the list of processes: one line of input, asked for, or made."""
    if not from_input:
        return secrets.token_urlsafe(15)
    if sys.stdin.isatty():
        return str(typer.prompt("密码 · Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def _tell(username: str, password: str, *, from_input: bool) -> None:
    console.print(f"用户 · User: {username}")
    if not from_input:
        console.print(f"密码 · Password: {password}")
