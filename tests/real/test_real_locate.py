"""The lookup index on divisions that somebody really uses."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geo.geometry.locate import OUTSIDE, LocateIndex

ROOT = os.environ.get("WANGGE_REAL_DATA")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(ROOT is None, reason="WANGGE_REAL_DATA names no folder of real data"),
]


def cells_of(name: str) -> NDArray[np.object_]:
    """Return the cells of a file in the order of its rows, made valid and otherwise as they are."""
    frame = gpd.read_file(Path(str(ROOT)) / name).to_crs(4326)
    return np.asarray(shapely.make_valid(frame.geometry.to_numpy()), dtype=object)


def places_in(cells: NDArray[np.object_], count: int) -> NDArray[np.float64]:
    """Return all vertices, all middles of edges and seeded points of the extent."""
    rings = shapely.get_rings(shapely.get_parts(cells))
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    middles = ((vertices[1:] + vertices[:-1]) / 2.0)[ring[1:] == ring[:-1]]
    west, south, east, north = shapely.total_bounds(cells)
    random = np.random.default_rng(20261122).uniform((west, south), (east, north), (count, 2))
    return np.concatenate([vertices, middles, random])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "xihu/grids.geojson",
        "songbei/special_grids.geojson",
        "shanghai/towns_214.geojson",
        "guangzhou/gz_streets_wgs84.geojson",
        "baltimore/neighborhoods.gpkg",
        "baltimore/baltimore_blocks.gpkg",
    ],
)
def test_every_place_gets_the_answer_of_shapely(name: str) -> None:
    cells = cells_of(name)
    places = places_in(cells, 100_000)
    points = shapely.points(places)
    shapely.prepare(cells)
    cell, point = shapely.STRtree(points).query(cells, predicate="covers")
    covering = np.bincount(point, minlength=len(points))
    lowest = np.full(len(points), len(cells))
    np.minimum.at(lowest, point, cell)
    inside = covering > 0
    border = covering > 1
    border[inside] |= shapely.touches(cells[lowest[inside]], points[inside])

    found, on_border = LocateIndex.build(cells).find_many(*places.T)

    np.testing.assert_array_equal(found, np.where(inside, lowest, OUTSIDE))
    np.testing.assert_array_equal(on_border, border)
    assert 1000 < on_border.sum() < inside.sum()
