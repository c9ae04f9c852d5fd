"""Grids as programs see them: GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field

from api.schemas.generations import GridRef, Succession
from api.schemas.locate import Responsible, to_json
from geo.domain import grids
from geo.domain.grids import Grid, Level
from geo.services.grids import GridHistory

GEOJSON = "application/geo+json"


class GridProperties(GridRef):
    """What is known of a grid."""

    generation_id: int
    parent_code: str | None
    is_leaf: bool
    households: int | None
    population: int | None
    area_m2: float
    attributes: dict[str, Any] = Field(description="登录后可见 · For those who have signed in")

    @classmethod
    def of_grid(cls, grid: Grid) -> Self:
        """Give the properties of a grid."""
        return cls.model_validate(grid, from_attributes=True)


class GridDetails(GridProperties):
    """What is known of a grid, with whom the public may turn to."""

    responsible: list[Responsible]


class MultiPolygon(BaseModel):
    """Coordinates are lon, lat in degrees, EPSG:4326."""

    type: Literal["MultiPolygon"] = "MultiPolygon"
    coordinates: list[list[list[tuple[float, float]]]]


_EXAMPLE: dict[str, Any] = {
    "type": "Feature",
    "id": "330106001001001",
    "geometry": {
        "type": "MultiPolygon",
        "coordinates": [[[[120.14, 30.26], [120.15, 30.26], [120.15, 30.27], [120.14, 30.26]]]],
    },
    "properties": {
        "code": "330106001001001",
        "name": "第一网格",
        "level": "unit",
        "generation_id": 1,
        "parent_code": "330106001001",
        "is_leaf": True,
        "households": 312,
        "population": 801,
        "area_m2": 84211.7,
        "attributes": {},
    },
}


class GridFeature(BaseModel):
    """A grid with its shape."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: MultiPolygon | None
    properties: GridProperties


class GridDetailsFeature(BaseModel):
    """A grid with its shape and its people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_EXAMPLE, "properties": {**_EXAMPLE["properties"], "responsible": []}}]
        }
    )

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: MultiPolygon
    properties: GridDetails


class GridCollection(BaseModel):
    """A page of grids."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"type": "FeatureCollection", "features": [_EXAMPLE], "next": None}]}
    )

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[GridFeature]
    next: int | None = Field(description="下一页的 cursor · The cursor of the next page; null on the last")


class Neighbour(GridRef):
    """A grid on the other side of a border."""

    shared_border_m: float = Field(description="公共边界长度，米 · Length of the common border in metres")

    @classmethod
    def of_neighbour(cls, neighbour: grids.Neighbour) -> Self:
        """Give the neighbour as programs see it."""
        grid = neighbour.grid
        return cls(
            code=grid.code, name=grid.name, level=grid.level, shared_border_m=neighbour.shared_border_m
        )


class History(BaseModel):
    """What a code stood for, from generation to generation."""

    code: str
    level: Level
    versions: list[GridProperties]
    successions: list[Succession]

    @classmethod
    def of(cls, code: str, history: GridHistory) -> Self:
        """Give the history as programs see it."""
        return cls(
            code=code,
            level=history.versions[-1].level,
            versions=list(map(GridProperties.of_grid, history.versions)),
            successions=list(map(Succession.of, history.successions)),
        )


def feature_collection(found: Sequence[Grid], following: int | None) -> bytes:
    """Write a `GridCollection`.

    Parameters
    ----------
    found : sequence of Grid
        The grids of the page.
    following : int or None
        The cursor of the next page.
    """
    shapes = shapely.to_geojson(np.array([grid.geometry for grid in found], dtype=object))
    features = [
        _feature(grid.code, shape, GridProperties.of_grid(grid))
        for grid, shape in zip(found, shapes, strict=True)
    ]
    return b'{"type":"FeatureCollection","features":[%b],"next":%b}' % (
        b",".join(features),
        to_json(following),
    )


def feature(grid: Grid, responsible: Sequence[Responsible]) -> bytes:
    """Write a `GridDetailsFeature`.

    Parameters
    ----------
    grid : Grid
        With its shape.
    responsible : sequence of Responsible
        Whom the public may turn to.
    """
    known = GridProperties.of_grid(grid).model_dump()
    return _feature(
        grid.code, shapely.to_geojson(grid.geometry), GridDetails(**known, responsible=list(responsible))
    )


def _feature(code: str, shape: str | None, properties: BaseModel) -> bytes:
    geometry = b"null" if shape is None else shape.encode()
    return b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b}' % (
        to_json(code),
        geometry,
        to_json(properties.model_dump(mode="json")),
    )
