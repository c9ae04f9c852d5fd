"""Files in and out: imports, their batches, exports."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path as FilePath
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Depends, Form, Path, Query, UploadFile
from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from api.dependencies import DatabaseDep, SettingsDep, may
from api.json_gate import check_json
from api.parameters import SliceDep
from api.schemas.exchange import BatchDetail, BatchPage, BatchRow, ImportOptions, ImportReport, blocking
from api.settings import Settings
from api.uploads import Upload, limits_of, stored
from geo.db.unit_of_work import Database
from geo.domain.actors import Action, Actor
from geo.domain.exchange import Layer
from geo.domain.grids import Level
from geo.errors import BadValue, BrokenPartition, Conflict
from geo.services.exchange.batches import Outcome, get_batch, list_batches
from geo.services.exchange.export import export_layer
from geo.services.exchange.formats.registry import FORMATS, format_named
from geo.services.exchange.importing import import_files
from geo.services.exchange.opening import Reading
from geo.services.exchange.options import DivisionOptions, Options, UpperLevel

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

_REASONS = 20
MASKED = "Wangge-Masked"
"""The header that tells how many values of which column of an export are masked."""


@router.post("/imports/grids", operation_id="import_grids", summary="导入网格划分 · Bring grids in")
def import_grids(
    actor: Planner,
    database: DatabaseDep,
    settings: SettingsDep,
    file: Upload,
    options: OptionsText = "{}",
    *,
    dry_run: DryRun = True,
) -> ImportReport:
    """Judge a file of grids, and publish them as a division unless it is a dry run."""
    return _import(actor, database, settings, Layer.GRIDS, file, options, commit=not dry_run)


@router.post("/imports/{layer}", operation_id="import_layer", summary="导入数据 · Bring rows in")
def import_layer(
    actor: Importer,
    database: DatabaseDep,
    settings: SettingsDep,
    layer: Annotated[Layer, Path(description="图层 · What the file holds")],
    file: Upload,
    options: OptionsText = "{}",
    *,
    dry_run: DryRun = True,
) -> ImportReport:
    """Judge a file of rows, and keep them, wholly or not at all, unless it is a dry run."""
    return _import(actor, database, settings, layer, file, options, commit=not dry_run)


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


def _import(
    actor: Actor,
    database: Database,
    settings: Settings,
    layer: Layer,
    file: UploadFile,
    options_text: str,
    *,
    commit: bool,
) -> ImportReport:
    check_json(options_text.encode(), settings.limits.depth)
    asked = _options(options_text)
    limits = limits_of(settings)
    with stored(file, limits) as path, database.write() if commit else database.read() as uow:
        outcome = import_files(
            actor,
            uow,
            layer,
            [path],
            options=_reading_options(asked, settings),
            limits=limits,
            commit=commit,
            division=_division_options(asked, settings),
        )
        if commit and outcome.refused:
            raise _refusal(outcome)
    return ImportReport.of(outcome, commit=commit)


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


def _division_options(asked: ImportOptions, settings: Settings) -> DivisionOptions:
    zone = ZoneInfo(settings.timezone)
    start = asked.valid_from
    return DivisionOptions(
        level=asked.level,
        upper={
            level: UpperLevel(asked.parent_codes.get(level), asked.parent_names.get(level))
            for level in {*asked.parent_codes, *asked.parent_names}
        },
        code_lengths=settings.code_lengths,
        code_pattern=settings.code_pattern,
        code_prefix=asked.code_prefix,
        assign_codes=asked.assign_codes,
        join_parts=asked.join_parts,
        allow_gaps=asked.allow_gaps,
        name=asked.name,
        valid_from=start.replace(tzinfo=zone) if start and start.tzinfo is None else start,
    )


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
