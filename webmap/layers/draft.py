"""What a draft of a division is drawn on."""

from __future__ import annotations

import json
from typing import Any

import shapely

from geo.domain.shapes import Shapes
from webmap.base_map import DataLayer, GridMap


class DraftMap(GridMap):
    """A map on which lines and polygons can be drawn."""

    styles = (*GridMap.styles, "vendor/leaflet-geoman/leaflet-geoman.css")
    scripts = (*GridMap.scripts, "vendor/leaflet-geoman/leaflet-geoman.min.js")


class InForce(DataLayer):
    """The outlines of the division in force, to be compared with the draft above them.

    Parameters
    ----------
    shapes : Shapes
        The division.
    """

    def __init__(self, shapes: Shapes) -> None:
        super().__init__("outlines", "")
        self.shapes = shapes

    def data(self, on: GridMap) -> dict[str, Any]:
        """Give the outlines, JSON-ready."""
        outlines = shapely.to_geojson(on.drawn(self.shapes.outlines))
        return {
            "features": [
                {"type": "Feature", "geometry": json.loads(outline), "properties": {}} for outline in outlines
            ]
        }
