"""What is found in plans, as programs see it."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.plan_checks import Balance, Finding, Range, Validation
from geo.geometry.tiling.cells import as_geojson

Shape = dict[str, Any]


class Place(BaseModel):
    """Where a draft isn't as it should be."""

    keys: list[str]
    area_m2: float
    sliver: bool = Field(description="窄缝，多为绘制误差 · Narrow: it comes from drawing")
    geometry: Shape

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Give the finding as programs see it."""
        return cls(
            keys=list(finding.keys),
            area_m2=finding.area_m2,
            sliver=finding.sliver,
            geometry=as_geojson(finding.geometry),
        )


class Parts(BaseModel):
    """A grid of several parts."""

    key: str
    parts: int


class OutOfRange(BaseModel):
    """A grid with too many households, or too few."""

    key: str
    households: int
    low: int | None
    high: int | None


class BalanceOfGrids(BaseModel):
    """How evenly households are spread."""

    ideal: float | None
    spread: float
    deviations: dict[str, float]

    @classmethod
    def of(cls, balance: Balance) -> Self:
        """Give the balance as programs see it."""
        return cls(ideal=balance.ideal, spread=balance.spread, deviations=dict(balance.deviations))


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
                    "balance": {"ideal": 400.0, "spread": 0.5, "deviations": {"330106001001001": 2.0}},
                    "holds": True,
                }
            ]
        }
    )

    gaps: list[Place]
    overlaps: list[Place]
    unmatched_edges: list[Place]
    pieces: list[Parts]
    households_out_of_range: list[OutOfRange]
    without_responsible: list[str]
    compactness: dict[str, float] = Field(description="Polsby-Popper，1 为圆 · 1 is a circle")
    balance: BalanceOfGrids
    holds: bool = Field(description="无缝隙、无重叠、边界吻合 · No gap, no overlap, borders match")

    @classmethod
    def of(cls, found: Validation, wanted: Range) -> Self:
        """Give the findings as programs see them."""
        return cls(
            gaps=list(map(Place.of, found.gaps)),
            overlaps=list(map(Place.of, found.overlaps)),
            unmatched_edges=list(map(Place.of, found.unmatched_edges)),
            pieces=[Parts(key=key, parts=parts) for key, parts in found.parts.items()],
            households_out_of_range=[
                OutOfRange(key=key, households=count, low=wanted.low, high=wanted.high)
                for key, count in found.out_of_range.items()
            ],
            without_responsible=list(found.without_responsible),
            compactness=dict(found.compactness),
            balance=BalanceOfGrids.of(found.balance),
            holds=found.holds,
        )
