"""`wangge import` and `wangge export`: what people have, in and out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from api.cli.installation import DataDir, console, errors, open_database, settings_of
from geo.domain.exchange import Layer, OnExisting, Severity
from geo.domain.grids import Level

if TYPE_CHECKING:
    from api.schemas.exchange import ImportReport, ProblemRow
    from api.settings import Settings
    from geo.db.unit_of_work import Database
    from geo.services.exchange.batches import Outcome
    from geo.services.exchange.options import DivisionOptions, Options

app = typer.Typer()

_REFUSED = 1
_COLOURS = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.REPAIRED: "cyan",
    Severity.NOTE: "dim",
}
_STAGES = {
    "read": "读取 · Reading",
    "check": "检查 · Checking",
    "repair": "修复 · Repairing",
    "write": "写入 · Writing",
    "locate": "定位 · Locating",
}
_STATES = {
    "dry-run": (
        "试运行，没有写入；加 --commit 写入",
        "A dry run: nothing was written; --commit writes",
        "cyan",
    ),
    "refused": ("有错误，没有写入", "Refused because of errors: nothing was written", "red"),
    "committed": ("已写入批次 {batch}", "Written as batch {batch}", "green"),
}


class FormatName(StrEnum):
    """The formats of exports."""

    GEOJSON = "geojson"
    GPKG = "gpkg"
    SHAPEFILE = "shapefile"
    KML = "kml"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    GPX = "gpx"


Files = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help="文件或文件夹 · Files or folders", exists=True)
]
Pairs = Annotated[list[str] | None, typer.Option(metavar="…=…")]


@app.command("import")
def import_(
    layer: Annotated[Layer, typer.Argument(help="导入什么 · What the files hold")],
    files: Files,
    *,
    commit: Annotated[
        bool, typer.Option("--commit", help="写入；默认只试运行 · Write; a dry run otherwise")
    ] = False,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="哪一列是哪个字段 · Which column is which field"),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="映射文件（YAML）· Fields, constants and words from a file"
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="缺省值 · The value of rows without one"),
    ] = None,
    word: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD:WORD=VALUE", help="词的含义 · What a word of the file means"),
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(
            "--crs",
            "--datum",
            help="坐标系 · What the numbers are: wgs84, cgcs2000, gcj02, bd09, EPSG:nnnn",
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码 · Encoding of the text")] = None,
    sheet: Annotated[
        str | None, typer.Option("--layer", "--sheet", help="图层或工作表 · Layer or sheet")
    ] = None,
    timezone: Annotated[str | None, typer.Option(help="时区 · Time zone of times without one")] = None,
    time_format: Annotated[
        str | None, typer.Option(help="时间格式 · How times are written: %Y-%m-%d …")
    ] = None,
    on_existing: Annotated[
        OnExisting, typer.Option(help="已存在的行 · What happens to rows that are there")
    ] = OnExisting.REFUSE,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="跳过有错的行 · Commit without the bad rows")
    ] = False,
    repair: Annotated[bool, typer.Option("--repair", help="修复图形 · Repair geometry")] = False,
    tolerance_m: Annotated[
        float, typer.Option(min=0.001, help="边界最多移动（米）· How far a border may move")
    ] = 0.5,
    gap_m: Annotated[
        float | None, typer.Option(min=0.001, help="封闭多宽的缝（米）· How wide a gap is closed")
    ] = None,
    level: Annotated[Level, typer.Option(help="网格的层级 · Level of the grids")] = Level.UNIT,
    upper: Annotated[
        list[str] | None, typer.Option(metavar="LEVEL=FILE", help="上级的图形文件 · Grids of a level above")
    ] = None,
    parent_code: Annotated[
        list[str] | None,
        typer.Option(metavar="LEVEL=COLUMN", help="上级编码列 · Column with codes of a level above"),
    ] = None,
    parent_name: Annotated[
        list[str] | None,
        typer.Option(metavar="LEVEL=COLUMN", help="上级名称列 · Column with names of a level above"),
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option(metavar="LEVEL=FILE", help="上级名称取自文件 · Names of a level above")
    ] = None,
    upper_map: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVEL.FIELD=COLUMN", help="上级文件的列 · Columns of the files of levels above"
        ),
    ] = None,
    no_upper: Annotated[
        bool, typer.Option("--no-upper", help="不由编码推出上级 · No levels from codes")
    ] = False,
    assign_codes: Annotated[
        bool, typer.Option("--assign-codes", help="给无编码者编码 · Give missing codes")
    ] = False,
    join_parts: Annotated[
        bool, typer.Option("--join-parts", help="同码各行合为一个网格 · Rows of one code are one grid")
    ] = False,
    code_prefix: Annotated[str, typer.Option(help="新编码的前缀 · What new codes begin with")] = "",
    allow_gaps: Annotated[
        bool, typer.Option("--allow-gaps", help="允许真实的空地 · Admit ground in no grid")
    ] = False,
    name: Annotated[str, typer.Option(help="划分的名称 · Name of the division")] = "",
    valid_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="生效日期 · From when it holds", show_default=False),
    ] = None,
    report_dir: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="报告写到哪里（CSV、JSON）· Where reports are written"),
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="屏幕上列出多少行 · How many rows are listed")] = 40,
    data: DataDir = None,
) -> None:
    """导入文件；默认试运行，逐行报告 · Bring files in: a dry run with a report, unless --commit.

    例 · Examples:

    wangge import grids grids.geojson --parent-code community=CS_XZQHBM --repair --assign-codes --commit

    wangge import entities shops.csv --crs gcj02 --map name=商户名称 --commit
    """
    from geo.services.exchange.mapping_file import MappingFile, read_mapping  # noqa: PLC0415
    from geo.services.exchange.opening import Reading  # noqa: PLC0415
    from geo.services.exchange.options import DivisionOptions, Options, UpperLevel  # noqa: PLC0415 - `wangge --help` is quick

    settings = settings_of(data)
    given = read_mapping(_text(mapping)) if mapping else MappingFile()
    zone = _zone(timezone or settings.timezone)
    options = Options(
        mapping={**given.fields, **_pairs(map_)},
        constants={**given.constants, **_pairs(set_)},
        translations=_merged(given.words, _words(word)),
        reference=crs,
        reading=Reading(encoding, sheet),
        zone=zone,
        time_format=time_format,
        on_existing=on_existing,
        skip_bad=skip_bad,
        repair=repair,
        tolerance_m=tolerance_m,
        gap_m=gap_m,
    )
    codes, carried = _by_level(parent_code), _by_level(parent_name)
    outlines, named, columns = _by_level(upper), _by_level(names), _upper_columns(upper_map)
    division = DivisionOptions(
        level=level,
        upper={
            one: UpperLevel(
                code_column=codes.get(one),
                name_column=carried.get(one),
                outlines=_path(outlines.get(one)),
                names=_path(named.get(one)),
                mapping=columns.get(one, {}),
            )
            for one in {*codes, *carried, *outlines, *named}
        },
        code_lengths=settings.code_lengths,
        code_pattern=settings.code_pattern,
        from_prefixes=not no_upper,
        code_prefix=code_prefix,
        assign_codes=assign_codes,
        join_parts=join_parts,
        allow_gaps=allow_gaps,
        name=name,
        valid_from=valid_from.replace(tzinfo=zone) if valid_from else None,
    )
    outcome = _run(settings, layer, files, options, division, commit=commit)
    _tell(outcome, commit=commit, show=show, report_dir=report_dir)
    if commit and outcome.refused:
        raise typer.Exit(_REFUSED)


def _run(
    settings: Settings,
    layer: Layer,
    files: Sequence[Path],
    options: Options,
    division: DivisionOptions,
    *,
    commit: bool,
) -> Outcome:
    from geo.domain.actors import OPERATOR  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.exchange.importing import import_files  # noqa: PLC0415
    from geo.services.exchange.limits import Limits  # noqa: PLC0415

    limits = Limits(**{name: getattr(settings.limits, name) for name in Limits.__slots__})
    with _database(settings) as database, _progress() as tell, _unit(database, commit=commit) as uow:
        return import_files(
            OPERATOR,
            uow,
            layer,
            files,
            options=options,
            limits=limits,
            commit=commit,
            division=division,
            progress=tell,
        )


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    from geo.db.unit_of_work import Database  # noqa: PLC0415 - `wangge --help` is quick

    with open_database(settings) as url:
        database = Database(url, pool_size=1)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def _unit(database: Database, *, commit: bool) -> Iterator[Any]:
    with database.write() if commit else database.read() as uow:
        yield uow


@contextmanager
def _progress() -> Iterator[Any]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(_STAGES["read"], total=None)
        yield lambda stage: progress.update(task, description=_STAGES[stage])


def _tell(outcome: Outcome, *, commit: bool, show: int, report_dir: Path | None) -> None:
    from api.schemas.exchange import ImportReport  # noqa: PLC0415 - `wangge --help` is quick

    report = ImportReport.of(outcome, commit=commit)
    _show_files(report)
    _show_problems(report, show)
    if report_dir is not None:
        _write_reports(report, report_dir)
    zh, en, colour = _STATES[report.state]
    summary = f"{report.rows} 行 rows · {report.accepted} 可用 good · {report.located} 已定位 located"
    console.print(f"{summary} · {report.bad_rows} 有错 bad")
    console.print(f"{zh} · {en}".format(batch=report.batch), style=f"bold {colour}")


def _show_files(report: ImportReport) -> None:
    for file in report.files:
        said = [
            file.format,
            f"{file.rows} 行 rows",
            file.encoding,
            file.declared and f"声明 declares {file.declared}",
        ]
        console.print(f"[bold]{file.name}[/bold]", " · ".join(filter(None, said)), markup=True)
    console.print("坐标系 · Reference:", report.reference or "–")
    table = Table("字段 · Field", "列 · Column", "")
    for source in report.mapping:
        table.add_row(source.field, source.column, "猜测 · guessed" if source.guessed else "")
    console.print(table)
    if report.facts:
        console.print_json(json.dumps(report.facts, ensure_ascii=False))


def _show_problems(report: ImportReport, show: int) -> None:
    counts = Table("问题 · Problem", "数量 · Count")
    for code, count in report.counts.items():
        counts.add_row(code, str(count))
    if report.counts:
        console.print(counts)
    heads = ("行 · Row", "字段 · Field", "问题 · Problem", "米 · m", "平方米 · m²", "位置 · Place")
    table = Table(*(Column(head, overflow="fold") for head in heads))
    order = list(Severity)
    worst = sorted(report.problems, key=lambda problem: order.index(problem.severity))
    for problem in worst[:show]:
        table.add_row(*_cells(problem), style=_COLOURS[problem.severity])
    if table.row_count:
        console.print(table)
    if len(worst) > show:
        console.print(f"另有 {len(worst) - show} 条 · {len(worst) - show} more: --report-dir", style="dim")


def _cells(problem: ProblemRow) -> tuple[str, ...]:
    place = "" if problem.lon is None else f"{problem.lon:.6f}, {problem.lat:.6f}"
    return (
        "" if problem.row is None else str(problem.row),
        problem.field or "",
        f"{problem.zh}\n{problem.en}",
        "" if problem.moved_m is None else f"{problem.moved_m:.4g}",
        "" if problem.area_m2 is None else f"{problem.area_m2:.4g}",
        place,
    )


def _write_reports(report: ImportReport, folder: Path) -> None:
    from api.schemas.exchange import ProblemRow  # noqa: PLC0415 - `wangge --help` is quick
    from geo.services.exchange.formats.cells import guarded  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    stem = f"import-{report.layer}-{datetime.now().astimezone():%Y%m%dT%H%M%S}"
    (folder / f"{stem}.json").write_text(report.model_dump_json(indent=2), encoding="utf-8")
    with (folder / f"{stem}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(ProblemRow.model_fields))
        writer.writeheader()
        for problem in report.problems:
            row = problem.model_dump(mode="json")
            writer.writerow(
                {key: guarded(value) if isinstance(value, str) else value for key, value in row.items()}
            )
    console.print(f"报告 · Reports: {folder / stem}.csv, .json")


def _pairs(texts: Sequence[str] | None) -> dict[str, str]:
    found = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise typer.BadParameter(f"“{text}” ≠ …=…")
        found[name.strip()] = value.strip()
    return found


def _words(texts: Sequence[str] | None) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for left, meaning in _pairs(texts).items():
        field, sign, word = left.partition(":")
        if not sign:
            raise typer.BadParameter(f"“{left}” ≠ FIELD:WORD=VALUE")
        found.setdefault(field, {})[word] = meaning
    return found


def _merged(
    first: Mapping[str, Mapping[str, str]], second: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    return {field: {**first.get(field, {}), **second.get(field, {})} for field in {*first, *second}}


def _by_level(texts: Sequence[str] | None) -> dict[Level, str]:
    return {_level(name): value for name, value in _pairs(texts).items()}


def _upper_columns(texts: Sequence[str] | None) -> dict[Level, dict[str, str]]:
    found: dict[Level, dict[str, str]] = {}
    for left, column in _pairs(texts).items():
        level, _, field = left.partition(".")
        found.setdefault(_level(level), {})[field] = column
    return found


def _level(name: str) -> Level:
    try:
        return Level(name)
    except ValueError as error:
        raise typer.BadParameter(f"{name}: {', '.join(Level)}") from error


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(name) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{path}: UTF-8") from error


@app.command()
def export(
    layer: Annotated[Layer, typer.Argument(help="导出什么 · Which layer")],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="文件 · Where it goes", dir_okay=False)],
    format_: Annotated[
        FormatName | None,
        typer.Option("--format", help="格式；默认按文件名 · By the name of the file otherwise"),
    ] = None,
    crs: Annotated[
        str, typer.Option("--crs", "--datum", help="坐标系 · What the numbers shall be")
    ] = "wgs84",
    level: Annotated[
        Level | None, typer.Option(help="网格层级，默认最细 · Level of grids, the narrowest otherwise")
    ] = None,
    data: DataDir = None,
) -> None:
    """导出一个图层；再导入不丢失任何内容 · Give a layer back: importing it again loses nothing.

    例 · Examples:

    wangge export grids --out grids.gpkg

    wangge export issues --out issues.csv --crs gcj02
    """
    from api.schemas.exchange import WORDS  # noqa: PLC0415 - `wangge --help` is quick
    from geo.domain.actors import OPERATOR  # noqa: PLC0415
    from geo.services.exchange.export import LOSSES, export_layer  # noqa: PLC0415

    chosen = format_ or _format_by_name(out)
    with _database(settings_of(data)) as database, database.write() as uow:
        done = export_layer(OPERATOR, uow, layer, chosen, out, reference_name=crs, level=level)
    for code in LOSSES.get(chosen, ()):
        console.print(" · ".join(WORDS[code]), style="yellow")
    for name, count in done.masked.items():
        console.print(" · ".join(WORDS["masked-column"]).format(field=name, count=count), style="yellow")
    console.print(f"{done.rows} 行 rows → {out}", style="green")


def _format_by_name(path: Path) -> FormatName:
    from geo.services.exchange.formats.registry import FORMATS  # noqa: PLC0415 - `wangge --help` is quick

    for name, one in FORMATS.items():
        if path.suffix.lower() in one.extensions:
            return FormatName(name)
    raise typer.BadParameter(f"--format {', '.join(FormatName)}")
