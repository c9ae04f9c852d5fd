"""Which grids hold a point."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from api.dependencies import SettingsDep, may
from api.points import locate_list, locate_table, parse_json, read_csv, read_json
from api.schemas.locate import (
    AT,
    DATUM,
    STORED,
    BatchAnswers,
    LocateAnswer,
    LocateQuestion,
    batch_schema,
    parameters_of,
    phrases_of,
)
from geo.domain.actors import Action
from geo.errors import BadValue, UnknownFormat
from geo.geometry.crs import reference
from geo.geometry.locate import OUTSIDE
from geo.services.locate import LookupIndex, Lookups, stored_place

router = APIRouter(tags=["locate"])

Datum = Annotated[str, Query(description=DATUM, examples=["gcj02"])]
At = Annotated[date | None, Query(description=AT, examples=["2026-06-30"])]

_PLAIN = re.compile(rb"lon=(-?\d{1,3}(?:\.\d{1,17})?)&lat=(-?\d{1,2}(?:\.\d{1,17})?)")
"""What is asked nearly always: two numbers and nothing else, read without looking for anything else."""


@router.get(
    "/locate",
    operation_id="locate_point",
    summary="点在哪个网格 · Which grids hold a point",
    response_model=LocateAnswer,
    openapi_extra={"parameters": parameters_of(LocateQuestion)},
)
async def locate_point(request: Request) -> Response:
    """Give the chain of grids from district to unit with the responsible people that the public may know.

    Outside every grid the chain is empty, and the nearest grid is named with its distance.
    """
    # Asked more often than all else together: what FastAPI does for each declared parameter and dependency
    # would take longer than the lookup. It is open to everybody, so nobody is asked who they are.
    lookups: Lookups = request.app.state.lookups
    if place := _plain_place(request.scope["query_string"]):
        return Response(_answer(lookups.index(), *place), media_type="application/json")
    asked = _question(request)
    index = lookups.index() if asked.at is None else await run_in_threadpool(lookups.index, asked.at)
    lon, lat = asked.lon, asked.lat
    if asked.datum != STORED:
        lon, lat = stored_place(lon, lat, reference(asked.datum))
    return Response(_answer(index, lon, lat), media_type="application/json")


def _plain_place(query: bytes) -> tuple[float, float] | None:
    plain = _PLAIN.fullmatch(query)
    if not plain:
        return None
    lon, lat = float(plain[1]), float(plain[2])
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _question(request: Request) -> LocateQuestion:
    try:
        return LocateQuestion.model_validate(dict(request.query_params))
    except ValidationError as error:
        faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from None


def _answer(index: LookupIndex, lon: float, lat: float) -> bytes:
    phrases = phrases_of(index)
    cell, on_border = index.cells.find(lon, lat)
    nearest = phrases.nearest(*index.cells.nearest(lon, lat)) if cell == OUTSIDE else b"null"
    place = phrases.place(lon, lat, cell, on_border=on_border, nearest=nearest)
    return b'{%b,"generation":%b}' % (place, phrases.generation)


async def _body(request: Request) -> bytes:
    return await request.body()


_TABLE = (
    "id,lon,lat,district_code,district_name,street_code,street_name,community_code,community_name,unit_code,"
    "unit_name,on_border,nearest_code,distance_m,error,error_zh,error_en\r\n"
    "A-1,120.1423,30.2614,330106,西湖区,330106001,北山街道,330106001001,友谊社区,330106001001001,第一网格,"
    "false,,,,,\r\n"
)


@router.post(
    "/locate/batch",
    dependencies=[Depends(may(Action.LOCATE))],
    operation_id="locate_points",
    summary="批量定位 · Which grids hold many points",
    response_model=BatchAnswers,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}, "example": _TABLE}}}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": batch_schema()},
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "id,lon,lat\nA-1,120.1423,30.2614\n",
                },
            },
        }
    },
)
def locate_points(
    request: Request,
    body: Annotated[bytes, Depends(_body)],
    settings: SettingsDep,
    datum: Datum = STORED,
    at: At = None,
) -> StreamingResponse:
    """Answer row by row in the form of the question; a bad row has its own error and spoils no other.

    In JSON, ``datum`` and ``at`` stand beside the points; for CSV they are parameters. The columns of a CSV
    document are kept.
    """
    lookups: Lookups = request.app.state.lookups
    kind = _media_type(request)
    if kind == "text/csv":
        table = read_csv(body, settings.limits.batch_points)
        answer = locate_table(lookups.index(at), table, reference(datum))
        return StreamingResponse(answer, media_type="text/csv; charset=utf-8")
    if kind != "application/json":
        raise UnknownFormat(name=kind, formats=["application/json", "text/csv"])
    document = parse_json(body)
    points = read_json(document, settings.limits.batch_points)
    index = lookups.index(_day(document.get("at", at)))
    given = reference(_text(document.get("datum", datum)))
    return StreamingResponse(locate_list(index, points, given), media_type="application/json")


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValue(field="datum", value=str(value)[:80], expected="text")
    return value


def _day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise BadValue(field="at", value=str(value)[:80], expected="YYYY-MM-DD") from error
