"""Comments on grids of plans as programs see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.schemas.plans import Key
from geo.domain import plan_comments

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class NewPlanComment(BaseModel):
    """A comment to be pinned to a grid."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"grid": "330106001001001", "text": "东侧小区应归同一网格"}]},
    )

    grid: Key
    text: Said


class PlanComment(BaseModel):
    """A comment that is pinned to a grid."""

    id: int
    grid: str = Field(
        description="评论时的网格 · The grid as it was called then", examples=["330106001001001"]
    )
    lon: float = Field(examples=[119.98])
    lat: float = Field(examples=[30.52])
    text: str = Field(examples=["东侧小区应归同一网格"])
    made_by: str
    made_at: datetime
    resolved_by: str | None
    resolved_at: datetime | None

    @classmethod
    def of(cls, comment: plan_comments.PlanComment) -> Self:
        """Give the comment as programs see it."""
        return cls(
            id=comment.id,
            grid=comment.grid_key,
            lon=comment.place.x,
            lat=comment.place.y,
            text=comment.text,
            made_by=comment.made_by,
            made_at=comment.made_at,
            resolved_by=comment.resolved_by,
            resolved_at=comment.resolved_at,
        )


class PlanComments(BaseModel):
    """Comments, the newest first."""

    comments: list[PlanComment]
