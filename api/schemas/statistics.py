"""Statistics of a month as programs see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.generations import GridRef
from api.schemas.measures import Share
from geo.domain import measures
from geo.domain import statistics as domain
from geo.domain.grids import Level

Value = int | Share


def _value(value: domain.Value) -> Value:
    return Share.of(value) if isinstance(value, measures.Share) else value


class ColumnSchema(BaseModel):
    """What a column tells."""

    figure: str
    detail: str | None = Field(description="多列指标的分项 · Which part of a figure of several columns")


class RowSchema(GridRef):
    """The figures of a grid, one for each column."""

    values: list[Value]


class StatisticsSchema(BaseModel):
    """The statistics of a month, by grid."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "month": "2026-10-01",
                    "level": "community",
                    "profile": "food-drug",
                    "made_at": "2026-10-25T17:00:00+08:00",
                    "grids_at": "2026-10-25T16:59:59.999999+08:00",
                    "columns": [{"figure": "patrols", "detail": None}],
                    "rows": [
                        {"code": "330106001001", "name": "翠竹社区", "level": "community", "values": [42]}
                    ],
                    "total": [42],
                }
            ]
        }
    )

    month: date
    level: Level
    profile: str
    made_at: datetime
    grids_at: datetime | None = Field(
        description="按此时适用的划分统计 · By the grids of the division that held then"
    )
    columns: list[ColumnSchema]
    rows: list[RowSchema]
    total: list[Value]

    @classmethod
    def of(cls, found: domain.Statistics) -> Self:
        """Give statistics as programs see them."""
        return cls(
            month=found.month,
            level=found.level,
            profile=found.profile,
            made_at=found.made_at,
            grids_at=found.grids_at,
            columns=[ColumnSchema(figure=one.figure, detail=one.detail) for one in found.columns],
            rows=[
                RowSchema(
                    code=row.grid.code,
                    name=row.grid.name,
                    level=row.grid.level,
                    values=[_value(value) for value in row.values],
                )
                for row in found.rows
            ],
            total=[_value(value) for value in found.total],
        )


class SnapshotSchema(BaseModel):
    """Statistics that were kept as they were."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 3,
                    "made_by": "leader",
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "statistics": {
                        "month": "2026-10-01",
                        "level": "community",
                        "profile": "food-drug",
                        "made_at": "2026-10-25T17:00:00+08:00",
                        "grids_at": "2026-10-25T16:59:59.999999+08:00",
                        "columns": [],
                        "rows": [],
                        "total": [],
                    },
                }
            ]
        }
    )

    id: int
    made_by: str
    sha256: str = Field(description="内容摘要 · Digest of what was kept")
    statistics: StatisticsSchema

    @classmethod
    def of(cls, found: domain.Snapshot) -> Self:
        """Give a snapshot as programs see it."""
        return cls(
            id=found.id,
            made_by=found.made_by,
            sha256=found.sha256,
            statistics=StatisticsSchema.of(found.statistics),
        )
