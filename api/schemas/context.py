"""What lies around a border as programs see it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import shapely
from pydantic import BaseModel, Field

from api.schemas.geojson import Geometry
from api.schemas.locate import to_json
from geo.domain.context import Context

DECIMALS = 6
"""Of a degree: 11 cm, as much as a screen can show."""


class ContextProperties(BaseModel):
    """What is known of a feature."""

    name: str | None
    households: int | None


class ContextFeature(BaseModel):
    """A feature."""

    type: Literal["Feature"] = "Feature"
    id: int
    geometry: Geometry
    properties: ContextProperties


class ContextFeatures(BaseModel):
    """The features of a layer in a box."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    complete: bool = Field(
        description="为 false 时请缩小范围 · Where this is false, a smaller box gives the rest"
    )
    features: list[ContextFeature]


def context_features(context: Context) -> bytes:
    """Write a `ContextFeatures`.

    Parameters
    ----------
    context : Context
        The features.
    """
    shapes = shapely.to_geojson(shapely.transform(context.geometries, lambda xy: np.round(xy, DECIMALS)))
    features = (
        b'{"type":"Feature","id":%d,"geometry":%b,"properties":%b}'
        % (key, shape.encode(), to_json({"name": name, "households": households}))
        for key, name, households, shape in zip(
            context.ids, context.names, context.households, shapes, strict=True
        )
    )
    return b'{"type":"FeatureCollection","complete":%b,"features":[%b]}' % (
        to_json(context.complete),
        b",".join(features),
    )
