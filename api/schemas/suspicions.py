"""Suspicious records over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.schemas.geojson import Key
from geo.domain.suspicions import SuspicionKind


class ExplanationSchema(BaseModel):
    """Why a record is as it should be, after all."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    by: str
    at: datetime


class SuspicionSchema(BaseModel):
    """A record that a supervisor should look at."""

    model_config = ConfigDict(from_attributes=True)

    kind: SuspicionKind
    visit_id: int
    other_visit_id: int | None
    visited_at: datetime
    who: Annotated[str, BeforeValidator("、".join)]
    subject: str | None
    grid_code: str | None
    lon: float | None
    lat: float | None
    value: float = Field(description="km/h、米、小时或不同的位数 · km/h, metres, hours, or bits that differ")
    limit: float
    distance_m: float | None
    seconds: float | None
    explanation: ExplanationSchema | None


class SuspicionList(BaseModel):
    """Suspicious records, the latest first."""

    suspicions: list[SuspicionSchema]


class ExplanationInput(BaseModel):
    """What explains a record."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "late", "visit_id": 1, "other_visit_id": None, "reason": "山区无信号，次日补录"}
            ]
        },
    )

    kind: SuspicionKind
    visit_id: Key
    other_visit_id: Key | None = None
    reason: Annotated[str, Field(min_length=1, max_length=500)]
