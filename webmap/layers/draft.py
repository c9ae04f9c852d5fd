"""What a draft of a division is drawn on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.plan_drafts import Draft
from geo.domain.shapes import Bounds, Shapes
from geo.geometry.tiling import Cell
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


def redivided(draft: Draft) -> NDArray[np.bool_]:
    """Tell which grids of a draft, in their order, its operations have changed.

    Parameters
    ----------
    draft : Draft
        The plan as it stands.
    """
    touched = frozenset[str]().union(*(one.effect.redivided for one in draft.plan.done))
    return np.array([key in touched for key in draft.tiling.cells], dtype=bool)


def bounds_of(draft: Draft) -> Bounds:
    """Give west, south, east and north of a draft, degrees.

    Parameters
    ----------
    draft : Draft
        The plan as it stands.
    """
    west, south, east, north = shapely.total_bounds(ground_of(draft.tiling.cells.values())).tolist()
    return west, south, east, north


def ground_of(cells: Iterable[Cell]) -> NDArray[np.object_]:
    """Give the polygons of grids.

    Parameters
    ----------
    cells : iterable of Cell
        The grids.
    """
    return np.array([cell.geometry for cell in cells], dtype=object)
