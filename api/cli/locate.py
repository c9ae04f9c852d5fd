"""`wangge locate`: which grids hold a point, or many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from api.cli.installation import DataDir, console, open_database, settings_of

if TYPE_CHECKING:
    from api.settings import Settings
    from geo.domain.locate import Located
    from geo.services.locate import LookupIndex

app = typer.Typer()

Datum = Annotated[
    str, typer.Option(help="坐标的基准 · What the numbers are: wgs84, cgcs2000, gcj02, bd09, EPSG:nnnn")
]
At = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], help="查询该日的划分 · By the division of that day", show_default=False
    ),
]


@app.command(context_settings={"ignore_unknown_options": True})
def locate(
    *,
    lon: Annotated[float | None, typer.Argument(help="经度 · Longitude", show_default=False)] = None,
    lat: Annotated[float | None, typer.Argument(help="纬度 · Latitude", show_default=False)] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="IN", exists=True, dir_okay=False, help="含 lon、lat 列的表 · A table with lon and lat"
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="OUT", help="结果文件 · Where the answers go")] = None,
    datum: Datum = "wgs84",
    at: At = None,
    data: DataDir = None,
) -> None:
    """查询点所在的网格和责任人 · Which grids hold a point, and who is responsible.

    例 · Examples:

    wangge locate 120.1423 30.2614

    wangge locate --csv points.csv --out answers.csv --datum gcj02
    """
    one = None if lon is None or lat is None else (lon, lat)
    many = None if csv is None or out is None else (csv, out)
    if (one is None) == (many is None):
        raise typer.BadParameter("LON LAT | --csv IN --out OUT")
    settings = settings_of(data)
    with _index_of(settings, at) as index:
        if one is not None:
            _locate_one(index, *one, datum)
        if many is not None:
            _locate_many(index, *many, datum, settings.limits.batch_points)


@contextmanager
def _index_of(settings: Settings, at: datetime | None) -> Iterator[LookupIndex]:
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.locate import Lookups  # noqa: PLC0415

    with open_database(settings) as url:
        database = Database(url, pool_size=1)
        lookups = Lookups(database, ZoneInfo(settings.timezone))
        try:
            lookups.load()
            yield lookups.index(at and at.date())
        finally:
            database.close()


def _locate_one(index: LookupIndex, lon: float, lat: float, datum: str) -> None:
    from geo.geometry.crs import reference  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.locate import stored_place  # noqa: PLC0415

    _show(index.find(*stored_place(lon, lat, reference(datum))))


def _show(located: Located) -> None:
    table = Table("层级 · level", "编码 · code", "名称 · name", "责任人 · responsible", box=None)
    for link in located.chain:
        people = "; ".join(
            f"{one.post_zh} {one.name}" + (f" {one.phone}" if one.phone else "") for one in link.responsible
        )
        table.add_row(link.grid.level, link.grid.code, link.grid.name, people)
    if located.chain:
        console.print(table, markup=False)
    if located.on_border:
        console.print(
            "点在网格边界上，取编码最小的网格 · On a border: the grid with the lowest code is given"
        )
    if located.nearest is not None:
        nearest = located.nearest
        told = f"{nearest.grid.code} {nearest.grid.name} ({nearest.distance_m:,.0f} m)"
        console.print(f"不在任何网格内，最近的是 · Outside every grid; the nearest is: {told}", markup=False)


def _locate_many(index: LookupIndex, source: Path, target: Path, datum: str, maximum: int) -> None:
    from api.points import locate_table, read_csv  # noqa: PLC0415 - `wangge --help` is quick
    from geo.geometry.crs import reference  # noqa: PLC0415

    table = read_csv(source.read_bytes(), maximum)
    unfinished = target.with_name(f"{target.name}.part")
    with unfinished.open("wb") as file:
        file.writelines(locate_table(index, table, reference(datum)))
    unfinished.replace(target)
    console.print(f"已写入 · Written: {target} ({len(table.rows):,} 行 · rows)", markup=False)
