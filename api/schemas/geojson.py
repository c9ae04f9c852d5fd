"""Features and collections of them (RFC 7946), for every kind of thing that stands somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

import shapely
from pydantic import BaseModel, Field, JsonValue
from shapely.geometry.base import BaseGeometry

from geo.geometry.crs import reference, to_storage_xy

P = TypeVar("P", bound=BaseModel)

ShortText = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(max_length=4000)]
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
Attributes = dict[Annotated[str, Field(max_length=200)], JsonValue]


class Geometry(BaseModel):
    """A GeoJSON geometry, EPSG:4326, lon, lat."""

    type: str = Field(examples=["Point"])
    coordinates: list[Any] = Field(examples=[[119.98, 30.52]])

    @classmethod
    def of(cls, shape: BaseGeometry | None) -> Geometry | None:
        """Give a shape as programs see it."""
        if shape is None:
            return None
        found: Mapping[str, Any] = shapely.geometry.mapping(shape)
        return cls(type=found["type"], coordinates=list(found["coordinates"]))


class Feature(BaseModel, Generic[P]):
    """One thing with its place."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: Geometry | None
    properties: P


class FeatureCollection(BaseModel, Generic[P]):
    """A page of things."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[Feature[P]]
    next: int | None = Field(
        description="下一页的 cursor · The ``cursor`` of the next page, null on the last"
    )


class Place(BaseModel):
    """A position as a phone or a map gives it."""

    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, examples=[119.98])
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, examples=[30.52])
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84"

    def stored(self) -> tuple[float, float]:
        """Give lon and lat in the reference of the storage, EPSG:4326."""
        lon, lat = to_storage_xy([self.lon], [self.lat], reference(self.datum))
        return float(lon[0]), float(lat[0])


class Change(BaseModel):
    """The fields that change; those that are left out stay as they are."""

    def given(self) -> dict[str, Any]:
        """Give the fields that were sent, places in the reference of the storage."""
        values = {name: getattr(self, name) for name in self.model_fields_set}
        place = values.get("place")
        return {**values, "place": place.stored()} if isinstance(place, Place) else values
