import numpy as np
import shapely

from geo.geometry.dissolve import dissolve


def test_groups_come_ascending_with_their_ground():
    cells = [shapely.box(x, 0, x + 1, 1) for x in range(4)]
    groups, ground = dissolve(cells, ["b", "a", "b", "a"])
    assert groups.tolist() == ["a", "b"]
    assert shapely.area(ground).tolist() == [2, 2]
    assert [polygon.geom_type for polygon in ground] == ["MultiPolygon", "MultiPolygon"]
    assert shapely.get_num_geometries(ground).tolist() == [2, 2]


def test_outlines_of_neighbouring_groups_match_when_their_cells_do():
    cells = [shapely.box(x, y, x + 1, y + 1) for x in range(6) for y in range(6)]
    _, ground = dissolve(cells, [x // 3 for x in range(6) for _ in range(6)])
    assert shapely.coverage_is_valid(ground)
    assert shapely.area(ground).tolist() == [18, 18]


def test_a_group_whose_cells_overlap_is_overlaid():
    _, ground = dissolve([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)], [7, 7])
    assert shapely.area(ground).tolist() == [3]
    assert shapely.is_valid(ground).all()


def test_the_order_of_cells_does_not_matter():
    cells = np.array([shapely.box(x, 0, x + 1, 1) for x in range(9)], dtype=object)
    group = np.arange(9) // 3
    order = np.array([4, 8, 0, 2, 6, 1, 3, 7, 5])
    assert shapely.equals(dissolve(cells, group)[1], dissolve(cells[order], group[order])[1]).all()


def test_no_cells_make_no_groups():
    groups, ground = dissolve([], [])
    assert len(groups) == len(ground) == 0
