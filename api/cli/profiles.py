"""`wangge profile`: regulation profiles, checked, adopted, changed and looked up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from api.cli.installation import DataDir, console, errors, open_database, settings_of
from geo.domain.actors import OPERATOR
from geo.errors import BadValue, ProfileRefused

if TYPE_CHECKING:
    from geo.db.unit_of_work import UnitOfWork
    from geo.domain.profiles import Profile
    from geo.domain.profiles.regulations import Regulation
    from geo.domain.profiles.values import Difference

app = typer.Typer()
_profile = typer.Typer(help="制度方案 · Regulation profiles", no_args_is_help=True)
app.add_typer(_profile, name="profile")

_REFUSED = 1
_BEGINNING = "自始 · always"
_WITHDRAWN = "恢复上级制度 · the rules above"
_DRY_RUN = "试运行，没有写入；加 --commit 写入 · A dry run: nothing was written; --commit writes"

From = Annotated[
    datetime,
    typer.Option("--from", formats=["%Y-%m-%d"], help="自哪天起 · From which day on", metavar="DATE"),
]
GridCode = Annotated[
    str | None,
    typer.Option("--grid", help="只在此网格及其下级 · Only in this grid and below", show_default=False),
]
Commit = Annotated[bool, typer.Option("--commit", help="写入；默认只试运行 · Keep it; a dry run otherwise")]
Chosen = Annotated[
    str, typer.Argument(help="方案名或文件 · Name of a profile, or a file", metavar="KEY|FILE")
]
Place = Annotated[str, typer.Argument(help="如 posts.posts.head.least", metavar="PATH")]


@_profile.command("list")
def list_(data: DataDir = None) -> None:
    """列出方案和采用记录 · List the profiles, and which holds where from when."""
    from geo.services import profiles  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.profile_documents import shipped_profiles  # noqa: PLC0415

    shipped = Table("方案 · profile", "名称 · name", "", "出处 · source", box=None)
    for profile in shipped_profiles().values():
        shipped.add_row(profile.key, profile.name.zh, profile.name.en, profile.source.zh)
    console.print(shipped)
    with _opened(data) as uow:
        held = profiles.list_regulations(OPERATOR, uow)
    adopted = Table("自 · from", "网格 · grid", "方案 · profile", "调整 · value set", "由 · by", box=None)
    for one in held:
        adopted.add_row(
            _day(one.valid_from), one.grid_code or "–", _key(one), one.path or "–", one.adopted_by
        )
    console.print(adopted)


@_profile.command()
def show(
    key: Annotated[
        str | None,
        typer.Argument(help="默认为现行制度 · What holds now without", metavar="KEY|FILE"),
    ] = None,
    grid: GridCode = None,
    data: DataDir = None,
) -> None:
    """显示一个方案，或现行制度 · Show a profile, or what holds now."""
    import yaml  # noqa: PLC0415 - `wangge --help` is quick

    from geo.services import profiles  # noqa: PLC0415
    from geo.services.profile_documents import document_of  # noqa: PLC0415

    if key is None:
        with _opened(data) as uow:
            profile = profiles.ruling(OPERATOR, uow, grid, _today(data))
    else:
        profile = _chosen(key)
    print(yaml.safe_dump(document_of(profile), allow_unicode=True, sort_keys=False))  # noqa: T201 - to be piped


@_profile.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")]) -> None:
    """检查一个文件 · Tell what is the matter with a file."""
    profile = _chosen(str(file))
    console.print(f"[green]✓[/green] {profile.key}: {profile.name.zh} · {profile.name.en}")


@_profile.command()
def compare(before: Chosen, after: Chosen) -> None:
    """比较两个方案 · Tell in what two profiles differ, with the clauses of their sources."""
    from geo.domain.profiles.values import parts_differing  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.profile_documents import document_of  # noqa: PLC0415

    one, other = _chosen(before), _chosen(after)
    table = Table("规则 · rule", one.key, other.key, "条款 · clause", box=None)
    table.columns[0].no_wrap = True
    for part in parts_differing(document_of(one), document_of(other)):
        for value in part.values:
            table.add_row(value.path, _shown(value.before), _shown(value.after), part.told.clause or "–")
    console.print(table)


@_profile.command()
def adopt(
    chosen: Chosen, since: From, grid: GridCode = None, data: DataDir = None, *, commit: Commit = False
) -> None:
    """采用方案；默认试运行 · Let a profile hold from a day on; a dry run unless --commit."""
    from geo.services import profiles  # noqa: PLC0415 - `wangge --help` is quick

    profile = _chosen(chosen)
    where: Any = {"grid_code": grid, "valid_from": since.date()}
    with _opened(data) as uow:
        found = profiles.differences(OPERATOR, uow, profile, **where)
        kept = profiles.adopt(OPERATOR, uow, profile, **where) if commit else None
    _tell(found, kept)


@_profile.command()
def override(
    setting: Annotated[str, typer.Argument(help="如 division.households.high=900", metavar="PATH=VALUE")],
    since: From,
    grid: GridCode = None,
    data: DataDir = None,
    *,
    commit: Commit = False,
) -> None:
    """调整一个数值；默认试运行 · Let another value hold from a day on; a dry run unless --commit."""
    from geo.services import profiles  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.profile_documents import read_value  # noqa: PLC0415

    path, equals, text = setting.partition("=")
    if not equals:
        raise BadValue(field="PATH=VALUE", value=setting, expected="PATH=VALUE")
    value = read_value(text)
    where: Any = {"grid_code": grid, "valid_from": since.date()}
    with _opened(data) as uow:
        try:
            profile = profiles.overridden(OPERATOR, uow, path, value, **where)
        except ProfileRefused as refused:
            raise _refusal(refused) from None
        found = profiles.differences(OPERATOR, uow, profile, **where)
        kept = profiles.override(OPERATOR, uow, path, value, **where) if commit else None
    _tell(found, kept)


@_profile.command()
def withdraw(
    grid: Annotated[str, typer.Option("--grid", help="在此网格及其下级 · In this grid and below")],
    since: From,
    data: DataDir = None,
    *,
    commit: Commit = False,
) -> None:
    """恢复上级制度；默认试运行 · Let what holds above hold again from a day on; a dry run unless --commit."""
    from geo.services import profiles  # noqa: PLC0415 - `wangge --help` is quick

    where: Any = {"grid_code": grid, "valid_from": since.date()}
    with _opened(data) as uow:
        profile = profiles.inherited(OPERATOR, uow, **where)
        found = profiles.differences(OPERATOR, uow, profile, **where)
        kept = profiles.withdraw(OPERATOR, uow, **where) if commit else None
    _tell(found, kept)


@_profile.command()
def history(path: Place, grid: GridCode = None, data: DataDir = None) -> None:
    """显示一个数值的沿革 · Show from when each value of a path holds."""
    from geo.services import profiles  # noqa: PLC0415 - `wangge --help` is quick

    with _opened(data) as uow:
        found = profiles.history(OPERATOR, uow, path, grid)
    table = Table("自 · from", "数值 · value", "方案 · profile", "由 · by", box=None)
    for spell in found:
        of = spell.regulation
        table.add_row(_day(spell.since), _shown(spell.value), _key(of), of.adopted_by)
    console.print(table)


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


def _today(data: Path | None) -> date:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - `wangge --help` is quick

    return datetime.now(ZoneInfo(settings_of(data).timezone)).date()


def _chosen(name: str) -> Profile:
    """Give the profile of a file, or the shipped one of that name."""
    from geo.services.profile_documents import read_yaml, shipped_profile  # noqa: PLC0415 - `wangge --help` is quick

    path = Path(name)
    if not path.is_file():
        return shipped_profile(name)
    try:
        return read_yaml(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise BadValue(field=name, value=None, expected="UTF-8") from None
    except ProfileRefused as refused:
        raise _refusal(refused) from None


def _refusal(refused: ProfileRefused) -> typer.Exit:
    """Print what can't hold, and give the exit that follows."""
    from api.faults import told  # noqa: PLC0415 - `wangge --help` is quick

    for fault in map(told, refused.fields["faults"]):
        errors.print(f"✗ {fault['path'] or '–'}", style="bold red", markup=False)
        errors.print(f"  {fault['detail_zh']}\n  {fault['detail']}", style="red", markup=False)
    return typer.Exit(_REFUSED)


def _tell(found: Iterable[Difference], kept: Regulation | None) -> None:
    table = Table("数值 · value", "原为 · before", "改为 · after", box=None)
    for one in found:
        table.add_row(one.path, _shown(one.before), _shown(one.after))
    console.print(table)
    console.print(_DRY_RUN if kept is None else f"✓ {_day(kept.valid_from)} {_key(kept)}", style="cyan")


def _key(regulation: Regulation) -> str:
    return regulation.profile.key if regulation.profile else _WITHDRAWN


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(map(str, value.values()))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "–" if value is None else str(value)


def _day(day: date) -> str:
    return _BEGINNING if day == date.min else day.isoformat()
