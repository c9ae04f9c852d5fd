"""Statistics of a month: made now, or as they were kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import DatabaseDep, Id, SettingsDep, may
from api.parameters import MomentDep
from api.schemas.statistics import SnapshotSchema, StatisticsSchema
from geo.domain.actors import Action, Actor
from geo.domain.grids import Level
from geo.services import statistics

router = APIRouter(tags=["statistics"])

Reader = Annotated[Actor, Depends(may(Action.READ_MEASURES))]
Keeper = Annotated[Actor, Depends(may(Action.KEEP_STATISTICS))]


async def asked_for(
    month: Annotated[
        date,
        Query(
            ge=date(1970, 1, 1),
            le=date(2199, 12, 31),
            description="月份中任一天 · Any day of the month",
            examples=["2026-10-01"],
        ),
    ],
    level: Annotated[Level, Query(description="层级 · Level", examples=["community"])] = Level.COMMUNITY,
    grid: Annotated[
        str | None,
        Query(max_length=40, description="仅此网格内 · Only inside this grid", examples=["330106001"]),
    ] = None,
    at: MomentDep = None,
) -> statistics.Asked:
    """Give month, level, place, and by whose grids."""
    return statistics.Asked(month, level, grid, at)


AskedDep = Annotated[statistics.Asked, Depends(asked_for)]


@router.get(
    "/statistics", operation_id="make_statistics", summary="网格化监管月份统计 · Statistics of a month"
)
def make_statistics(
    actor: Reader, database: DatabaseDep, settings: SettingsDep, asked: AskedDep
) -> StatisticsSchema:
    """Give the figures that the regulation profile asks for, by grid."""
    with database.read() as uow:
        made = statistics.make_statistics(
            actor, uow, asked, timezone=settings.timezone, now=datetime.now(UTC)
        )
    return StatisticsSchema.of(made)


@router.post(
    "/statistics/snapshots",
    operation_id="keep_statistics",
    summary="存档月份统计 · Keep the statistics of a month",
    status_code=201,
)
def keep_statistics(
    actor: Keeper, database: DatabaseDep, settings: SettingsDep, asked: AskedDep
) -> SnapshotSchema:
    """Keep the statistics of a month as they are now; nothing that happens later changes them."""
    with database.write() as uow:
        kept = statistics.keep_statistics(
            actor, uow, asked, timezone=settings.timezone, now=datetime.now(UTC)
        )
    return SnapshotSchema.of(kept)


@router.get(
    "/statistics/snapshots",
    operation_id="list_statistics",
    summary="已存档的月份统计 · What was kept of a month",
)
def list_statistics(
    actor: Reader, database: DatabaseDep, settings: SettingsDep, asked: AskedDep
) -> list[SnapshotSchema]:
    """Give all that was kept of a month, a level and a place, the newest first."""
    with database.read() as uow:
        kept = statistics.list_snapshots(actor, uow, asked, timezone=settings.timezone, now=datetime.now(UTC))
    return list(map(SnapshotSchema.of, kept))


@router.get(
    "/statistics/snapshots/{snapshot_id}",
    operation_id="read_statistics",
    summary="一份存档的统计 · Statistics as they were kept",
)
def read_statistics(actor: Reader, database: DatabaseDep, snapshot_id: Id) -> SnapshotSchema:
    """Give statistics as they were kept."""
    with database.read() as uow:
        return SnapshotSchema.of(statistics.read_snapshot(actor, uow, snapshot_id))
