"""Photos over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.geojson import Key
from geo.domain import photos as domain

Uploads = Annotated[list[Key], Field(max_length=20)]

_PHOTO: JsonDict = {
    "id": 4,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "width": 1600,
    "height": 1200,
    "shows": None,
    "taken_at": "2026-11-20T09:25:00+08:00",
    "uploaded_at": "2026-11-20T09:31:00+08:00",
}


class PhotoSchema(BaseModel):
    """A picture; its bytes are at ``/photos/{id}``, and small ones at ``/photos/{id}/thumbnail``."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_PHOTO]})

    id: int
    sha256: str
    width: int
    height: int
    shows: domain.Shows | None = Field(
        description="问题照片：处置前或处置后 · Of an issue: the place before it was dealt with, or after"
    )
    taken_at: datetime | None
    uploaded_at: datetime


class StepPhotos(BaseModel):
    """Ids of pictures that were uploaded for a step of an issue, by what they show."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"before": [], "after": []}]})

    before: Uploads = Field(default_factory=list, description="处置前 · The place before it was dealt with")
    after: Uploads = Field(default_factory=list, description="处置后 · The place after")

    def taken(self) -> domain.StepPhotos:
        """Give what the service takes."""
        return domain.StepPhotos(tuple(self.before), tuple(self.after))
