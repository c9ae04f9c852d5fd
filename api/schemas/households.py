"""Households as programs see them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Household(BaseModel):
    """A household behind a door, without names."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [{"id": 5, "ref": "H0000005", "door": "1单元301", "marks": []}]},
    )

    id: int
    ref: str | None
    door: str
    marks: list[str] = Field(description="重点标记 · Why it is looked after more than others")


class Households(BaseModel):
    """The households of a building."""

    households: list[Household]
