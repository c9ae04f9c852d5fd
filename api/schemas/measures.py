"""Measures as programs see them: each rate with what it is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.generations import GridRef
from geo.domain import backlog, coverage, hotspots, measures
from geo.domain.hotspots import Finding

_GRID: dict[str, Any] = {"code": "330106001001001", "name": "第一网格", "level": "unit"}
_TIMES: dict[str, Any] = {"since": "2026-10-01T00:00:00+08:00", "until": "2026-11-01T00:00:00+08:00"}


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [fields]})


class Share(BaseModel):
    """A rate with numerator and denominator."""

    model_config = _example(numerator=3, denominator=4, rate=0.75)

    numerator: int
    denominator: int
    rate: float | None = Field(description="无应查对象时为 null · null where there is nothing to divide by")

    @classmethod
    def of(cls, share: measures.Share) -> Self:
        """Give the share as programs see it."""
        return cls(numerator=share.numerator, denominator=share.denominator, rate=share.rate)


class InPeriod(BaseModel):
    """The half-open period that a measure tells of."""

    since: datetime
    until: datetime = Field(description="不含 · Not included")


class GridCoverage(GridRef):
    """Subjects visited in one grid."""

    share: Share


class Coverage(InPeriod):
    """Distinct active entities visited at least once in a period, out of all active ones."""

    model_config = _example(
        **_TIMES,
        total={"numerator": 3, "denominator": 4, "rate": 0.75},
        unlocated=0,
        neglected=[],
        grids=[{**_GRID, "share": {"numerator": 3, "denominator": 4, "rate": 0.75}}],
    )

    total: Share
    unlocated: int = Field(description="不在任何网格内的对象 · Entities that no grid holds; in no share")
    neglected: list[str] = Field(
        description="覆盖率不到全部的一半的网格 · Grids with less than half the rate of all, the lowest first"
    )
    grids: list[GridCoverage]

    @classmethod
    def of(cls, found: coverage.Coverage) -> Self:
        """Give the coverage as programs see it."""
        return cls(
            since=found.period.start,
            until=found.period.end,
            total=Share.of(found.total),
            unlocated=found.unlocated,
            neglected=[row.grid.code for row in found.neglected],
            grids=[
                GridCoverage(**GridRef.of(row.grid).model_dump(), share=Share.of(row.share))
                for row in found.grids
            ],
        )


class GridGround(GridRef):
    """Ground walked in one grid."""

    covered_m2: float
    area_m2: float
    rate: float


class GroundCoverage(InPeriod):
    """Merged strips along the tracks of a period, out of the area."""

    model_config = _example(
        **_TIMES,
        swath_m=20,
        step_m=1,
        grids=[{**_GRID, "covered_m2": 21000.0, "area_m2": 84000.0, "rate": 0.25}],
    )

    swath_m: float
    step_m: float = Field(
        description="面积按相距这么多米的点计数，边缘误差不超过其 0.71 倍 · "
        "The area is counted on points so many metres apart: borders are known to 0.71 of it"
    )
    grids: list[GridGround]

    @classmethod
    def of(cls, found: coverage.GroundCoverage) -> Self:
        """Give the coverage as programs see it."""
        return cls(
            since=found.period.start,
            until=found.period.end,
            swath_m=found.swath_m,
            step_m=found.step_m,
            grids=[
                GridGround(
                    **GridRef.of(row.grid).model_dump(),
                    covered_m2=row.share.covered_m2,
                    area_m2=row.share.area_m2,
                    rate=row.share.rate,
                )
                for row in found.grids
            ],
        )


class GridHotspot(GridRef):
    """What Gi* finds in one grid."""

    issues: int
    z: float = Field(description="Gi*，标准正态离差 · Gi*, a standard normal deviate")
    p: float = Field(description="双侧，已按错误发现率校正 · Two-sided, adjusted (Benjamini-Hochberg)")
    finding: Finding


class Pattern(BaseModel):
    """Moran's I with row-standardised weights, and what it would be without any pattern."""

    model_config = _example(i=0.51, expectation=-0.02, variance=0.009, z=5.6)

    i: float
    expectation: float
    variance: float
    z: float


class Hotspots(InPeriod):
    """Hot and cold spots of the issues reported in a period, void ones left out."""

    model_config = _example(
        **_TIMES,
        unlocated=0,
        moran=None,
        geary=None,
        grids=[{**_GRID, "issues": 31, "z": 4.2, "p": 0.0008, "finding": "hot-99"}],
    )

    unlocated: int = Field(description="不在任何网格内的问题 · Issues that no grid holds; in no count")
    moran: Pattern | None
    geary: float | None = Field(description="Geary's C")
    grids: list[GridHotspot]

    @classmethod
    def of(cls, found: hotspots.Hotspots) -> Self:
        """Give the hot spots as programs see them."""
        return cls(
            since=found.period.start,
            until=found.period.end,
            unlocated=found.unlocated,
            moran=found.moran and Pattern.model_validate(found.moran, from_attributes=True),
            geary=found.geary,
            grids=[
                GridHotspot(
                    **GridRef.of(row.grid).model_dump(),
                    issues=row.issues,
                    z=row.z,
                    p=row.p,
                    finding=row.finding,
                )
                for row in found.grids
            ],
        )


_COUNT: dict[str, Any] = {"unresolved": 12, "overdue": 4, "undated": 1, "closed": 80, "closed_late": 9}


class Count(BaseModel):
    """Issues at a moment, void ones left out."""

    model_config = _example(**_COUNT)

    unresolved: int = Field(description="未结 · Reported and not closed")
    overdue: int = Field(description="其中超期 · Of these, past their deadline")
    undated: int = Field(description="其中未设时限 · Of these, without a deadline")
    closed: int = Field(description="已结 · Closed")
    closed_late: int = Field(description="其中逾期结案 · Of these, closed past their deadline")

    @classmethod
    def of(cls, count: backlog.Count) -> Self:
        """Give the counts as programs see them."""
        return cls.model_validate(count, from_attributes=True)


class GridBacklog(GridRef):
    """The issues of one grid."""

    count: Count


class Backlog(BaseModel):
    """The state of all issues at a moment."""

    model_config = _example(
        at="2026-11-01T00:00:00+08:00",
        total=_COUNT,
        unlocated=dict.fromkeys(_COUNT, 0),
        grids=[{**_GRID, "count": _COUNT}],
    )

    at: datetime
    total: Count = Field(description="全部网格合计 · All grids together")
    unlocated: Count = Field(description="不在任何网格内的问题 · Issues that no grid holds; not in the total")
    grids: list[GridBacklog]

    @classmethod
    def of(cls, found: backlog.Backlog) -> Self:
        """Give the backlog as programs see it."""
        return cls(
            at=found.at,
            total=Count.of(found.total),
            unlocated=Count.of(found.unlocated),
            grids=[
                GridBacklog(**GridRef.of(row.grid).model_dump(), count=Count.of(row.count))
                for row in found.grids
            ],
        )
