import numpy as np
import shapely

from geo.geometry.adjacency import neighbours, touching_points

BOARD = np.array([shapely.box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)], dtype=object)


def test_a_board_has_its_rook_neighbours_with_their_shared_length():
    i, j, shared_m = neighbours(BOARD)
    pairs = set(zip(i.tolist(), j.tolist(), strict=True))
    assert pairs == {
        *[(n, n + 1) for n in range(9) if n % 3 < 2],
        *[(n, n + 3) for n in range(6)],
    }
    assert (shared_m == 1).all()


def test_a_board_has_its_corner_neighbours():
    i, j, points = touching_points(BOARD)
    assert len(i) == 8
    assert (i < j).all()
    assert (shapely.get_type_id(points) == shapely.GeometryType.POINT).all()


def test_pairs_come_in_ascending_order_whatever_the_index_does():
    i, j, _ = neighbours(BOARD)
    assert np.array_equal(np.lexsort((j, i)), np.arange(len(i)))


def test_the_border_with_an_enclave_is_all_its_ring():
    enclave = shapely.box(1, 1, 2, 2)
    around = shapely.difference(shapely.box(0, 0, 3, 3), enclave)
    assert neighbours([around, enclave])[2].tolist() == [4]


def test_cells_that_meet_in_two_places_share_both():
    ring = shapely.Polygon([(0, 0), (3, 0), (3, 1), (2, 1), (2, 2), (3, 2), (3, 3), (0, 3)])
    comb = shapely.Polygon([(3, 0), (4, 0), (4, 3), (3, 3)])
    assert neighbours([ring, comb])[2].tolist() == [2]


def test_no_cells_have_no_neighbours():
    i, j, shared_m = neighbours([])
    assert len(i) == len(j) == len(shared_m) == 0
