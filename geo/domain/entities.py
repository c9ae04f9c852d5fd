"""What stands in a grid: premises under supervision, buildings with households, facilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shapely import Point

from geo.domain.personal import personal


class EntityKind(StrEnum):
    """The kinds of entities."""

    PREMISES = "premises"
    BUILDING = "building"
    FACILITY = "facility"


class EntityState(StrEnum):
    """Whether an entity is there to be visited."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that stands in a grid and is looked after.

    Attributes
    ----------
    id, revision : int
        Row and lock counter.
    ref : str or None
        Key in the system that it came from.
    kind : EntityKind
        What it is; ``category`` refines it in the words of its source.
    name, category, address : str or None
        As its source gives them.
    state : EntityState
        Only an active one is due to be visited.
    geometry : Point or None
        EPSG:4326, lon, lat; None while nobody knows where it is.
    accuracy_m : float or None
        How far the point may be off, in metres.
    households : int or None
        For buildings.
    grid_code : str or None
        The leaf grid that holds it in the generation in force; None outside every grid.
    attributes : Mapping[str, Any]
        Everything else that came with it.
    """

    id: int
    revision: int
    ref: str | None
    kind: EntityKind
    category: str | None
    name: str
    state: EntityState
    address: str | None
    geometry: Point | None
    accuracy_m: float | None
    households: int | None
    grid_code: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict, metadata=personal("entity.*"))
