import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, box

from geo.geometry.tiling.vertices import attach, fresh_vertices, insert_vertices

RING = shapely.MultiPolygon([box(0, 0, 10, 10) - box(4, 4, 6, 6), box(20, 0, 30, 10)])


@given(st.lists(st.tuples(st.sampled_from([0.0, 4.0, 6.0, 10.0, 20.0, 25.0]), st.floats(0, 10)), max_size=8))
def test_points_on_edges_become_vertices_and_nothing_else_happens(points):
    xy = np.array(points, dtype=float).reshape(-1, 2)
    [grown] = insert_vertices(np.array([RING], dtype=object), xy, within=1e-9)
    on_it = shapely.dwithin(RING.boundary, shapely.points(xy), 1e-9) if len(xy) else []
    vertices = shapely.MultiPoint(shapely.get_coordinates(grown))
    assert shapely.dwithin(vertices, shapely.points(xy[np.array(on_it, dtype=bool)]), 1e-9).all()
    assert shapely.equals_exact(shapely.remove_repeated_points(grown).envelope, RING.envelope, 0)
    assert grown.area == pytest.approx(RING.area)
    rest = iter(shapely.get_coordinates(grown).tolist())
    assert all(vertex in rest for vertex in shapely.get_coordinates(RING).tolist())


def test_several_points_on_one_edge_stand_in_its_order():
    [line] = insert_vertices(
        np.array([LineString([(0, 0), (9, 0)])]), np.array([[7.0, 0], [1, 0], [3, 0]]), within=0.1
    )
    assert line.wkt == "LINESTRING (0 0, 1 0, 3 0, 7 0, 9 0)"


def test_what_gains_nothing_is_the_same_object():
    shapes = np.array([box(0, 0, 1, 1), box(5, 5, 6, 6)])
    grown = insert_vertices(shapes, np.array([[0.5, 0.0]]), within=1e-9)
    assert grown[1] is shapes[1]
    assert grown[0] is not shapes[0]
    assert insert_vertices(shapes, np.array([[0.0, 0.0]]), within=1e-9)[0] is shapes[0]


def test_an_edge_of_no_length_gains_nothing():
    stuttering = shapely.Polygon([(0, 0), (2, 0), (2, 0), (2, 2), (0, 2)])
    [grown] = insert_vertices(np.array([stuttering]), np.array([[2.0, 0.0], [1.0, 0.0]]), within=1e-9)
    assert shapely.get_num_coordinates(grown) == shapely.get_num_coordinates(stuttering) + 1


def test_a_line_is_moved_onto_vertices_and_edges_but_the_polygon_never():
    square = box(0, 0, 10, 10)
    lines, squares = attach(
        np.array([LineString([(0.0004, -0.0005), (5, 0.0009), (5, 9.9995)])]),
        np.array([square]),
        within=1e-3,
        noise=1e-6,
    )
    assert lines[0].wkt == "LINESTRING (0 0, 5 0, 5 10)"
    assert shapely.equals(squares[0], square)
    assert shapely.get_num_coordinates(squares[0]) == 7


def test_a_line_shorter_than_the_tolerance_is_gone():
    lines, _ = attach(
        np.array([LineString([(0, 0.0001), (0.0001, 0)])]),
        np.array([box(0, 0, 1, 1)]),
        within=1e-3,
        noise=1e-6,
    )
    assert len(lines) == 0


def test_fresh_vertices_are_those_that_were_not_there():
    before, after = np.array([box(0, 0, 1, 1)]), np.array([box(0, 0, 1, 2), box(0, 0, 1, 2)])
    assert fresh_vertices(before, after).tolist() == [[0, 2], [1, 2]]
