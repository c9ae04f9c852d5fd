"""Files in and out: imports, their batches, exports."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path as FilePath
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Depends, File, Form, Header, Path, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, JSONResponse

from api.dependencies import DatabaseDep, Id, SettingsDep, may
from api.json_gate import check_json
from api.parameters import SliceDep
from api.problems import problem_of, unknown_problem
from api.schemas.exchange import (
    BatchDetail,
    BatchPage,
    BatchRow,
    ImportOptions,
    ImportReport,
    MappingDocument,
    MappingText,
    RunDetail,
    RunList,
    RunRow,
    blocking,
)
from api.settings import Settings
from api.uploads import limits_of, stored
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.exchange import Layer
from geo.domain.grids import Level
from geo.errors import BadValue, BrokenPartition, Conflict, GridError
from geo.services.exchange import runs
from geo.services.exchange.batches import Outcome, get_batch, list_batches
from geo.services.exchange.export import export_layer
from geo.services.exchange.formats.registry import FORMATS, format_named
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import check_limit
from geo.services.exchange.mapping_file import read_mapping
from geo.services.exchange.opening import Reading
from geo.services.exchange.options import DivisionOptions, Options, UpperLevel
from geo.services.exchange.progress import Progress, silent
from geo.services.exchange.runs import ImportRuns, Task, Work

router = APIRouter(tags=["exchange"])

Importer = Annotated[Actor, Depends(may(Action.IMPORT_DATA))]
Planner = Annotated[Actor, Depends(may(Action.IMPORT_DIVISION))]
Exporter = Annotated[Actor, Depends(may(Action.EXPORT_DATA))]
OptionsText = Annotated[
    str,
    Form(
        alias="options",
        max_length=65_536,
        description="JSON: ImportOptions",
        examples=['{"reference": "wgs84"}'],
    ),
]
DryRun = Annotated[bool, Form(description="只试运行 · A dry run: nothing is written")]

_FILES = 50
"""So many files may be one batch."""
_REASONS = 20
_KEPT = 5_000
"""So many problems are kept with a run, one by one; the rest is counted."""
MASKED = "Wangge-Masked"
"""The header that tells how many values of which column of an export are masked."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody sends to be imported.

    Attributes
    ----------
    files : list of UploadFile
        The rows: one batch.
    upper : list of UploadFile
        What the options call outlines and names of levels above.
    options : str
        JSON.
    writes : bool
        Whether it is more than a dry run.
    waits : bool
        Whether the sender waits for the report.
    """

    files: list[UploadFile]
    upper: list[UploadFile]
    options: str
    writes: bool
    waits: bool


async def sent(
    settings: SettingsDep,
    file: Annotated[
        list[UploadFile],
        File(min_length=1, max_length=_FILES, description="要导入的文件，同一批次 · The files: one batch"),
    ],
    upper: Annotated[
        list[UploadFile] | None, File(description="上级的图形或名称文件 · Files for the levels above")
    ] = None,
    options: OptionsText = "{}",
    *,
    dry_run: DryRun = True,
    prefer: Annotated[
        str, Header(max_length=200, description="respond-async: RFC 7240", examples=["respond-async"])
    ] = "",
) -> Sent:
    """Give what was sent; larger files, and who would rather not wait, get the address of a run."""
    above = upper or []
    size = sum(one.size or 0 for one in (*file, *above))
    waits = size <= settings.limits.at_once_bytes and "respond-async" not in prefer.lower()
    return Sent(file, above, options, writes=not dry_run, waits=waits)


SentDep = Annotated[Sent, Depends(sent)]
_LATER: dict[int | str, dict[str, Any]] = {
    202: {
        "model": RunRow,
        "description": "较大的文件或 Prefer: respond-async：任务地址在 Location · "
        "A larger file, or Prefer: respond-async: Location tells where to ask how far it is",
    }
}


@router.post("/imports/mapping", operation_id="read_mapping_file", summary="映射文件 · Read a mapping file")
def read_mapping_file(actor: Planner, given: MappingText) -> MappingDocument:  # noqa: ARG001 - the right alone
    """Give what a mapping file (YAML or JSON) says, to go into the options of imports."""
    found = read_mapping(given.document)
    return MappingDocument(
        fields=dict(found.fields),
        constants=dict(found.constants),
        words={name: dict(words) for name, words in found.words.items()},
    )


@router.post(
    "/imports/grids",
    operation_id="import_grids",
    summary="导入网格划分 · Bring grids in",
    response_model=ImportReport,
    responses=_LATER,
)
def import_grids(
    request: Request, actor: Planner, database: DatabaseDep, settings: SettingsDep, given: SentDep
) -> ImportReport | JSONResponse:
    """Judge a file of grids, and publish them as a division unless it is a dry run."""
    return _import(request, _Asked(actor, database, settings, Layer.GRIDS, given))


@router.post(
    "/imports/{layer}",
    operation_id="import_layer",
    summary="导入数据 · Bring rows in",
    response_model=ImportReport,
    responses=_LATER,
)
def import_layer(
    request: Request,
    actor: Importer,
    database: DatabaseDep,
    settings: SettingsDep,
    layer: Annotated[Layer, Path(description="图层 · What the file holds")],
    given: SentDep,
) -> ImportReport | JSONResponse:
    """Judge a file of rows, and keep them, wholly or not at all, unless it is a dry run."""
    return _import(request, _Asked(actor, database, settings, layer, given))


@router.get("/imports/runs", operation_id="list_import_runs", summary="导入任务 · Imports under way")
def list_import_runs(
    actor: Planner, database: DatabaseDep, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> RunList:
    """Give the imports of the caller that went on after their requests, the newest first."""
    with database.read() as uow:
        return RunList(runs=[RunRow.of(run) for run in runs.list_runs(actor, uow, limit=limit)])


@router.get("/imports/runs/{run_id}", operation_id="read_import_run", summary="导入任务 · How far one is")
def read_import_run(actor: Planner, database: DatabaseDep, run_id: Id) -> RunDetail:
    """Give how far an import is that goes on after its request, and in the end what it found."""
    with database.read() as uow:
        return RunDetail.of(runs.get_run(actor, uow, run_id))


@router.get("/imports", operation_id="list_imports", summary="导入批次 · Imports")
def list_imports(actor: Importer, database: DatabaseDep, part: SliceDep) -> BatchPage:
    """Give the imports that were committed, the newest first; the cursor is the lowest id seen."""
    with database.read() as uow:
        page = list_batches(actor, uow, limit=part.limit, before=part.after or None)
    return BatchPage(batches=[BatchRow.of(batch) for batch in page.rows], next=page.next)


@router.get("/imports/{batch_id}", operation_id="read_import", summary="导入批次 · One import")
def read_import(
    actor: Importer, database: DatabaseDep, batch_id: Annotated[int, Path(ge=1, le=2**63 - 1)]
) -> BatchDetail:
    """Give an import with what was asked for and what was found."""
    with database.read() as uow:
        return BatchDetail.of(get_batch(actor, uow, batch_id))


@router.get(
    "/exports/{layer}",
    operation_id="export_layer",
    summary="导出图层 · Take a layer away",
    response_class=FileResponse,
    responses={200: {"content": {one.media_type: {} for one in FORMATS.values()}}},
)
def export(
    actor: Exporter,
    database: DatabaseDep,
    layer: Annotated[Layer, Path(description="图层 · Which layer")],
    format_: Annotated[
        str, Query(alias="format", max_length=20, description=", ".join(FORMATS), examples=["geojson"])
    ] = "geojson",
    crs: Annotated[
        str, Query(max_length=32, description="坐标系 · CRS or datum", examples=["wgs84"])
    ] = "wgs84",
    level: Annotated[Level | None, Query(description="网格层级 · Level of grids")] = None,
) -> FileResponse:
    """Give all rows of a layer that the caller may take away, as a file.

    What the profile doesn't let the caller see of people is masked; `Wangge-Masked` counts it by column.
    """
    chosen = format_named(format_)
    folder = FilePath(tempfile.mkdtemp(prefix="wangge-"))
    path = folder / f"{layer}{chosen.extensions[0]}"
    try:
        with database.write() as uow:
            done = export_layer(actor, uow, layer, format_, path, reference_name=crs, level=level)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return FileResponse(
        path,
        media_type=chosen.media_type,
        filename=path.name,
        headers={MASKED: ", ".join(f"{name}={count}" for name, count in done.masked.items())},
        background=BackgroundTask(shutil.rmtree, folder),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """An import as it was asked for, and where."""

    actor: Actor
    database: Database
    settings: Settings
    layer: Layer
    given: Sent


def _import(request: Request, asked: _Asked) -> ImportReport | JSONResponse:
    with ExitStack() as files:
        work = _work(asked, files)
        if asked.given.waits:
            return _at_once(asked, work)
        ongoing: ImportRuns = request.app.state.import_runs
        task = Task(
            asked.actor,
            asked.layer,
            ", ".join(one.filename or "" for one in asked.given.files),
            asked.given.writes,
            work,
            told=lambda outcome: _told(asked, outcome),
            explained=lambda error: _explained(error, request.url.path),
        )
        run_id = ongoing.start(task, files.pop_all())
    with asked.database.read() as uow:
        row = RunRow.of(runs.get_run(asked.actor, uow, run_id))
    address = {"Location": f"/api/v1/imports/runs/{run_id}", "Retry-After": "1"}
    return JSONResponse(row.model_dump(mode="json"), HTTPStatus.ACCEPTED, address)


def _at_once(asked: _Asked, work: Work) -> ImportReport:
    writes = asked.given.writes
    with asked.database.write() if writes else asked.database.read() as uow:
        outcome = work(uow, silent)
        if writes and outcome.refused:
            raise _refusal(outcome)
    return ImportReport.of(outcome, commit=writes)


def _work(asked: _Asked, files: ExitStack) -> Work:
    """Give what there is to do with the files, which are kept as long as the stack is open."""
    given, settings = asked.given, asked.settings
    check_json(given.options.encode(), settings.limits.depth)
    options, limits = _options(given.options), limits_of(settings)
    check_limit("upload_bytes", sum(one.size or 0 for one in given.files), limits.upload_bytes)
    paths = [files.enter_context(stored(one, limits)) for one in given.files]
    upper = {one.filename or "": files.enter_context(stored(one, limits)) for one in given.upper}
    reading, division = _reading_options(options, settings), _division_options(options, settings, upper)

    def work(uow: UnitOfWork, progress: Progress) -> Outcome:
        return import_files(
            asked.actor,
            uow,
            asked.layer,
            paths,
            options=reading,
            limits=limits,
            commit=given.writes,
            division=division,
            progress=progress,
        )

    return work


def _told(asked: _Asked, outcome: Outcome) -> dict[str, Any]:
    report = ImportReport.of(outcome, commit=asked.given.writes)
    return report.model_copy(update={"problems": report.problems[:_KEPT]}).model_dump(mode="json")


def _explained(error: GridError | None, path: str) -> dict[str, Any]:
    answer = unknown_problem("import-failed", path) if error is None else problem_of(error, path)
    found: dict[str, Any] = json.loads(bytes(answer.body))
    return found


def _options(text: str) -> ImportOptions:
    try:
        return ImportOptions.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, ("options", *first["loc"])))
        raise BadValue(field=field, value=text[:80], expected=first["type"]) from error


def _reading_options(asked: ImportOptions, settings: Settings) -> Options:
    return Options(
        mapping=asked.mapping,
        constants=asked.constants,
        translations=asked.translations,
        reference=asked.reference,
        reading=Reading(asked.encoding, asked.layer),
        zone=_zone(asked.timezone or settings.timezone),
        time_format=asked.time_format,
        on_existing=asked.on_existing,
        skip_bad=asked.skip_bad,
        repair=asked.repair,
        tolerance_m=asked.tolerance_m,
        gap_m=asked.gap_m,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValue(field="options.timezone", value=name, expected="Asia/Shanghai") from error


def _division_options(
    asked: ImportOptions, settings: Settings, files: Mapping[str, FilePath]
) -> DivisionOptions:
    zone = ZoneInfo(settings.timezone)
    start = asked.valid_from
    above = {*asked.parent_codes, *asked.parent_names, *asked.outlines, *asked.names}
    return DivisionOptions(
        level=asked.level,
        upper={level: _upper_level(asked, level, files) for level in above},
        code_lengths=settings.code_lengths,
        code_pattern=settings.code_pattern,
        from_prefixes=not asked.no_upper,
        code_prefix=asked.code_prefix,
        assign_codes=asked.assign_codes,
        join_parts=asked.join_parts,
        allow_gaps=asked.allow_gaps,
        name=asked.name,
        valid_from=start.replace(tzinfo=zone) if start and start.tzinfo is None else start,
    )


def _upper_level(asked: ImportOptions, level: Level, files: Mapping[str, FilePath]) -> UpperLevel:
    return UpperLevel(
        code_column=asked.parent_codes.get(level),
        name_column=asked.parent_names.get(level),
        outlines=_sent_file(asked.outlines.get(level), files),
        names=_sent_file(asked.names.get(level), files),
        mapping=asked.upper_mapping.get(level, {}),
    )


def _sent_file(name: str | None, files: Mapping[str, FilePath]) -> FilePath | None:
    """Give where a file is that was sent along: a name is no path, and leads to nothing else."""
    if name is None:
        return None
    if name not in files:
        raise BadValue(field="options.outlines", value=name[:80], expected=", ".join(files) or "upper")
    return files[name]


def _refusal(outcome: Outcome) -> Conflict:
    """Return what to raise: nothing was written, and why."""
    report = outcome.report
    reasons = [
        {"code": problem.code, "row": problem.row, "field": problem.field, "value": problem.value}
        for problem in blocking(report)[:_REASONS]
    ]
    counts = report.facts.get("partition", {}).get("after", {})
    if any(reason["code"] == "broken-partition" for reason in reasons):
        return BrokenPartition(parent=None, **counts, bad_rows=report.bad_rows, reasons=reasons)
    return Conflict(bad_rows=report.bad_rows, reasons=reasons)
