import numpy as np
import pytest
import shapely
from shapely import wkt

from geo.geometry.validity import (
    PLANE,
    Reason,
    as_multipolygon,
    change,
    inspect,
    is_within,
    rebuild,
    repair,
)

SQUARE = shapely.box(0, 0, 10, 10)
BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
SPIKE = shapely.Polygon([(0, 0), (9, 0), (9, 9), (4, 9), (4, 9.1), (4, 9), (0, 9)])


NOT_FINITE = shapely.transform(SQUARE, lambda xy: np.where(xy == [0, 10], np.nan, xy))
INFINITE = shapely.transform(SQUARE, lambda xy: np.where(xy == 10, np.inf, xy))


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (SQUARE, Reason.OK),
        (None, Reason.MISSING),
        (shapely.Polygon(), Reason.EMPTY),
        (shapely.MultiPolygon(), Reason.EMPTY),
        (shapely.Point(0, 0), Reason.WRONG_TYPE),
        (shapely.LinearRing([(0, 0), (1, 0), (1, 1)]), Reason.WRONG_TYPE),
        (shapely.GeometryCollection([SQUARE]), Reason.WRONG_TYPE),
        (NOT_FINITE, Reason.NOT_FINITE),
        (INFINITE, Reason.NOT_FINITE),
        (shapely.box(179, 0, 181, 1), Reason.OUT_OF_RANGE),
        (shapely.box(0, -91, 1, 1), Reason.OUT_OF_RANGE),
        (wkt.loads("POLYGON((0 0, 1 0, 2 0, 0 0))"), Reason.ZERO_AREA),
        (wkt.loads("POLYGON((1 1, 1 1, 1 1, 1 1))"), Reason.ZERO_AREA),
        (
            wkt.loads("POLYGON((130.1 54.9, 130.2 55.9, 130.2 55.90000000000001, 130.1 54.9))"),
            Reason.ZERO_AREA,
        ),
        (BOW_TIE, Reason.SELF_INTERSECTION),
        (wkt.loads("POLYGON((0 0, 4 0, 4 4, 2 0, 0 4, 0 0))"), Reason.RING_SELF_INTERSECTION),
        (wkt.loads("POLYGON((0 0, 4 0, 4 4, 0 4, 0 0), (5 5, 6 5, 6 6, 5 5))"), Reason.HOLE_OUTSIDE),
        (
            wkt.loads("POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 8 1, 8 8, 1 8, 1 1), (2 2, 3 2, 3 3, 2 2))"),
            Reason.NESTED_HOLES,
        ),
        (
            wkt.loads("POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (0 5, 5 9, 9 5, 5 0, 0 5))"),
            Reason.DISCONNECTED_INTERIOR,
        ),
        (
            wkt.loads("MULTIPOLYGON(((0 0, 9 0, 9 9, 0 9, 0 0)), ((1 1, 2 1, 2 2, 1 1)))"),
            Reason.NESTED_PARTS,
        ),
    ],
)
def test_each_fault_has_its_reason(geometry, reason):
    assert inspect([geometry])[0].reason is reason


def test_the_place_of_a_crossing_is_told():
    assert inspect([BOW_TIE])[0].place == (5, 5)


def test_each_geometry_is_judged_by_itself():
    findings = inspect([SQUARE, BOW_TIE, None, shapely.Point(0, 0), SQUARE])
    assert [finding.reason.value for finding in findings] == [
        "ok",
        "self-intersection",
        "missing",
        "wrong-type",
        "ok",
    ]


def test_metres_have_no_range():
    assert inspect([shapely.box(500_000, 3_000_000, 500_100, 3_000_100)], bounds=PLANE)[0].reason is Reason.OK


def test_nothing_gives_nothing():
    assert inspect([]) == []
    assert repair([], tolerance_m=1) == []


def test_what_is_sound_stays_vertex_by_vertex():
    [repaired] = repair([SQUARE], tolerance_m=0.5)
    assert shapely.equals_identical(repaired.geometry, SQUARE)
    assert (repaired.refused, repaired.moved_m, repaired.area_change_m2) == (False, 0, 0)


def test_a_small_spike_is_cut_and_its_length_told():
    [repaired] = repair([SPIKE], tolerance_m=0.5)
    assert shapely.is_valid(repaired.geometry)
    assert repaired.moved_m == pytest.approx(0.1)
    assert repaired.area_change_m2 == pytest.approx(0)


def test_a_spike_longer_than_the_tolerance_stays():
    [repaired] = repair([SPIKE], tolerance_m=0.05)
    assert repaired.refused
    assert repaired.geometry is SPIKE
    assert repaired.moved_m == pytest.approx(0.1)


def test_a_bow_tie_is_a_guess_and_refused():
    [repaired] = repair([BOW_TIE], tolerance_m=0.5)
    assert repaired.refused
    assert repaired.moved_m == 0
    assert repaired.area_change_m2 == pytest.approx(50)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        shapely.Polygon(),
        shapely.Point(0, 0),
        NOT_FINITE,
        INFINITE,
        wkt.loads("POLYGON((0 0, 1 0, 2 0, 0 0))"),
    ],
)
def test_what_has_no_ground_is_refused(geometry):
    [repaired] = repair([geometry], tolerance_m=0.5)
    assert repaired.refused
    assert repaired.geometry is geometry
    assert np.isinf(repaired.moved_m)


def test_rebuilding_drops_heights_and_keeps_sound_polygons():
    high = shapely.force_3d(SQUARE, 7)
    rebuilt = rebuild(np.array([high, BOW_TIE], dtype=object))
    assert not shapely.has_z(rebuilt).any()
    assert shapely.equals_identical(rebuilt[0], SQUARE)
    assert shapely.is_valid(rebuilt).all()


def test_change_measures_the_farthest_vertex_of_either_border():
    before = np.array([SQUARE, SQUARE, SQUARE], dtype=object)
    after = np.array([SQUARE, shapely.box(0, 0, 10, 13), shapely.Polygon()], dtype=object)
    moved_m, area_change_m2 = change(before, after)
    assert moved_m.tolist() == [0, 3, np.inf]
    assert area_change_m2.tolist() == [0, 30, -100]


def test_change_counts_holes():
    holed = shapely.difference(SQUARE, shapely.box(4, 4, 6, 6))
    moved_m, _ = change(np.array([SQUARE]), np.array([holed]))
    assert moved_m[0] == 4


def test_change_of_thirty_thousand_vertices_takes_no_square_of_time():
    angle = np.linspace(0, 2 * np.pi, 30_000)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * 1000
    moved_m, _ = change(np.array([shapely.Polygon(ring)]), np.array([shapely.Polygon(ring * 1.001)]))
    assert moved_m[0] == pytest.approx(1, rel=1e-3)


def test_a_change_is_within_the_tolerance_by_distance_and_by_area():
    before = np.array([SQUARE, SQUARE, SQUARE], dtype=object)
    within = is_within(before, np.array([0.4, 0.6, 0.4]), np.array([20.0, 0.0, 20.1]), tolerance_m=0.5)
    assert within.tolist() == [True, False, False]


def test_everything_comes_out_as_a_multipolygon():
    two = shapely.MultiPolygon([SQUARE, shapely.box(20, 0, 30, 10)])
    mixed = shapely.GeometryCollection([SQUARE, shapely.Point(0, 0)])
    result = as_multipolygon([SQUARE, two, None, shapely.Point(0, 0), mixed, shapely.force_3d(SQUARE, 1)])
    assert {polygon.geom_type for polygon in result} == {"MultiPolygon"}
    assert shapely.area(result).tolist() == [100, 200, 0, 0, 100, 100]
    assert not shapely.has_z(result).any()
