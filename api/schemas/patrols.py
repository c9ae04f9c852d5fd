"""Visits and tracks as programs see them."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.geojson import Attributes, Change, Feature, Geometry, Key, LongText, Place, ShortText
from api.schemas.moments import Moment
from geo.domain import patrols
from geo.geometry.crs import reference, to_storage_xy

_VISIT: JsonDict = {
    "ref": None,
    "kind": "check",
    "visited_at": "2026-11-20T09:30:00+08:00",
    "entity_id": 1,
    "household_id": None,
    "people": [1, 2],
    "result": "正常经营",
    "note": None,
    "attributes": {},
}


class VisitProperties(BaseModel):
    """What is known of a visit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_VISIT, "grid_code": "990106001001001", "revision": 1}]}
    )

    ref: str | None
    kind: str
    visited_at: datetime
    entity_id: int | None
    household_id: int | None = Field(description="住户 · The household of the building that was visited")
    people: tuple[int, ...] = Field(description="人员 · Ids of the people who went")
    grid_code: str | None
    result: str | None
    note: str | None
    attributes: Attributes
    revision: int


class VisitChange(Change):
    """What changes of a visit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"note": "复查合格"}]})

    kind: ShortText = ""
    visited_at: Moment = Field(default_factory=lambda: datetime.now(UTC))
    entity_id: Key | None = None
    household_id: Key | None = None
    people: list[Key] = Field(default_factory=list, max_length=50)
    place: Place | None = None
    result: ShortText | None = None
    note: LongText | None = None
    attributes: Attributes = Field(default_factory=dict)


class NewVisit(VisitChange):
    """A new visit: to an entity, or at a place."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_VISIT]})

    ref: ShortText | None = Field(
        None, description="终端生成的编号，重复提交不会重复记录 · A key made by the phone"
    )
    kind: ShortText
    visited_at: Moment


class TrackProperties(BaseModel):
    """What is known of a track."""

    ref: str | None
    person_id: int | None
    started_at: datetime
    ended_at: datetime
    fixes: int
    length_m: float = Field(description="米 · Length on the ground in metres")
    times: list[float] = Field(description="各点时间 · Seconds since 1970-01-01 UTC of each position")
    attributes: Attributes


class Fix(BaseModel):
    """Where somebody was, and when."""

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    at: Moment


class NewTrack(BaseModel):
    """A new track."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "ref": "phone-7-2026-11-20",
                    "person_id": 1,
                    "datum": "wgs84",
                    "fixes": [
                        {"lon": 119.98, "lat": 30.52, "at": "2026-11-20T09:30:00+08:00"},
                        {"lon": 119.981, "lat": 30.52, "at": "2026-11-20T09:31:00+08:00"},
                    ],
                }
            ]
        },
    )

    ref: ShortText | None = None
    person_id: Key | None = None
    datum: str = Field("wgs84", pattern="^(wgs84|cgcs2000|gcj02|bd09)$")
    fixes: list[Fix] = Field(min_length=2, max_length=100_000)

    def stored(self) -> NDArray[np.float64]:
        """Give lon, lat in the reference of the storage and seconds, shape (n, 3)."""
        lon, lat = to_storage_xy(
            [fix.lon for fix in self.fixes], [fix.lat for fix in self.fixes], reference(self.datum)
        )
        return np.column_stack([lon, lat, [fix.at.timestamp() for fix in self.fixes]])


def visit_feature(visit: patrols.Visit) -> Feature[VisitProperties]:
    """Give a visit as programs see it."""
    return Feature(
        id=visit.id,
        geometry=Geometry.of(visit.geometry),
        properties=VisitProperties.model_validate(visit, from_attributes=True),
    )


def track_feature(track: patrols.Track) -> Feature[TrackProperties]:
    """Give a track as programs see it: the line in two dimensions and the times beside it."""
    return Feature(
        id=track.id,
        geometry=Geometry.of(shapely.force_2d(track.geometry)),
        properties=TrackProperties(
            ref=track.ref,
            person_id=track.person_id,
            started_at=track.started_at,
            ended_at=track.ended_at,
            fixes=track.fixes,
            length_m=track.length_m,
            times=shapely.get_coordinates(track.geometry, include_m=True)[:, -1].tolist(),
            attributes=dict(track.attributes),
        ),
    )
