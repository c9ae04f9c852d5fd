"""Single things as circles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from webmap.base_map import DataLayer, GridMap
from webmap.layers.legend import Legend


@dataclass(frozen=True, slots=True)
class Spot:
    """A thing with a place.

    Attributes
    ----------
    lon, lat : float
        EPSG:4326 degrees.
    entry : int
        Place of its class in the legend.
    title : str
        What it is called.
    values : tuple of str
        What its popup tells, in the order of the columns.
    """

    lon: float
    lat: float
    entry: int
    title: str
    values: tuple[str, ...]


class Points(DataLayer):
    """Things as circles, the first ones on top.

    Parameters
    ----------
    spots : tuple of Spot
        The things.
    columns : tuple of str
        What the values of a popup are.
    legend : Legend
        The classes.
    """

    def __init__(self, spots: tuple[Spot, ...], *, columns: tuple[str, ...], legend: Legend) -> None:
        super().__init__("points", legend.title, control=True)
        self.spots = spots
        self.columns = columns
        self.legend = legend

    def data(self, on: GridMap) -> dict[str, Any]:
        """Give places, values and legend, JSON-ready."""
        lon = np.array([spot.lon for spot in self.spots])
        lat = np.array([spot.lat for spot in self.spots])
        places = shapely.get_coordinates(on.drawn(shapely.points(lon, lat))).tolist()
        return {
            "points": [
                {"place": [y, x], "entry": spot.entry, "title": spot.title, "values": spot.values}
                for spot, (x, y) in zip(self.spots, places, strict=True)
            ],
            "columns": self.columns,
            "legend": self.legend.data(),
        }
