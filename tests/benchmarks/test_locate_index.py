"""How many times faster the lookup index is: by hand, ``python -m tests.benchmarks.test_locate_index``.

No test: a busy machine would make it lie. Rivals are timed in turns and the best turn of each counts, so that
the ratios hold although the times move with the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import starmap

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from shapely import Point

from geo.geometry.locate import LocateIndex

SIDE = 100
VERTICES_PER_EDGE = 10
ONE_BY_ONE = 2_000
MANY = 1_000_000
TURNS = 5

Floats = NDArray[np.float64]


def division(side: int, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return ``side * side`` edge-matched cells with crooked borders, each of about 40 vertices."""
    corners = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0)), axis=-1)
    corners = np.array([120.0, 30.0]) + 0.01 * (corners + rng.uniform(-0.2, 0.2, corners.shape))
    south_north = crooked(corners[:, :-1], corners[:, 1:], rng)
    west_east = crooked(corners[:-1], corners[1:], rng)
    south, north = south_north[:-1], south_north[1:, :, ::-1]
    west, east = west_east[:, :-1, ::-1], west_east[:, 1:]
    rings = np.concatenate([side_[:, :, :-1] for side_ in (south, east, north, west)], axis=2)
    return np.asarray(shapely.polygons(rings.reshape(side * side, -1, 2)))


def crooked(start: Floats, end: Floats, rng: np.random.Generator) -> Floats:
    """Return lines from start to end that are not quite straight."""
    share = np.linspace(0.0, 1.0, VERTICES_PER_EDGE + 1)[:, None]
    lines = start[:, :, None] * (1.0 - share) + end[:, :, None] * share
    lines[:, :, 1:-1] += rng.normal(0.0, 1e-4, lines[:, :, 1:-1].shape)
    return lines


def seconds(*rivals: Callable[[], object]) -> list[float]:
    """Return the best time of each rival, taking turns."""
    best = [float("inf")] * len(rivals)
    for _ in range(TURNS):
        for i, rival in enumerate(rivals):
            started = time.perf_counter()
            rival()
            best[i] = min(best[i], time.perf_counter() - started)
    return best


def one_by_one(
    find: Callable[[float, float], object], places: list[tuple[float, float]]
) -> Callable[[], object]:
    """Return a run of single lookups, each from two numbers as a request brings them."""
    return lambda: [None for _ in starmap(find, places)]


def main() -> None:
    """Print times and ratios."""
    rng = np.random.default_rng(20261122)
    cells = division(SIDE, rng)
    index, tree = LocateIndex.build(cells), shapely.STRtree(cells)
    frame = gpd.GeoDataFrame(geometry=cells, crs=4326)
    west, south, east, north = shapely.total_bounds(cells)
    lon, lat = rng.uniform((west, south), (east, north), (MANY, 2)).T.copy()
    places = list(zip(lon[:ONE_BY_ONE].tolist(), lat[:ONE_BY_ONE].tolist(), strict=True))

    single = seconds(
        one_by_one(index.find, places),
        one_by_one(lambda x, y: tree.query(Point(x, y), predicate="covered_by"), places),
        one_by_one(lambda x, y: tree.query(Point(x, y), predicate="intersects"), places),
    )
    many = seconds(
        lambda: index.find_many(lon, lat),
        lambda: tree.query(shapely.points(lon, lat), predicate="covered_by"),
        lambda: gpd.sjoin(
            gpd.GeoDataFrame(geometry=shapely.points(lon, lat), crs=4326), frame, predicate="within"
        ),
    )
    build = seconds(lambda: LocateIndex.build(cells), lambda: shapely.STRtree(cells))

    table = Table("what", "time", "times the index", title=f"{len(cells)} cells")
    for name, run, base, unit in (
        ("find", single[0], single[0], ONE_BY_ONE),
        ("STRtree.query covered_by, one point", single[1], single[0], ONE_BY_ONE),
        ("STRtree.query intersects, one point", single[2], single[0], ONE_BY_ONE),
        ("find_many", many[0], many[0], MANY),
        ("STRtree.query covered_by, a million", many[1], many[0], MANY),
        ("geopandas.sjoin within, a million", many[2], many[0], MANY),
        ("build", build[0], build[0], 1),
        ("STRtree", build[1], build[0], 1),
    ):
        table.add_row(name, f"{run / unit * 1e6:,.3f} µs", f"{run / base:,.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
