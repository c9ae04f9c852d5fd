"""Publications of plans as programs see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.schemas.generations import Generation
from api.schemas.geojson import ShortText
from api.schemas.plans import PlanDetails, Revision
from geo.services.plan_publication import Publication


class NewPublication(BaseModel):
    """When an approved plan is to hold, and what the division is called."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"revision": 5, "valid_from": "2027-01-01T00:00:00+08:00"}]},
    )

    revision: Revision
    name: ShortText | None = None
    valid_from: AwareDatetime | None = Field(default=None, description="默认为现在 · Now by default")


class MovedThings(BaseModel):
    """Things that are kept by another grid now."""

    kind: str
    from_code: str | None
    to_code: str | None
    count: int


class CarriedPost(BaseModel):
    """A post that went from a retired grid to its heir."""

    person_id: int
    name: str
    post: str
    from_code: str
    to_code: str


class CarriedPair(BaseModel):
    """A/B partners of which at least one grid retired."""

    post: str
    from_codes: tuple[str, str]
    to_codes: tuple[str, str] | None = Field(
        description="承接的AB岗网格；空为不再互为AB岗 · The heirs; null where they can't be partners"
    )


class PostChange(BaseModel):
    """What somebody lost or gained with a post, over all grids that have changed."""

    person_id: int
    name: str
    post: str
    lost_codes: list[str]
    gained_codes: list[str]
    area_m2_before: float
    area_m2_after: float
    households_before: int
    households_after: int


class Report(BaseModel):
    """Everything that a publication has changed beside borders."""

    new_codes: list[str]
    retired_codes: list[str]
    moved: list[MovedThings]
    carried: list[CarriedPost]
    posts: list[PostChange] = Field(
        description="任职人员的增减，含边界变动 · What holders of posts lost or gained, also by new borders"
    )
    vacant_codes: list[str] = Field(description="无人任职的新网格 · New grids in which nobody holds a post")
    rule: str = Field(description="原网格由谁承接 · Who succeeds a retired grid", examples=["largest-share"])
    partners: list[CarriedPair] = Field(description="AB岗的承接 · A/B partners of retired grids")


class PlanPublished(BaseModel):
    """A plan that has become a division."""

    plan: PlanDetails
    generation: Generation
    report: Report

    @classmethod
    def of(cls, publication: Publication, can: Mapping[str, bool]) -> Self:
        """Give the publication as programs see it."""
        return cls(
            plan=PlanDetails.of_record(publication.record, can),
            generation=Generation.of(publication.generation),
            report=Report.model_validate(asdict(publication.report)),
        )
