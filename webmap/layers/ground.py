"""The default background, drawn from the data at hand."""

from __future__ import annotations

import json
from typing import Any

import shapely

from geo.domain.ground import Ground
from geo.domain.shapes import Shapes
from webmap.base_map import DataLayer, GridMap


class Background(DataLayer):
    """Water, green, buildings and roads, with the outline of the division on top.

    Parameters
    ----------
    ground : Ground
        The features, in the order in which they are drawn.
    shapes : Shapes
        The division.
    """

    def __init__(self, ground: Ground, shapes: Shapes) -> None:
        super().__init__("ground", "")
        self.ground = ground
        self.shapes = shapes

    def data(self, on: GridMap) -> dict[str, Any]:
        """Give features with their kinds, JSON-ready."""
        outline = shapely.boundary(shapely.union_all(self.shapes.outlines))
        geometries = on.drawn([*self.ground.geometries, outline])
        kinds = (*self.ground.kinds, "outline")
        return {
            "features": [
                {"type": "Feature", "geometry": json.loads(geometry), "properties": {"kind": kind}}
                for kind, geometry in zip(kinds, shapely.to_geojson(geometries), strict=True)
            ],
        }
