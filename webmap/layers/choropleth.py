"""Grids filled by class."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.domain.grids import GridName
from geo.domain.shapes import Bounds, Shapes
from webmap.base_map import DataLayer, GridMap
from webmap.layers.legend import Legend


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid of a choropleth.

    Attributes
    ----------
    grid : GridName
        The grid.
    entry : int
        Place of its class in the legend.
    values : tuple of str
        What its popup tells, in the order of the columns.
    """

    grid: GridName
    entry: int
    values: tuple[str, ...]


class Choropleth(DataLayer):
    """Grids filled by the class of a measure, with a popup that tells what the measure is made of.

    Parameters
    ----------
    shapes : Shapes
        The outlines; they hold every cell.
    cells : tuple of Cell
        The grids that are drawn.
    columns : tuple of str
        What the values of a popup are; without any there are no popups.
    legend : Legend
        The classes.
    """

    def __init__(
        self, shapes: Shapes, cells: tuple[Cell, ...], *, columns: tuple[str, ...], legend: Legend
    ) -> None:
        super().__init__("choropleth", legend.title)
        self.shapes = shapes
        self.cells = cells
        self.columns = columns
        self.legend = legend

    @property
    def outlines(self) -> NDArray[np.object_]:
        """The outlines of the cells, EPSG:4326."""
        return self.shapes.outlines[self.shapes.places([cell.grid.code for cell in self.cells])]

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of the cells, degrees; of the whole division where there are none."""
        if not self.cells:
            return self.shapes.bounds
        west, south, east, north = shapely.total_bounds(self.outlines).tolist()
        return west, south, east, north

    def data(self, on: GridMap) -> dict[str, Any]:
        """Give outlines, values and legend, JSON-ready."""
        outlines = shapely.to_geojson(on.drawn(self.outlines))
        features = [
            {
                "type": "Feature",
                "geometry": json.loads(outline),
                "properties": {
                    "code": cell.grid.code,
                    "name": cell.grid.name,
                    "entry": cell.entry,
                    "values": cell.values,
                },
            }
            for cell, outline in zip(self.cells, outlines, strict=True)
        ]
        return {
            "grids": {"type": "FeatureCollection", "features": features},
            "columns": self.columns,
            "legend": self.legend.data(),
        }
