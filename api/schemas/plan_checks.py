"""What is found in plans, as programs see it."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.plans import CutBuilding
from geo.domain.plan_checks import OutOfRange, Validation

Shape = dict[str, Any]


class Place(BaseModel):
    """Where a draft isn't as it should be."""

    keys: list[str]
    area_m2: float
    sliver: bool = Field(description="窄缝，多为绘制误差 · Narrow: it comes from drawing")
    geometry: Shape


class Pieces(BaseModel):
    """A grid of several pieces that hang apart."""

    key: str
    parts: int
    geometry: Shape = Field(description="除最大一块外的各块 · All pieces but the largest")


class GridOutOfRange(BaseModel):
    """A grid with too many households, or too few."""

    key: str
    households: int
    low: int | None
    high: int | None

    @classmethod
    def of(cls, one: OutOfRange) -> Self:
        """Give the grid as programs see it."""
        return cls(key=one.key, households=one.households, low=one.wanted.low, high=one.wanted.high)


class BalanceOfGrids(BaseModel):
    """How evenly households are spread."""

    ideal: float | None
    spread: float
    deviations: dict[str, float]


class Crossing(BaseModel):
    """Ground of a grid that belongs to another community in the division that the plan begins with."""

    key: str
    parent: str | None
    other: str | None
    area_m2: float
    geometry: Shape


class PlanValidation(BaseModel):
    """Everything found in a plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "gaps": [],
                    "overlaps": [],
                    "unmatched_edges": [],
                    "pieces": [],
                    "households_out_of_range": [
                        {"key": "330106001001001", "households": 1200, "low": 200, "high": 1000}
                    ],
                    "without_responsible": ["7-3.1"],
                    "compactness": {"330106001001001": 0.71},
                    "reock": {"330106001001001": 0.58},
                    "balance": {"ideal": 400.0, "spread": 0.5, "deviations": {"330106001001001": 2.0}},
                    "estimated": ["7-3.1"],
                    "crossing": [],
                    "buildings_cut": [],
                    "measures": {"polsby-popper": 1},
                    "holds": True,
                }
            ]
        }
    )

    gaps: list[Place]
    overlaps: list[Place]
    unmatched_edges: list[Place]
    pieces: list[Pieces]
    households_out_of_range: list[GridOutOfRange]
    without_responsible: list[str]
    buildings_cut: list[CutBuilding]
    crossing: list[Crossing]
    estimated: list[str] = Field(description="户数为按面积推算的网格 · Grids whose counts are estimates")
    compactness: dict[str, float] = Field(description="Polsby-Popper，1 为圆 · 1 is a circle")
    reock: dict[str, float] = Field(description="Reock，1 为圆 · 1 is a circle")
    balance: BalanceOfGrids
    measures: dict[str, int] = Field(description="各项指标的版本 · The version of each measure")
    holds: bool = Field(description="无缝隙、无重叠、边界吻合 · No gap, no overlap, borders match")

    @classmethod
    def of(cls, found: Validation) -> Self:
        """Give the findings as programs see them."""
        measured = found.measured
        return cls(
            **measured["partition"],
            households_out_of_range=list(map(GridOutOfRange.of, found.out_of_range)),
            without_responsible=list(found.without_responsible),
            buildings_cut=list(map(CutBuilding.of, found.buildings_cut)),
            crossing=measured["crossing"]["grids"],
            estimated=measured["estimated"]["keys"],
            compactness=dict(measured["polsby-popper"]),
            reock=dict(measured["reock"]),
            balance=BalanceOfGrids(**measured["balance"]),
            measures=dict(found.versions),
        )
