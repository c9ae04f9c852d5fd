import numpy as np
import pytest
import shapely

from geo.geometry import crs
from geo.geometry.partition import BETWEEN, check, repair
from geo.geometry.validity import Reason

LEFT, RIGHT = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
HANGZHOU_M = crs.metric_crs((120.0, 30.1, 120.2, 30.4))
EAST, NORTH = 513_000.0, 3_349_000.0


def board(columns: int, rows: int, size: float = 10) -> np.ndarray:
    corners = [(x * size, y * size) for y in range(rows) for x in range(columns)]
    return np.array([shapely.box(x, y, x + size, y + size) for x, y in corners], dtype=object)


def report_of(cells, parent_of=None, **more):
    return check(
        cells, parent_of=[0] * len(cells) if parent_of is None else parent_of, sliver_tolerance_m=0.5, **more
    )


def repaired(cells, tolerance_m=0.5, **more):
    return repair(cells, parent_of=[0] * len(cells), tolerance_m=tolerance_m, **more)


def test_a_board_is_a_partition():
    assert report_of(board(4, 3)).holds


def test_an_overlap_is_told_with_pair_area_and_place():
    [overlap] = report_of([LEFT, shapely.box(9.9, 0, 20, 10)]).overlaps
    assert (overlap.first, overlap.second) == (0, 1)
    assert overlap.ground.area_m2 == pytest.approx(1)
    assert overlap.ground.width_m == pytest.approx(0.1, rel=0.02)
    assert overlap.ground.sliver
    assert shapely.box(9.9, 0, 10, 10).covers(shapely.Point(overlap.ground.point))


@pytest.mark.parametrize("inner", [shapely.box(2, 2, 4, 4), LEFT])
def test_a_cell_inside_another_overlaps_it(inner):
    [overlap] = report_of([LEFT, inner]).overlaps
    assert overlap.ground.area_m2 == inner.area
    assert not overlap.ground.sliver


def test_cells_that_overlap_across_parents_are_told_too():
    assert len(report_of([LEFT, shapely.box(9, 0, 20, 10)], parent_of=[3, 4]).overlaps) == 1


def test_a_missing_vertex_is_an_unmatched_edge_and_nothing_else():
    stacked = [LEFT, shapely.box(10, 0, 20, 5), shapely.box(10, 5, 20, 10)]
    report = report_of(stacked)
    assert [edge.cell for edge in report.unmatched_edges] == [0, 1, 2]
    assert report.unmatched_edges[0].length_m == 10
    assert report.unmatched_edges[0].point[0] == 10
    assert not report.gaps
    assert not report.overlaps
    assert not report.holds


def test_a_hole_in_the_middle_is_a_gap_of_its_parent():
    cells = np.delete(board(3, 3), 4)
    [gap] = report_of(cells, parent_of=[7] * 8).gaps
    assert (gap.parent, gap.ground.area_m2, gap.ground.sliver) == (7, 100, False)
    assert gap.ground.polygon.contains(shapely.Point(gap.ground.point))


def test_a_hole_between_parents_belongs_to_neither():
    [gap] = report_of(np.delete(board(3, 3), 4), parent_of=[0, 0, 0, 0, 1, 1, 1, 1]).gaps
    assert gap.parent == BETWEEN


def test_a_declared_hole_is_no_gap():
    assert report_of(np.delete(board(3, 3), 4), declared_holes=[shapely.box(10, 10, 20, 20)]).holds


def test_half_a_declared_hole_leaves_the_other_half():
    [gap] = report_of(np.delete(board(3, 3), 4), declared_holes=[shapely.box(10, 10, 20, 15)]).gaps
    assert gap.ground.area_m2 == 50


def test_an_enclave_of_another_parent_is_no_gap():
    assert report_of(board(3, 3), parent_of=[0, 0, 0, 0, 1, 0, 0, 0, 0]).holds


def test_an_outline_tells_what_is_missing_and_what_is_too_much():
    outline = shapely.box(1, 0, 25, 10)
    report = report_of([LEFT, RIGHT], parent_of=[5, 5], outlines={5: outline})
    assert [(gap.parent, gap.ground.area_m2) for gap in report.gaps] == [(5, 50)]
    assert [(over.parent, over.ground.area_m2) for over in report.overhangs] == [(5, 10)]
    assert not report.holds


def test_a_hole_is_told_once_when_there_is_an_outline():
    report = report_of(np.delete(board(3, 3), 4), outlines={0: shapely.box(0, 0, 30, 30)})
    assert [gap.ground.area_m2 for gap in report.gaps] == [100]


def test_ground_of_one_outline_covered_by_another_parent_is_missing_there_and_too_much_here():
    outlines = {0: shapely.box(0, 0, 11, 10), 1: shapely.box(11, 0, 20, 10)}
    report = report_of([LEFT, RIGHT], parent_of=[0, 1], outlines=outlines)
    assert [(gap.parent, gap.ground.area_m2) for gap in report.gaps] == [(0, 10)]
    assert [(over.parent, over.ground.area_m2) for over in report.overhangs] == [(1, 10)]


def test_an_outline_without_children_is_all_gap():
    report = report_of([LEFT], parent_of=[0], outlines={9: shapely.box(50, 0, 60, 10)})
    assert [(gap.parent, gap.ground.area_m2) for gap in report.gaps] == [(9, 100)]


def test_pieces_are_told_largest_first_and_break_nothing():
    apart = shapely.MultiPolygon([shapely.box(50, 0, 51, 1), LEFT])
    report = report_of([apart, RIGHT])
    [pieces] = report.pieces
    assert (pieces.cell, pieces.areas_m2) == (0, (100, 1))
    assert shapely.box(50, 0, 51, 1).contains(shapely.Point(pieces.point))
    assert report.holds


def test_an_invalid_cell_is_told_and_the_rest_is_checked():
    bow_tie = shapely.Polygon([(30, 0), (40, 10), (40, 0), (30, 10)])
    report = report_of([LEFT, bow_tie, shapely.box(9, 0, 20, 10)])
    assert {cell: finding.reason for cell, finding in report.invalid.items()} == {1: Reason.SELF_INTERSECTION}
    assert [(overlap.first, overlap.second) for overlap in report.overlaps] == [(0, 2)]


def test_no_cells_break_nothing():
    assert report_of([]).holds
    assert repaired([]).holds


def test_a_partition_needs_no_repair():
    cells = board(4, 3)
    mended = repaired(cells)
    assert all(mended_cell is cell for mended_cell, cell in zip(mended.cells, cells, strict=True))
    assert not mended.moved_m.any()
    assert not mended.kept.any()


@pytest.mark.parametrize(
    "dirty",
    [
        [LEFT, shapely.box(9.9, 0, 20, 10)],
        [LEFT, shapely.box(10, 0, 20, 5), shapely.box(10, 5, 20, 10)],
        [*board(3, 3)[:4], shapely.box(10.2, 10.1, 20, 20), *board(3, 3)[5:]],
        [LEFT, shapely.Polygon([(10, 0), (20, 0), (20, 10), (15, 10), (15, 10.2), (15, 10), (10, 10)])],
    ],
    ids=["overlap", "missing vertex", "gap", "spike"],
)
def test_small_dirt_is_repaired(dirty):
    mended = repaired(dirty)
    assert mended.holds
    assert report_of(mended.cells).holds
    assert mended.moved_m.max() <= 0.5
    assert not mended.refused.any()


def test_a_gap_wider_than_the_tolerance_stays():
    cells = [*board(3, 3)[:4], shapely.box(12, 10, 20, 20), *board(3, 3)[5:]]
    mended = repaired(cells)
    assert mended.holds
    assert [gap.ground.area_m2 for gap in report_of(mended.cells).gaps] == [20]


def test_a_large_overlap_is_refused_and_the_small_one_elsewhere_is_repaired():
    far = shapely.transform([LEFT, shapely.box(9.9, 0, 20, 10)], lambda xy: np.add(xy, (1000, 0)))
    mended = repair([LEFT, shapely.box(7, 0, 20, 10), *far], parent_of=[0, 0, 1, 1], tolerance_m=0.5)
    assert mended.refused.tolist().count(True) == 1
    assert mended.kept.tolist() == [True, True, False, False]
    assert shapely.equals_identical(mended.cells[:2], [LEFT, shapely.box(7, 0, 20, 10)]).all()
    assert mended.broken_parents == (0,)
    assert not mended.holds


def test_a_cell_that_would_vanish_is_refused():
    mended = repaired([LEFT, LEFT])
    assert mended.refused.any()
    assert np.isinf(mended.moved_m).any()
    assert shapely.equals_identical(mended.cells, [LEFT, LEFT]).all()


def test_an_invalid_cell_beyond_the_tolerance_is_refused():
    bow_tie = shapely.Polygon([(30, 0), (40, 10), (40, 0), (30, 10)])
    mended = repaired([LEFT, RIGHT, bow_tie])
    assert mended.refused.tolist() == [False, False, True]
    assert mended.cells[2] is bow_tie


def test_no_tolerance_moves_nothing_and_adds_missing_vertices():
    mended = repaired([LEFT, shapely.box(10, 0, 20, 5), shapely.box(10, 5, 20, 10)], tolerance_m=0)
    assert mended.holds
    assert not mended.moved_m.any()


def nearly_touching() -> np.ndarray:
    """Return two cells along a straight border of 3 km, and a third in the southern one, 4 mm from it.

    A line that is straight in degrees lies some centimetres further south in metres, where it cuts the third.
    """
    west, east = (EAST, NORTH), (EAST + 3000, NORTH)
    north = shapely.Polygon([west, east, (EAST + 3000, NORTH + 500), (EAST, NORTH + 500)])
    tip = shapely.Polygon(
        [(EAST + 1500, NORTH - 0.004), (EAST + 1400, NORTH - 100), (EAST + 1600, NORTH - 100)]
    )
    south = shapely.Polygon([west, east, (EAST + 3000, NORTH - 500), (EAST, NORTH - 500)])
    return np.array([north, shapely.difference(south, tip), tip], dtype=object)


def holds_in_storage(cells) -> bool:
    """Return whether the cells match in degrees: edges alone miss a hole that crosses its shell."""
    stored = crs.to_lonlat(cells, HANGZHOU_M)
    return shapely.is_valid(stored).all() and shapely.coverage_is_valid(stored)


def test_cells_that_match_in_metres_may_not_match_in_storage():
    mended = repaired(nearly_touching())
    assert mended.holds
    assert not holds_in_storage(mended.cells)


def test_with_its_crs_a_repair_also_holds_in_storage():
    mended = repaired(nearly_touching(), crs=HANGZHOU_M)
    assert mended.holds
    assert holds_in_storage(mended.cells)
    assert mended.moved_m.max() < 0.01


def test_a_thousand_cells_are_checked_and_repaired_in_a_moment():
    cells = shapely.transform(board(32, 32, size=100), lambda xy: np.add(xy, (EAST, NORTH)))
    dirty = np.where(np.arange(len(cells)) % 50 == 0, shapely.buffer(cells, 0.1, join_style="mitre"), cells)
    assert len(report_of(dirty).overlaps) > 20
    assert repaired(dirty, crs=HANGZHOU_M).holds
