"""The lookup index on ground small enough to know every answer."""

from __future__ import annotations

import math
from fractions import Fraction

import numba
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import MultiPolygon, Polygon, box

from geo.geometry.locate import OUTSIDE, Found, LocateIndex, kernels
from geo.geometry.locate import index as index_module
from geo.geometry.locate.raster import Raster
from geo.geometry.locate.squares import SQUARES_PER_EDGE

WEST, EAST = box(120.0, 30.0, 121.0, 31.0), box(121.0, 30.0, 122.0, 31.0)
NORTHWEST, NORTHEAST = box(120.0, 31.0, 121.0, 32.0), box(121.0, 31.0, 122.0, 32.0)
RING = Polygon(
    [(120, 30), (124, 30), (124, 34), (120, 34)], holes=[[(121, 31), (123, 31), (123, 33), (121, 33)]]
)
ISLAND = box(121.0, 31.0, 123.0, 33.0)
TWO_PARTS = MultiPolygon([box(120, 30, 121, 31), box(122, 30, 123, 31)])
HAIR = Polygon([(120, 30), (math.nextafter(120, 121), 30), (math.nextafter(120, 121), 31), (120, 31)])
STUTTER = Polygon([(120, 30), (121, 30), (121, 30), (121, 31), (121, 31), (121, 31), (120, 31), (120, 30)])
ON_THE_WAY = Polygon([(120, 30), (120.25, 30), (120.5, 30), (121, 30), (121, 30.5), (121, 31), (120, 31)])
TRIANGLE = Polygon([(120, 30), (124, 31), (120, 32)])


@pytest.mark.parametrize(
    ("cells", "lon", "lat", "cell", "on_border"),
    [
        pytest.param([WEST, EAST], 120.5, 30.5, 0, False, id="inside the first"),
        pytest.param([WEST, EAST], 121.5, 30.5, 1, False, id="inside the second"),
        pytest.param([WEST, EAST], 121.0, 30.5, 0, True, id="shared edge"),
        pytest.param([WEST, EAST], math.nextafter(121.0, 0.0), 30.5, 0, False, id="an ulp west of it"),
        pytest.param([WEST, EAST], math.nextafter(121.0, 999.0), 30.5, 1, False, id="an ulp east of it"),
        pytest.param([WEST, EAST], 121.0, 31.0, 0, True, id="shared vertex"),
        pytest.param([WEST, EAST], 122.0, 30.5, 1, True, id="outer edge"),
        pytest.param([WEST, EAST], 122.0, 31.0, 1, True, id="outer vertex"),
        pytest.param([WEST, EAST], math.nextafter(122.0, 999.0), 30.5, OUTSIDE, False, id="an ulp outside"),
        pytest.param([WEST, EAST], -120.5, 30.5, OUTSIDE, False, id="far outside"),
        pytest.param([NORTHEAST, EAST, NORTHWEST, WEST], 121.0, 31.0, 0, True, id="vertex of four"),
        pytest.param([NORTHEAST, EAST, NORTHWEST, WEST], 121.0, 30.5, 1, True, id="the order breaks the tie"),
        pytest.param([WEST, NORTHEAST], 121.5, 30.5, OUTSIDE, False, id="gap within the extent"),
        pytest.param([RING], 122.0, 32.0, OUTSIDE, False, id="in a hole"),
        pytest.param([RING], 121.0, 32.0, 0, True, id="edge of a hole"),
        pytest.param([RING], 121.0, 31.0, 0, True, id="vertex of a hole"),
        pytest.param([RING], 120.5, 32.0, 0, False, id="around a hole"),
        pytest.param([RING, ISLAND], 122.0, 32.0, 1, False, id="island in a hole"),
        pytest.param([ISLAND, RING], 123.0, 32.0, 0, True, id="shore of an island"),
        pytest.param([TWO_PARTS, EAST], 122.5, 30.5, 0, False, id="second part"),
        pytest.param([TWO_PARTS, EAST], 121.5, 30.5, 1, False, id="between parts"),
        pytest.param([EAST, TWO_PARTS], 122.0, 30.5, 0, True, id="edge of a part"),
        pytest.param([ISLAND, box(122, 30, 126, 33)], 122.5, 32.0, 0, True, id="overlap"),
        pytest.param([ISLAND, box(122, 30, 126, 33)], 121.5, 32.0, 0, False, id="beside an overlap"),
        pytest.param(
            [ISLAND, box(122, 30, 126, 33)], 122.0, 32.0, 0, True, id="inside one, on the edge of another"
        ),
        pytest.param([box(120, 30, 124, 34), ISLAND], 122.0, 32.0, 0, True, id="one inside another"),
        pytest.param([ISLAND, box(120, 30, 124, 34)], 120.5, 32.0, 1, False, id="in the outer one alone"),
        pytest.param([WEST, WEST], 120.5, 30.5, 0, True, id="twice the same"),
        pytest.param([HAIR], 120.0, 30.5, 0, True, id="sliver of an ulp"),
        pytest.param([HAIR], math.nextafter(120.0, 0.0), 30.5, OUTSIDE, False, id="beside the sliver"),
        pytest.param([STUTTER], 121.0, 30.5, 0, True, id="repeated vertices, edge"),
        pytest.param([STUTTER], 120.5, 30.5, 0, False, id="repeated vertices, inside"),
        pytest.param([ON_THE_WAY], 120.25, 30.0, 0, True, id="vertex in a straight line"),
        pytest.param([ON_THE_WAY], 120.3, 30.0, 0, True, id="level edge"),
        pytest.param([ON_THE_WAY], 121.5, 30.0, OUTSIDE, False, id="beyond a level edge"),
        pytest.param([ON_THE_WAY], 120.7, 30.5, 0, False, id="level with a vertex"),
        pytest.param([TRIANGLE], 122.0, 31.0, 0, False, id="level with the tip"),
        pytest.param([TRIANGLE], 124.0, 31.0, 0, True, id="the tip"),
        pytest.param([TRIANGLE], 122.0, 30.5, 0, True, id="middle of a slanting edge"),
        pytest.param([TRIANGLE], 122.0, math.nextafter(30.5, 0.0), OUTSIDE, False, id="an ulp below it"),
        pytest.param([TRIANGLE], 122.0, math.nextafter(30.5, 99.0), 0, False, id="an ulp above it"),
        pytest.param([None, Polygon(), WEST], 120.5, 30.5, 2, False, id="empty cells keep their rank"),
        pytest.param(
            [box(-1e-9, -1e-9, 0, 0), box(0, -1e-9, 1e-9, 0)], 5e-10, 0.0, 1, True, id="at null island"
        ),
        pytest.param([box(0, 0, 1e-200, 1e-200)], 5e-201, 5e-201, 0, False, id="too small to multiply"),
        pytest.param(
            [Polygon([(0, 0), (2e-200, 1e-200), (0, 1e-200)])], 1e-200, 5e-201, 0, True, id="same, edge"
        ),
    ],
)
def test_find_knows_the_cell_and_the_border(
    cells: list[Polygon | MultiPolygon | None], lon: float, lat: float, cell: int, on_border: bool
) -> None:
    assert LocateIndex.build(cells).find(lon, lat) == Found(cell, on_border)


@pytest.mark.parametrize("lon", [math.nan, math.inf, -math.inf, 1e308])
def test_numbers_that_are_no_place_are_outside(lon: float) -> None:
    index = LocateIndex.build([WEST, EAST])
    assert index.find(lon, 30.5) == index.find(120.5, lon) == Found(OUTSIDE, on_border=False)
    cell, on_border = index.find_many([lon, 120.5, 120.5], [30.5, lon, 30.5])
    assert cell.tolist() == [OUTSIDE, OUTSIDE, 0]
    assert on_border.tolist() == [False, False, False]


@pytest.mark.parametrize("cells", [[], [None], [Polygon()]])
def test_a_division_without_ground_covers_nothing(cells: list[Polygon | None]) -> None:
    index = LocateIndex.build(cells)
    assert index.find(0.0, 0.0).cell == OUTSIDE
    assert index.find_many([0.0], [0.0])[0].tolist() == [OUTSIDE]
    cell, distance_m = index.nearest(0.0, 0.0)
    assert cell == OUTSIDE
    assert math.isnan(distance_m)


def test_many_points_may_come_as_lists_integers_or_read_only_arrays() -> None:
    index = LocateIndex.build([WEST, EAST])
    lon = np.array([121, 123])
    lon.flags.writeable = False
    for lat in ([31, 31], 31, np.array([31.0, 31.0], np.float32)):
        cell, on_border = index.find_many(lon, lat)
        assert (cell.tolist(), on_border.tolist()) == ([0, OUTSIDE], [True, False])
    assert (cell.dtype, on_border.dtype) == (np.int32, np.bool_)
    assert index.find(121, 31) == Found(0, on_border=True)


def test_columns_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        LocateIndex.build([WEST]).find_many([120.5, 120.5], [30.5, 30.5, 30.5])


def pie(slices: int) -> list[Polygon]:
    """Return slices that all meet at (120, 30)."""
    angle = np.linspace(0.0, 2.0 * np.pi, slices, endpoint=False)
    rim = np.column_stack([120.0 + np.cos(angle), 30.0 + np.sin(angle)])
    return [Polygon([(120.0, 30.0), rim[i], rim[(i + 1) % slices]]) for i in range(slices)]


def test_more_cells_at_a_vertex_than_a_mask_has_bits() -> None:
    slices = pie(200)
    index = LocateIndex.build(slices)
    assert index.find(120.0, 30.0) == Found(0, on_border=True)
    angle = (np.arange(200) + 0.5) * (2.0 * np.pi / 200)
    for radius in (1e-9, 1e-3, 0.9):
        cell, on_border = index.find_many(120.0 + radius * np.cos(angle), 30.0 + radius * np.sin(angle))
        assert cell.tolist() == list(range(200))
        assert not on_border.any()
    rim = shapely.get_coordinates(slices[150])[1]
    assert index.find(*rim) == Found(149, on_border=True)


def test_more_cells_over_one_place_than_a_mask_has_bits() -> None:
    index = LocateIndex.build([EAST] * 100 + [WEST] * 100)
    assert index.find(120.5, 30.5) == Found(100, on_border=True)
    assert index.find(120.0, 30.5) == Found(100, on_border=True)
    assert index.find(121.0, 30.5) == Found(0, on_border=True)
    assert index.find(122.5, 30.5) == Found(OUTSIDE, on_border=False)


def test_points_on_the_lines_of_the_raster_are_like_any_others() -> None:
    cells = np.array(pie(17), dtype=object)
    index, frame = LocateIndex.build(cells), Raster.of_cells(cells).frame
    lines_x = frame.west + np.arange(frame.columns + 1) / frame.density
    lines_y = frame.south + np.arange(frame.rows + 1) / frame.density
    lon, lat = (grid.ravel() for grid in np.meshgrid(lines_x, lines_y))
    for x in (np.nextafter(lon, -999), lon, np.nextafter(lon, 999)):
        covers = shapely.covers(cells[:, None], shapely.points(x, lat))
        expected = np.where(covers.any(axis=0), covers.argmax(axis=0), OUTSIDE)
        np.testing.assert_array_equal(index.find_many(x, lat)[0], expected)


def test_the_raster_stays_within_its_bound_however_long_and_thin_the_ground() -> None:
    thin = [box(100.0 + i, 30.0, 101.0 + i, 30.0 + 1e-7) for i in range(20)]
    raster = Raster.of_cells(np.array(thin, dtype=object))
    assert raster.slots.size <= 2 * SQUARES_PER_EDGE * 4 * len(thin)
    assert LocateIndex.build(thin).find(119.5, 30.0 + 5e-8) == Found(19, on_border=False)


def test_memory_stays_bounded_where_everything_lies_over_everything() -> None:
    shift = np.arange(1500) * 1e-4
    cells = shapely.box(120.0 + shift, 30.0 + shift, 121.0 + shift, 31.0 + shift)
    raster = Raster.of_cells(cells)
    assert raster.words.size < 2_000_000
    index = LocateIndex.build(cells)
    assert index.find(121.0, 31.0) == Found(0, on_border=True)
    assert index.find(121.14, 31.14) == Found(1400, on_border=True)
    assert index.find(121.14, 30.0) == Found(OUTSIDE, on_border=False)


def near_line_triples(count: int) -> NDArray[np.float64]:
    """Return (a, b, c) with c an ulp or two off the middle of a and b."""
    rng = np.random.default_rng(20261122)
    ends = rng.uniform((120.0, 30.0), (120.01, 30.01), (count, 2, 2))
    middle = ends.mean(axis=1)
    return np.concatenate(
        [ends, (middle + rng.integers(-2, 3, middle.shape) * np.spacing(middle))[:, None]], axis=1
    )


def exact_sign(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> int:
    """Return the orientation in rational numbers."""
    (ax, ay), (bx, by), (cx, cy) = ([Fraction(float(v)) for v in point] for point in (a, b, c))
    determinant = (ax - cx) * (by - cy) - (ay - cy) * (bx - cx)
    return (determinant > 0) - (determinant < 0)


def float_sign(a: kernels.Point, b: kernels.Point, c: kernels.Point) -> int:
    """Return the orientation as doubles round it."""
    determinant = a[0] * b[1] - a[0] * c[1] - c[0] * b[1] - a[1] * b[0] + a[1] * c[0] + c[1] * b[0]
    return int(determinant > 0) - int(determinant < 0)


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e-150, 1e-280, 2.0**20])
def test_orientation_is_exact_where_doubles_are_not(scale: float) -> None:
    triples = near_line_triples(2000) * scale
    expected = [exact_sign(*triple) for triple in triples]
    assert [kernels.orientation(*(tuple(p) for p in triple.tolist())) for triple in triples] == expected
    assert {-1, 1} <= set(expected)


def test_negative_control_plain_doubles_get_the_side_wrong() -> None:
    triples = near_line_triples(2000)
    wrong = [float_sign(*triple) != exact_sign(*triple) for triple in triples]
    assert sum(wrong) > 100


def disagreements(index: LocateIndex, cells: list[Polygon], points: NDArray[np.float64]) -> int:
    """Return how many points the index and shapely do not agree on."""
    covers = shapely.covers(np.array(cells, dtype=object)[:, None], shapely.points(points))
    expected = np.where(covers.any(axis=0), covers.argmax(axis=0), OUTSIDE)
    return sum(index.find(*point).cell != cell for point, cell in zip(points.tolist(), expected, strict=True))


def test_negative_control_an_index_on_plain_doubles_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = pie(11)
    rim = shapely.get_coordinates(cells)[1::4]
    middles = (np.array([120.0, 30.0]) + rim) / 2
    points = np.concatenate(
        [middles + shift * np.spacing(middles) for shift in ((0, 0), (0, 1), (1, 0), (-1, 0))]
    )
    index = LocateIndex.build(cells)
    assert disagreements(index, cells, points) == 0
    monkeypatch.setattr(index_module, "resolve", kernels.resolve.py_func)
    assert disagreements(index, cells, points) == 0
    monkeypatch.setattr(kernels, "orientation", float_sign)
    assert disagreements(index, cells, points) > 0


def test_kernels_compile_where_nothing_may_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(*, cache: bool = False, nogil: bool) -> object:
        if cache:
            raise RuntimeError
        return lambda function: function

    monkeypatch.setattr(numba, "njit", njit)
    assert kernels.compiled(float_sign) is float_sign


def test_nearest_is_the_geodesic_distance_to_the_nearest_cell() -> None:
    index = LocateIndex.build([WEST, EAST])
    geod = Geod(ellps="WGS84")
    assert index.nearest(122.25, 30.5) == (1, pytest.approx(geod.inv(122.25, 30.5, 122.0, 30.5)[2], rel=1e-4))
    assert index.nearest(119.0, 29.0) == (0, pytest.approx(geod.inv(119.0, 29.0, 120.0, 30.0)[2], rel=1e-12))
    assert index.nearest(121.5, 30.5) == (1, pytest.approx(0.0, abs=1e-6))


def test_nearest_breaks_ties_by_the_lowest_position() -> None:
    assert LocateIndex.build([EAST, WEST]).nearest(121.0, 32.0)[0] == 0
    assert LocateIndex.build([WEST, EAST]).nearest(121.0, 32.0)[0] == 0


def test_nearest_measures_on_the_ground_not_in_degrees() -> None:
    east_of_it, north_of_it = box(10.0, 59.0, 10.1, 61.0), box(8.0, 61.4, 9.0, 61.5)
    assert LocateIndex.build([north_of_it, east_of_it]).nearest(9.0, 60.0)[0] == 1


def test_nearest_many_equals_a_search_along_the_dense_outline() -> None:
    cells = pie(9)
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(117.0, 123.0, 60), rng.uniform(28.0, 32.0, 60)
    index = LocateIndex.build(cells)
    outside = index.find_many(lon, lat)[0] == OUTSIDE
    lon, lat = lon[outside], lat[outside]
    outline = shapely.get_coordinates(shapely.segmentize(shapely.union_all(cells).boundary, 1e-3))
    x, y = (np.tile(column, (lon.size, 1)) for column in outline.T)
    there = Geod(ellps="WGS84").inv(
        x, y, np.repeat(lon[:, None], len(outline), 1), np.repeat(lat[:, None], len(outline), 1)
    )
    np.testing.assert_allclose(index.nearest_many(lon, lat)[1], there[2].min(axis=1), rtol=2e-3)


def test_nearest_of_no_place_is_nothing() -> None:
    cell, distance_m = LocateIndex.build([WEST]).nearest_many(
        [math.nan, math.inf, 1e308, 119.0, 119.0], [30, 30, 30, 95, 30]
    )
    assert cell.tolist() == [OUTSIDE] * 4 + [0]
    assert np.isnan(distance_m).tolist() == [True] * 4 + [False]
