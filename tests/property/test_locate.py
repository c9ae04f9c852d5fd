"""The lookup index gives the answers of ``shapely.covers`` on every division and every point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo.geometry.locate import OUTSIDE, LocateIndex

Floats = NDArray[np.float64]
STEPS = [2.0**-10, 0.1, 1e-7, 1.0 / 3.0]


@dataclass(frozen=True, slots=True)
class Division:
    """Cells over the points of a lattice."""

    cells: NDArray[np.object_]
    step: float


def triangles(rng: np.random.Generator, size: int, origin: Floats, step: float) -> NDArray[np.object_]:
    """Return a triangulation of random points of a lattice."""
    corners = rng.integers(0, size + 1, (4 * size, 2))
    return shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(origin + corners * step)))


@st.composite
def divisions(draw: st.DrawFn) -> Division:
    """Draw a triangulation dissolved by random labels: parts, holes, islands, vertices of many cells, gaps.

    Now and then a few hulls lie across it, so that cells overlap without any common vertex. Nothing lies near
    the null island, where GEOS sums in pairs of doubles that are too short to be exact.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    step = draw(st.sampled_from(STEPS))
    origin = np.array(draw(st.sampled_from([(10.0, 5.0), (120.0, 30.0), (-70.0, -33.3), (176.0, 80.0)])))
    size = draw(st.integers(2, 9))
    pieces = triangles(rng, size, origin, step)
    label = rng.integers(-1, draw(st.integers(1, 8)), len(pieces))
    cells = [shapely.union_all(pieces[label == one]) for one in np.unique(label[label >= 0])]
    for _ in range(draw(st.integers(0, 2))):
        hull = shapely.convex_hull(shapely.multipoints(origin + rng.integers(0, size + 1, (5, 2)) * step))
        if hull.area > 0.0:
            cells.insert(int(rng.integers(0, len(cells) + 1)), hull)
    geometries = np.empty(len(cells), dtype=object)
    geometries[:] = cells
    return Division(geometries, step)


def points_of_interest(division: Division, rng: np.random.Generator) -> Floats:
    """Return all vertices and middles of edges, their eight neighbours among the doubles, and random ones."""
    vertices, ring = shapely.get_coordinates(shapely.boundary(division.cells), return_index=True)
    if not len(vertices):
        return rng.uniform(-1.0, 1.0, (10, 2))
    middles = ((vertices[1:] + vertices[:-1]) / 2.0)[ring[1:] == ring[:-1]]
    special = np.unique(np.concatenate([vertices, middles]), axis=0)
    shifts = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    near = (special[:, None] + shifts * np.spacing(np.abs(special))[:, None]).reshape(-1, 2)
    low, high = vertices.min(axis=0) - division.step, vertices.max(axis=0) + division.step
    return np.concatenate([near, rng.uniform(low, high, (100, 2))])


def by_shapely(cells: NDArray[np.object_], points: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the lowest covering cell and whether the point lies on a border, from every pair."""
    places = shapely.points(points)
    if not len(cells):
        return np.full(len(points), OUTSIDE), np.zeros(len(points), bool)
    covers = shapely.covers(cells[:, None], places)
    lowest = covers.argmax(axis=0)
    border = (covers.sum(axis=0) > 1) | shapely.touches(cells[lowest], places)
    return np.where(covers.any(axis=0), lowest, OUTSIDE), border


@settings(max_examples=150)
@given(division=divisions(), seed=st.integers(0, 2**32 - 1))
def test_the_index_says_what_shapely_says(division: Division, seed: int) -> None:
    points = points_of_interest(division, np.random.default_rng(seed))
    cell, on_border = LocateIndex.build(division.cells).find_many(*points.T)
    expected_cell, expected_border = by_shapely(division.cells, points)
    np.testing.assert_array_equal(cell, expected_cell)
    np.testing.assert_array_equal(on_border, expected_border)


@settings(max_examples=40)
@given(division=divisions(), seed=st.integers(0, 2**32 - 1))
def test_one_point_and_many_points_get_the_same_answer(division: Division, seed: int) -> None:
    points = points_of_interest(division, np.random.default_rng(seed))
    index = LocateIndex.build(division.cells)
    cell, on_border = index.find_many(*points.T)
    found = [index.find(lon, lat) for lon, lat in points.tolist()]
    assert found == list(zip(cell.tolist(), on_border.tolist(), strict=True))


@settings(max_examples=40)
@given(division=divisions(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_cells_breaks_ties_and_does_nothing_else(division: Division, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = points_of_interest(division, rng)
    order = rng.permutation(len(division.cells))
    cell, on_border = LocateIndex.build(division.cells).find_many(*points.T)
    moved, moved_border = LocateIndex.build(division.cells[order]).find_many(*points.T)
    moved = np.where(moved == OUTSIDE, OUTSIDE, np.append(order, OUTSIDE)[moved])
    alone = ~(on_border | moved_border)
    np.testing.assert_array_equal(moved[alone], cell[alone])
    np.testing.assert_array_equal(moved == OUTSIDE, cell == OUTSIDE)


@given(division=divisions(), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_every_point_outside_has_a_nearest_cell(division: Division, seed: int) -> None:
    if not len(division.cells):
        return
    index = LocateIndex.build(division.cells)
    points = points_of_interest(division, np.random.default_rng(seed))
    outside = points[index.find_many(*points.T)[0] == OUTSIDE]
    cell, distance_m = index.nearest_many(*outside.T)
    assert (cell != OUTSIDE).all()
    assert (distance_m >= 0.0).all()
