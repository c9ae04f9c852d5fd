"""Generations as programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from geo.domain import generations, lineage
from geo.domain.grids import GridName, Level


class GridRef(BaseModel):
    """What a grid is called."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "330106001001001", "name": "第一网格", "level": "unit"}]}
    )

    code: str
    name: str
    level: Level

    @classmethod
    def of(cls, grid: GridName) -> Self:
        """Give the name as programs see it."""
        return cls(code=grid.code, name=grid.name, level=grid.level)


class Generation(BaseModel):
    """A published division with the time in which it holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 1,
                    "name": "2026 年网格划分",
                    "valid_from": "2026-01-01T00:00:00+08:00",
                    "valid_to": None,
                    "levels": ["district", "street", "community", "unit"],
                    "grids": 139,
                    "leaves": 120,
                }
            ]
        }
    )

    id: int
    name: str
    valid_from: datetime
    valid_to: datetime | None = Field(description="不含 · Not included; null while no successor is known")
    levels: list[Level]
    grids: int
    leaves: int

    @classmethod
    def of(cls, generation: generations.Generation) -> Self:
        """Give the generation as programs see it."""
        return cls.model_validate(generation, from_attributes=True)


class Succession(BaseModel):
    """One grid that gave ground to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "generation_id": 2,
                    "predecessor": {"code": "330106001001001", "name": "第一网格", "level": "unit"},
                    "successor": {"code": "330106001001004", "name": "第四网格", "level": "unit"},
                    "area_m2": 51234.5,
                    "area_share": 0.62,
                    "household_share": 0.58,
                }
            ]
        }
    )

    generation_id: int = Field(description="后继所在的划分 · The generation of the successor")
    predecessor: GridRef
    successor: GridRef
    area_m2: float
    area_share: float = Field(description="占前身面积的份额 · Share of the predecessor's ground")
    household_share: float | None = Field(
        description="占前身户数的份额 · Share of the predecessor's households"
    )

    @classmethod
    def of(cls, succession: lineage.Succession) -> Self:
        """Give the succession as programs see it."""
        return cls.model_validate(succession, from_attributes=True)
