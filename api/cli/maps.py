"""`wangge map`: a map as one file that opens anywhere, from a mail attachment too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from api.cli.installation import DataDir, console, open_database, settings_of
from geo.domain.entities import EntityKind
from geo.domain.grids import Level

if TYPE_CHECKING:
    from geo.db.unit_of_work import UnitOfWork
    from geo.domain.measures import Period
    from webmap.base_map import GridMap
    from webmap.i18n import Translator
    from webmap.maps import Setting

app = typer.Typer()
_map = typer.Typer(
    help="把地图写成一个可离线打开的文件 · Write a map as one file that opens without a network",
    no_args_is_help=True,
)
app.add_typer(_map, name="map")

_USUAL_DAYS = 30
_DAY = ["%Y-%m-%d"]

Out = Annotated[Path, typer.Option("--out", help="要写的 HTML 文件 · The HTML file to write")]
First = Annotated[
    datetime | None, typer.Option("--from", formats=_DAY, help="首日，默认前 30 天 · First day")
]
Last = Annotated[
    datetime | None, typer.Option("--to", formats=_DAY, help="末日（含），默认今天 · Last day, included")
]
OfLevel = Annotated[
    Level | None, typer.Option("--level", help="层级，默认最小层级 · Level, the narrowest by default")
]
Kind = Annotated[EntityKind | None, typer.Option("--category", help="对象类别 · Kind of entity")]
Category = Annotated[str | None, typer.Option("--category", help="问题类别 · Category of issues")]
Classes = Annotated[
    Literal["whole", "range"],
    typer.Option(
        "--scale", help="分级：从 0 起，或最低到最高 · Classes from 0 on, or from lowest to highest"
    ),
]
Lang = Annotated[Literal["zh", "en"], typer.Option("--lang", help="语言 · Language")]


@_map.command()
def coverage(
    out: Out,
    first: First = None,
    last: Last = None,
    level: OfLevel = None,
    category: Kind = None,
    scale: Classes = "whole",
    lang: Lang = "zh",
    data: DataDir = None,
) -> None:
    """巡查覆盖率 · Share of entities visited."""
    from geo.domain.actors import OPERATOR  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.coverage import subject_coverage, visit_density  # noqa: PLC0415
    from webmap.layers.coverage import Scale  # noqa: PLC0415
    from webmap.maps import coverage_map  # noqa: PLC0415

    with _drawing(level, lang, data) as (uow, setting):
        period = _period(first, last, setting.words)
        found = subject_coverage(OPERATOR, uow, period, level=level, kind=category)
        density = visit_density(OPERATOR, uow, period, kind=category)
        drawn = coverage_map(found, density, setting, Scale(scale))
        _write(out, drawn, "coverage", period, setting.words)


@_map.command()
def walked(
    out: Out,
    first: First = None,
    last: Last = None,
    level: OfLevel = None,
    lang: Lang = "zh",
    data: DataDir = None,
) -> None:
    """轨迹所到的地面 · Share of ground walked."""
    from geo.domain.actors import OPERATOR  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.coverage import ground_coverage  # noqa: PLC0415
    from webmap.maps import walked_map  # noqa: PLC0415

    with _drawing(level, lang, data) as (uow, setting):
        period = _period(first, last, setting.words)
        found = ground_coverage(OPERATOR, uow, period, level=level)
        _write(out, walked_map(found, setting), "walked", period, setting.words)


@_map.command()
def hotspots(
    out: Out,
    first: First = None,
    last: Last = None,
    level: OfLevel = None,
    category: Category = None,
    lang: Lang = "zh",
    data: DataDir = None,
) -> None:
    """问题热点 · Hot and cold spots of issues."""
    from geo.domain.actors import OPERATOR  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services import hotspots as services  # noqa: PLC0415
    from webmap.maps import hotspot_map  # noqa: PLC0415

    with _drawing(level, lang, data) as (uow, setting):
        period = _period(first, last, setting.words)
        found = services.hotspots(OPERATOR, uow, period, level=level, category=category)
        _write(out, hotspot_map(found, setting), "hotspots", period, setting.words)


@_map.command()
def issues(
    out: Out,
    first: First = None,
    last: Last = None,
    level: OfLevel = None,
    category: Category = None,
    lang: Lang = "zh",
    data: DataDir = None,
) -> None:
    """未结与超期问题 · Unresolved and overdue issues."""
    from geo.domain.actors import OPERATOR  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.backlog import backlog, open_issues  # noqa: PLC0415
    from webmap.maps import issue_map  # noqa: PLC0415

    with _drawing(level, lang, data) as (uow, setting):
        now = datetime.now(UTC)
        period = _period(first, last, setting.words) if first or last else None
        standing = backlog(OPERATOR, uow, now, reported=period, level=level, category=category)
        points = open_issues(OPERATOR, uow, now, reported=period, category=category)
        _write(out, issue_map(standing, points, setting), "issues", period, setting.words)


@contextmanager
def _drawing(level: Level | None, lang: str, data: Path | None) -> Iterator[tuple[UnitOfWork, Setting]]:
    import secrets  # noqa: PLC0415 - `wangge --help` is quick

    from geo.db.unit_of_work import Database  # noqa: PLC0415
    from geo.services.ground import get_ground  # noqa: PLC0415
    from geo.services.shapes import get_shapes  # noqa: PLC0415
    from webmap.assets import Embedded  # noqa: PLC0415
    from webmap.i18n import Translator, chosen  # noqa: PLC0415
    from webmap.maps import Setting  # noqa: PLC0415

    settings = settings_of(data)
    words = Translator(chosen(lang), settings.timezone)
    with open_database(settings) as url:
        database = Database(url, pool_size=1)
        try:
            with database.read() as uow:
                shapes = get_shapes(uow, level)
                ground = get_ground(uow, shapes.bounds)
                yield uow, Setting(shapes, ground, words, Embedded(secrets.token_urlsafe(16)))
        finally:
            database.close()


def _period(first: datetime | None, last: datetime | None, words: Translator) -> Period:
    from geo.domain.measures import Period  # noqa: PLC0415 - `wangge --help` is quick

    zone = ZoneInfo(words.timezone)
    until = (last or datetime.now(zone)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone)
    since = first.replace(tzinfo=zone) if first else until - timedelta(days=_USUAL_DAYS - 1)
    return Period(since, until + timedelta(days=1))


def _write(out: Path, grid_map: GridMap, key: str, period: Period | None, words: Translator) -> None:
    from webmap.standalone import standalone_page  # noqa: PLC0415 - `wangge --help` is quick

    lines = [words.text("map.file.made", moment=words.time(datetime.now(UTC)))]
    if period:
        last = words.day((period.end - timedelta(days=1)).date())
        lines.insert(0, words.text("map.file.period", since=words.day(period.start.date()), until=last))
    page = standalone_page(grid_map, title=words.text(f"map.{key}.title"), lines=tuple(lines), words=words)
    out.write_text(page, encoding="utf-8")
    console.print(f"已写入 · Written: {out} ({len(page.encode()) / 2**10:.0f} KiB)")
