"""What is found in plans, and what is different between them, as programs see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from geo.domain.plan_checks import Balance, Finding, Range, Validation
from geo.domain.plan_comparisons import Comparison, Difference, Handed
from geo.geometry.tiling.cells import as_geojson
from geo.services.plan_checks import Compared

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


class ChangedGrid(BaseModel):
    """A grid before and after; null where it isn't there."""

    key: str
    name: str
    name_before: str | None
    area_m2_before: float | None
    area_m2_after: float | None
    households_before: int | None
    households_after: int | None

    @classmethod
    def of(cls, one: Difference) -> Self:
        """Give the difference as programs see it."""
        before, after = one.before, one.after
        return cls(
            key=one.key,
            name=next(cell.name for cell in (after, before) if cell is not None),
            name_before=before.name if before else None,
            area_m2_before=one.area_m2_before,
            area_m2_after=one.area_m2_after,
            households_before=before.households if before else None,
            households_after=after.households if after else None,
        )


class MovedGround(BaseModel):
    """How much changed hands."""

    area_m2: float
    households: int
    entities: int
    share: float = Field(description="占全部面积的份额 · Share of all ground")


class HandedProperties(BaseModel):
    """From which grid to which."""

    from_key: str
    to_key: str
    area_m2: float
    households: float


class HandedFeature(BaseModel):
    """A piece of ground that changed hands."""

    type: Literal["Feature"] = "Feature"
    geometry: Shape
    properties: HandedProperties

    @classmethod
    def of(cls, one: Handed) -> Self:
        """Give the piece as programs see it."""
        properties = HandedProperties.model_validate(one, from_attributes=True)
        return cls(geometry=as_geojson(one.ground), properties=properties)


class HandedCollection(BaseModel):
    """All ground that changed hands, EPSG:4326."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[HandedFeature]


class PlanComparison(BaseModel):
    """What is different in a plan."""

    changed: list[ChangedGrid]
    moved: MovedGround
    ground: HandedCollection

    @classmethod
    def of(cls, compared: Compared) -> Self:
        """Give the comparison as programs see it."""
        found = compared.comparison
        return cls(
            changed=list(map(ChangedGrid.of, found.changed)),
            moved=_moved(found, compared.entities),
            ground=HandedCollection(features=list(map(HandedFeature.of, found.handed))),
        )


def _moved(found: Comparison, entities: int) -> MovedGround:
    handed: Sequence[Handed] = found.handed
    area_m2 = sum(one.area_m2 for one in handed)
    return MovedGround(
        area_m2=area_m2,
        households=round(sum(one.households for one in handed)),
        entities=entities,
        share=area_m2 / found.area_m2,
    )
