"""Files that are only looked at, as programs see them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import shapely
from pydantic import BaseModel, Field

from api.schemas.context import DECIMALS
from api.schemas.geojson import Geometry
from api.schemas.locate import to_json
from geo.services.reference_layers import ReferenceLayer


class ReferenceProperties(BaseModel):
    """What is known of a row."""

    name: str | None


class ReferenceFeature(BaseModel):
    """A row of the file."""

    type: Literal["Feature"] = "Feature"
    geometry: Geometry
    properties: ReferenceProperties


class ReferenceFeatures(BaseModel):
    """What a file shows on a map, EPSG:4326."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    name: str
    reference: str = Field(description="文件坐标按此解释 · What its numbers were taken for")
    left_out: int = Field(description="没有位置的行数 · Rows that have no place")
    features: list[ReferenceFeature]


def reference_features(layer: ReferenceLayer) -> bytes:
    """Write a `ReferenceFeatures`.

    Parameters
    ----------
    layer : ReferenceLayer
        What the file shows.
    """
    rounded = shapely.transform(shapely.force_2d(layer.geometries), lambda xy: np.round(xy, DECIMALS))
    features = (
        b'{"type":"Feature","geometry":%b,"properties":%b}' % (shape.encode(), to_json({"name": label}))
        for label, shape in zip(layer.labels, shapely.to_geojson(rounded), strict=True)
    )
    facts = {"name": layer.name, "reference": layer.reference, "left_out": layer.left_out}
    return b'{"type":"FeatureCollection","features":[%b],%b' % (b",".join(features), to_json(facts)[1:])
