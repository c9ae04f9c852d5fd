"""Coverage, hot spots and backlog, by grid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import DatabaseDep, may
from api.parameters import MomentDep
from api.schemas.measures import Backlog, Coverage, GroundCoverage, Hotspots
from api.schemas.moments import Moment
from geo.domain.actors import Action, Actor
from geo.domain.entities import EntityKind
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.services import backlog, coverage, hotspots

router = APIRouter(tags=["measures"])

USUAL = timedelta(days=30)

Reader = Annotated[Actor, Depends(may(Action.READ_MEASURES))]
Since = Annotated[
    Moment | None,
    Query(
        description="起（含），默认为止前 30 天 · From, included; by default 30 days before the end",
        examples=["2026-10-01T00:00:00+08:00"],
    ),
]
Until = Annotated[
    Moment | None,
    Query(
        description="止（不含），默认为现在 · To, not included; by default now",
        examples=["2026-11-01T00:00:00+08:00"],
    ),
]
OfLevel = Annotated[
    Level | None,
    Query(description="层级，默认为最小层级 · Level; the narrowest by default", examples=["unit"]),
]
Category = Annotated[
    str | None,
    Query(max_length=200, description="问题类别 · Category of the issues"),
]

AsOf = Annotated[
    Moment | None,
    Query(description="截至，默认为现在；网格亦按此时 · As of when, by the grids of then; by default now"),
]


def period_of(since: datetime | None, until: datetime | None) -> Period:
    """Give the period that was asked for; by default the last thirty days."""
    end = until or datetime.now(UTC)
    return Period(since or end - USUAL, end)


@router.get(
    "/measures/coverage",
    operation_id="measure_coverage",
    summary="巡查覆盖率 · Share of entities visited",
)
def measure_coverage(
    *,
    actor: Reader,
    database: DatabaseDep,
    at: MomentDep,
    since: Since = None,
    until: Until = None,
    level: OfLevel = None,
    kind: Annotated[EntityKind | None, Query(description="对象类别 · Kind of entity")] = None,
) -> Coverage:
    """Give the share of active entities visited at least once in a period, by grid."""
    with database.read() as uow:
        return Coverage.of(
            coverage.subject_coverage(actor, uow, period_of(since, until), level=level, kind=kind, at=at)
        )


@router.get(
    "/measures/ground",
    operation_id="measure_ground",
    summary="路面覆盖率 · Share of ground walked",
)
def measure_ground(
    *,
    actor: Reader,
    database: DatabaseDep,
    at: MomentDep,
    since: Since = None,
    until: Until = None,
    level: OfLevel = None,
    swath_m: Annotated[
        float,
        Query(ge=1, le=1000, allow_inf_nan=False, description="轨迹带宽，米 · Width of the strip in metres"),
    ] = coverage.SWATH_M,
) -> GroundCoverage:
    """Give the share of the ground that lies along the tracks of a period, by grid."""
    with database.read() as uow:
        return GroundCoverage.of(
            coverage.ground_coverage(actor, uow, period_of(since, until), level=level, swath_m=swath_m, at=at)
        )


@router.get(
    "/measures/hotspots",
    operation_id="measure_hotspots",
    summary="问题热点 · Hot and cold spots of issues",
)
def measure_hotspots(
    *,
    actor: Reader,
    database: DatabaseDep,
    at: MomentDep,
    since: Since = None,
    until: Until = None,
    level: OfLevel = None,
    category: Category = None,
) -> Hotspots:
    """Give Gi* of the issues reported in a period, by grid, with significance corrected for many tests."""
    with database.read() as uow:
        return Hotspots.of(
            hotspots.hotspots(actor, uow, period_of(since, until), level=level, category=category, at=at)
        )


@router.get(
    "/measures/backlog",
    operation_id="measure_backlog",
    summary="未结与超期问题 · Unresolved and overdue issues",
)
def measure_backlog(
    actor: Reader,
    database: DatabaseDep,
    at: Annotated[
        Moment | None,
        Query(
            description="截至，默认为现在；网格亦按此时 · As of when, by the grids of then; now by default"
        ),
    ] = None,
    level: OfLevel = None,
    category: Category = None,
) -> Backlog:
    """Give how many issues were unresolved, overdue, closed and closed late at a moment, by grid."""
    with database.read() as uow:
        return Backlog.of(
            backlog.backlog(actor, uow, at or datetime.now(UTC), level=level, category=category, grids_at=at)
        )
