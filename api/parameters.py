"""What many routes ask in the same words: pages of a list, boxes, days, revisions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Query, Request
from starlette.responses import Response

from api.dependencies import SettingsDep
from geo.domain.generations import last_instant
from geo.errors import BadValue, LimitExceeded, RevisionRequired

_REVISION = re.compile(r'(?:W/)?"([0-9]{1,9})"')


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is wanted.

    Attributes
    ----------
    after : int
        The id after which it begins.
    limit : int
        How many rows it has at most.
    """

    after: int
    limit: int


async def slice_of(
    settings: SettingsDep,
    cursor: Annotated[
        int, Query(ge=0, le=2**63 - 1, description="上一页给出的 next · The ``next`` of the page before")
    ] = 0,
    limit: Annotated[int, Query(ge=1, description="每页行数 · Rows of a page")] = 100,
) -> Slice:
    """Give the part of a list that is wanted, or raise `LimitExceeded`."""
    if limit > settings.limits.page_rows:
        raise LimitExceeded(limit="page_rows", value=limit, maximum=settings.limits.page_rows)
    return Slice(cursor, limit)


Box = tuple[float, float, float, float]


async def box_of(
    bbox: Annotated[
        str | None,
        Query(
            description="west,south,east,north (EPSG:4326)",
            examples=["120.1,30.2,120.2,30.3"],
            max_length=200,
        ),
    ] = None,
) -> Box | None:
    """Give west, south, east, north in degrees, or raise `BadValue`."""
    if bbox is None:
        return None
    try:
        west, south, east, north = map(float, bbox.split(","))
    except ValueError:
        raise _bad_box(bbox) from None
    box = west, south, east, north
    if not all(map(math.isfinite, box)) or west > east or south > north:
        raise _bad_box(bbox)
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise _bad_box(bbox)
    return box


def _bad_box(text: str) -> BadValue:
    return BadValue(field="bbox", value=text, expected="west,south,east,north")


async def moment_of(
    settings: SettingsDep,
    at: Annotated[
        date | None,
        Query(
            description="查询该日（当地时间）结束时的情况；今天及以后为现在 · "
            "As of the end of that day in the city; today and later mean now",
            examples=["2026-06-30"],
        ),
    ] = None,
) -> datetime | None:
    """Give the last instant of a day in the city, or None for now."""
    return end_of(at, settings.timezone)


def end_of(day: date | None, timezone: str) -> datetime | None:
    """Give the last instant of a day; None for now, if it is today or later or none was chosen.

    Parameters
    ----------
    day : date or None
        The day.
    timezone : str
        IANA name of the zone in which days begin and end.
    """
    zone = ZoneInfo(timezone)
    return None if day is None or day >= datetime.now(zone).date() else last_instant(day, zone)


async def revision_of(if_match: Annotated[str | None, Header()] = None) -> int:
    """Give the revision that a change is based on, or raise `RevisionRequired`, or `BadValue`."""
    if if_match is None:
        raise RevisionRequired
    revision = _REVISION.fullmatch(if_match.strip())
    if revision is None:
        raise BadValue(field="If-Match", value=if_match[:80], expected='"1"')
    return int(revision[1])


def etag_of(revision: int) -> str:
    """Give the ETag of a row that is at a revision.

    It tells one edition from another by what people have written. What follows from that, like the grid of a
    place after a new division or whether a deadline has passed, may differ under the same ETag: so nobody's
    change is refused for a publication.

    Parameters
    ----------
    revision : int
        The lock counter of the row.

    Examples
    --------
    >>> etag_of(3)
    '"3"'
    """
    return f'"{revision}"'


def unless_known(request: Request, content: bytes, media_type: str) -> Response:
    """Give a content with its ETag, or 304 to who has it already.

    Parameters
    ----------
    request : Request
        Its ``If-None-Match`` tells what is known.
    content : bytes
        The answer.
    media_type : str
        What it is.
    """
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Authorization, Cookie"}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


SliceDep = Annotated[Slice, Depends(slice_of)]
BoxDep = Annotated[Box | None, Depends(box_of)]
MomentDep = Annotated[datetime | None, Depends(moment_of)]
RevisionDep = Annotated[int, Depends(revision_of)]
