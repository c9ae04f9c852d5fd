"""What is different between two divisions, as programs see it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from fastapi import Query
from pydantic import BaseModel, Field

from geo.domain.comparisons import Comparison, Difference, Handed, Whole
from geo.domain.measures import Share
from geo.geometry.tiling.cells import as_geojson
from geo.services.comparisons import Compared, Division

SIDE = r"^(generation|plan):[1-9][0-9]{0,17}$"

SideName = Annotated[
    str,
    Query(
        pattern=SIDE,
        description="已发布的划分或方案 · A published division, or a plan",
        examples=["generation:1"],
    ),
]
"""How an address names a division."""


class ComparedDivision(BaseModel):
    """One of the two, as a whole."""

    side: str = Field(examples=["plan:7"])
    name: str
    grids: int
    area_m2: float
    households: int

    @classmethod
    def of(cls, division: Division, whole: Whole) -> Self:
        """Give the division as programs see it."""
        return cls(
            side=str(division.side),
            name=division.name,
            grids=whole.grids,
            area_m2=whole.area_m2,
            households=whole.households,
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
    deviation_before: float | None = Field(
        description="户数与平均值之差的比例 · Households over the mean, minus 1"
    )
    deviation_after: float | None

    @classmethod
    def of(cls, one: Difference, found: Comparison) -> Self:
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
            deviation_before=found.before.deviation(before),
            deviation_after=found.after.deviation(after),
        )


class MovedShare(BaseModel):
    """How many changed hands, of how many."""

    numerator: int
    denominator: int
    rate: float | None

    @classmethod
    def of(cls, share: Share) -> Self:
        """Give the share as programs see it."""
        return cls(numerator=share.numerator, denominator=share.denominator, rate=share.rate)


class Moved(BaseModel):
    """How much changed hands."""

    area_m2: float
    share: float = Field(description="占全部面积的份额 · Share of all ground")
    households: int
    entities: int
    of_households: MovedShare
    of_premises: MovedShare

    @classmethod
    def of(cls, compared: Compared) -> Self:
        """Give the sums as programs see them."""
        return cls(
            area_m2=compared.moved_area_m2,
            share=compared.moved_area_m2 / compared.comparison.before.area_m2,
            households=compared.moved_households.numerator,
            entities=compared.moved_entities.numerator,
            of_households=MovedShare.of(compared.moved_households),
            of_premises=MovedShare.of(compared.moved_premises),
        )


class HandedProperties(BaseModel):
    """From which grid to which."""

    from_key: str
    to_key: str
    area_m2: float
    households: float
    premises: int


class HandedFeature(BaseModel):
    """A piece of ground that changed hands."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any]
    properties: HandedProperties

    @classmethod
    def of(cls, one: Handed, premises: int) -> Self:
        """Give the piece as programs see it."""
        properties = HandedProperties(
            from_key=one.from_key,
            to_key=one.to_key,
            area_m2=one.area_m2,
            households=one.households,
            premises=premises,
        )
        return cls(geometry=as_geojson(one.ground), properties=properties)


class HandedCollection(BaseModel):
    """All ground that changed hands, EPSG:4326."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[HandedFeature]


class DivisionComparison(BaseModel):
    """What is different between two divisions."""

    before: ComparedDivision
    after: ComparedDivision
    changed: list[ChangedGrid]
    moved: Moved
    ground: HandedCollection

    @classmethod
    def of(cls, compared: Compared) -> Self:
        """Give the comparison as programs see it."""
        found = compared.comparison
        pieces = zip(found.handed, compared.premises.tolist(), strict=True)
        return cls(
            before=ComparedDivision.of(compared.before, found.before),
            after=ComparedDivision.of(compared.after, found.after),
            changed=[ChangedGrid.of(one, found) for one in found.changed],
            moved=Moved.of(compared),
            ground=HandedCollection(features=[HandedFeature.of(*piece) for piece in pieces]),
        )
