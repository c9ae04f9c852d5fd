"""Entities as programs see them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.geojson import Attributes, Change, Feature, Geometry, LongText, Place, ShortText
from geo.domain import entities
from geo.domain.entities import EntityKind, EntityState

_EXAMPLE: JsonDict = {
    "ref": "E0000001",
    "kind": "premises",
    "category": "餐饮服务",
    "name": "福源面馆",
    "state": "active",
    "address": "云溪区望山街道朝阳路12号",
    "accuracy_m": 5,
    "households": None,
    "attributes": {},
}


class EntityProperties(BaseModel):
    """What is known of an entity."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_EXAMPLE, "grid_code": "990106001001001", "revision": 1}]}
    )

    ref: str | None
    kind: EntityKind
    category: str | None
    name: str
    state: EntityState
    address: str | None
    accuracy_m: float | None
    households: int | None
    grid_code: str | None
    attributes: Attributes
    revision: int


class EntityChange(Change):
    """What changes of an entity."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"state": "suspended"}]})

    kind: EntityKind = EntityKind.PREMISES
    category: ShortText | None = None
    name: ShortText = ""
    state: EntityState = EntityState.ACTIVE
    address: LongText | None = None
    place: Place | None = None
    accuracy_m: float | None = Field(None, ge=0, le=1e6, allow_inf_nan=False)
    households: int | None = Field(None, ge=0, le=1_000_000)
    attributes: Attributes = Field(default_factory=dict)


class NewEntity(EntityChange):
    """A new entity."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**_EXAMPLE, "place": {"lon": 119.98, "lat": 30.52}}]}
    )

    ref: ShortText | None = None
    kind: EntityKind
    name: ShortText


def entity_feature(entity: entities.Entity) -> Feature[EntityProperties]:
    """Give an entity as programs see it."""
    return Feature(
        id=entity.id,
        geometry=Geometry.of(entity.geometry),
        properties=EntityProperties.model_validate(entity, from_attributes=True),
    )
