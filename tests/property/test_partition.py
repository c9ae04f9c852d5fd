import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geometry import crs
from geo.geometry.partition import check, repair

TOLERANCE_M = 0.5
HANGZHOU_M = crs.metric_crs((120.0, 30.1, 120.2, 30.4))
NEAR_HANGZHOU = np.array([513_000.0, 3_349_000.0])
SIDE = 4
CELLS = SIDE * SIDE
seeds = st.integers(0, 2**32 - 1)
dirt_m = st.sampled_from([0.0, 1e-4, 1e-3, 0.01, 0.1])


def warped_rings(seed: int) -> np.ndarray:
    """Return the corners of a matching board of crooked cells of some 50 m near Hangzhou."""
    corner = np.stack(np.meshgrid(np.arange(SIDE + 1), np.arange(SIDE + 1)), axis=-1) * 50.0
    corner += np.random.default_rng(seed).uniform(-10, 10, corner.shape) + NEAR_HANGZHOU
    around = [corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]]
    return np.stack(around, axis=2).reshape(CELLS, 4, 2)


def dirty_board(board: int, dirt: int, size_m: float) -> np.ndarray:
    """Return a board with some cells moved corner by corner, and needless vertices in some others."""
    rings, chance = warped_rings(board), np.random.default_rng(dirt)
    moved = shapely.polygons(rings + chance.uniform(-size_m, size_m, rings.shape))
    cells = shapely.polygons(rings)
    return np.choose(chance.integers(0, 3, CELLS), [cells, moved, shapely.segmentize(cells, 20)])


@settings(max_examples=25)
@given(board=seeds, dirt=seeds, size_m=dirt_m)
def test_after_a_repair_the_cells_match_in_metres_and_in_storage(board, dirt, size_m):
    mended = repair(
        dirty_board(board, dirt, size_m),
        parent_of=[0] * CELLS,
        tolerance_m=TOLERANCE_M,
        crs=HANGZHOU_M,
    )
    assert mended.holds
    assert not mended.kept.any()
    assert mended.moved_m.max() <= TOLERANCE_M
    for cells in (mended.cells, crs.to_lonlat(mended.cells, HANGZHOU_M)):
        assert shapely.coverage_is_valid(cells)
        assert shapely.is_valid(cells).all()


@settings(max_examples=25)
@given(board=seeds, dirt=seeds, size_m=dirt_m)
def test_repairing_twice_is_repairing_once(board, dirt, size_m):
    once = repair(dirty_board(board, dirt, size_m), parent_of=[0] * CELLS, tolerance_m=TOLERANCE_M).cells
    twice = repair(once, parent_of=[0] * CELLS, tolerance_m=TOLERANCE_M).cells
    assert shapely.equals_identical(once, twice).all()


@settings(max_examples=25)
@given(board=seeds, dirt=seeds, size_m=dirt_m)
def test_a_repaired_division_has_no_breach(board, dirt, size_m):
    mended = repair(dirty_board(board, dirt, size_m), parent_of=[0] * CELLS, tolerance_m=TOLERANCE_M)
    assert check(mended.cells, parent_of=[0] * CELLS, sliver_tolerance_m=TOLERANCE_M).holds


@settings(max_examples=25)
@given(board=seeds, dirt=seeds, size_m=dirt_m)
def test_ground_is_conserved_up_to_what_is_told(board, dirt, size_m):
    dirty = dirty_board(board, dirt, size_m)
    mended = repair(dirty, parent_of=[0] * CELLS, tolerance_m=TOLERANCE_M)
    grown_m2 = shapely.area(mended.cells).sum() - shapely.area(dirty).sum()
    assert np.isclose(grown_m2, mended.area_change_m2.sum(), rtol=0, atol=1e-6)
    strip_m2 = shapely.length(dirty).sum() * mended.moved_m.max()
    assert np.isclose(
        shapely.area(mended.cells).sum(), shapely.union_all(dirty).area, rtol=0, atol=1e-6 + strip_m2
    )


@settings(max_examples=25)
@given(board=seeds, dirt=seeds, order=st.permutations(range(CELLS)))
def test_the_order_of_cells_does_not_matter_to_what_is_found(board, dirt, order):
    dirty, chosen = dirty_board(board, dirt, 0.01), np.array(order)
    plain = check(dirty, parent_of=[0] * CELLS, sliver_tolerance_m=TOLERANCE_M)
    mixed = check(dirty[chosen], parent_of=[0] * CELLS, sliver_tolerance_m=TOLERANCE_M)
    pairs = {(overlap.first, overlap.second) for overlap in plain.overlaps}
    assert {
        tuple(sorted(chosen[[overlap.first, overlap.second]].tolist())) for overlap in mixed.overlaps
    } == pairs
    assert {int(chosen[edge.cell]) for edge in mixed.unmatched_edges} == {
        edge.cell for edge in plain.unmatched_edges
    }
    assert len(mixed.gaps) == len(plain.gaps)
