"""What became of issues, as everybody and as programs see it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.generations import GridRef
from api.schemas.geojson import LongText
from api.schemas.measures import InPeriod, Share
from geo.domain.issues import IssueState

Code = Annotated[str, Field(max_length=64, description="评价码 · The code of the reporter")]


class Result(BaseModel):
    """What everybody may read of an issue; nothing of it is personal."""

    model_config = ConfigDict(from_attributes=True)

    number: str
    category: str
    community: str | None
    state: IssueState
    reported_on: date
    closed_on: date | None
    on_time: bool
    result: str | None


class Results(BaseModel):
    """A page of results, the newest first."""

    results: list[Result]
    next: int | None = Field(description="下一页的 cursor · The ``cursor`` of the next page")


class RatingGiven(BaseModel):
    """What a reporter says of the outcome."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "…", "score": 5}]})

    code: Code
    score: int = Field(ge=1, le=5, description="1 很不满意 … 5 很满意 · 5 is best")
    words: LongText | None = None


class RatingKept(BaseModel):
    """A rating as it is kept."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [{"score": 5, "words": "很快", "rated_at": "2026-11-20T09:30:00+08:00"}]
        },
    )

    score: int
    words: str | None
    rated_at: datetime


class GridRates(GridRef):
    """The rates of one grid."""

    on_time: Share = Field(description="按期结案率 · Closed on time out of those due or closed")
    transferred: Share = Field(description="案件移交率 · Handed over out of all")
    outcomes: Share = Field(description="移交办结率 · Outcomes out of those handed over")
    satisfied: Share = Field(description="满意率 · Ratings of 4 and 5 out of all")


class IssueRates(InPeriod):
    """What became of the issues that were reported in a period."""

    grids: list[GridRates]
