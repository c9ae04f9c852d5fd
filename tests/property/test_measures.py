import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.geometry.autocorrelation import contiguity, contiguous_pairs, false_discovery_adjusted, gi_star
from geo.geometry.swaths import covered_areas_m2, step_m

CELLS = np.array(
    [shapely.box(x, y, x + 100, y + 100) for x in range(0, 500, 100) for y in range(0, 400, 100)]
)
WEIGHTS = contiguity(*contiguous_pairs(CELLS, tolerance_m=1), len(CELLS))

counts = st.lists(st.integers(0, 500), min_size=len(CELLS), max_size=len(CELLS))
place = st.tuples(st.floats(-200, 700), st.floats(-200, 600))
lines = st.lists(st.lists(place, min_size=2, max_size=5).map(shapely.LineString), max_size=4)


@given(counts, st.integers(1, 50), st.integers(0, 1000))
def test_gi_star_knows_no_unit_and_no_origin(values, scale, shift):
    moved = np.array(values) * scale + shift
    assert gi_star(moved, WEIGHTS) == pytest.approx(gi_star(values, WEIGHTS), abs=1e-6)


@settings(max_examples=30)
@given(counts, st.randoms(use_true_random=False))
def test_the_order_of_the_grids_does_not_matter(values, random):
    order = list(range(len(CELLS)))
    random.shuffle(order)
    shuffled = contiguity(*contiguous_pairs(CELLS[order], tolerance_m=1), len(CELLS))
    assert gi_star(np.array(values)[order], shuffled) == pytest.approx(
        gi_star(values, WEIGHTS)[order], abs=1e-9
    )


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusted_p_is_never_below_p_and_keeps_its_order(p):
    adjusted = false_discovery_adjusted(p)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= -1e-15).all()


@given(lines, st.floats(1, 80))
def test_covered_areas_of_the_parts_sum_to_that_of_the_whole(ways, swath_m):
    parts = covered_areas_m2(CELLS, ways, swath_m=swath_m)
    whole = covered_areas_m2([shapely.union_all(CELLS)], ways, swath_m=swath_m)
    assert (parts <= shapely.area(CELLS) + 1e-6).all()
    assert parts.sum() == pytest.approx(whole[0], rel=1e-9, abs=1e-3)


@given(lines, place, place)
def test_walking_more_never_covers_less(ways, start, end):
    before = covered_areas_m2(CELLS, ways, swath_m=20)
    after = covered_areas_m2(CELLS, [*ways, shapely.LineString([start, end])], swath_m=20)
    assert (after >= before - 1e-6).all()


def exactly_covered_m2(cells, ways, half_m):
    """The area of the union of the strips in each cell, as polygons: slow and without a lattice."""
    strips = shapely.union_all(shapely.buffer(ways, half_m, quad_segs=64))
    return shapely.area(shapely.intersection(cells, strips))


@settings(max_examples=50)
@given(lines.filter(bool), st.floats(1, 80), st.integers(0, 359), st.floats(0.3, 3))
def test_the_lattice_errs_by_half_the_diagonal_of_its_squares_and_no_more(ways, swath_m, angle, scale):
    turned = shapely.affinity.rotate(shapely.MultiPolygon(list(CELLS)), angle, origin=(0, 0))
    cells = shapely.get_parts(shapely.affinity.scale(turned, scale, scale, origin=(0, 0)))
    reach_m = step_m(swath_m) / 2**0.5
    found = covered_areas_m2(cells, ways, swath_m=swath_m)
    outer = shapely.buffer(cells, reach_m, join_style="mitre")
    inner = shapely.buffer(cells, -reach_m, join_style="mitre")
    at_least = exactly_covered_m2(inner, ways, swath_m / 2 - reach_m)
    at_most = exactly_covered_m2(outer, ways, (swath_m / 2 + reach_m) * 1.001)
    assert (found >= np.minimum(at_least, shapely.area(cells)) - 1e-6).all()
    assert (found <= at_most + 1e-6).all()


def test_the_bound_of_the_lattice_is_no_formality():
    cells, way = CELLS, [shapely.LineString([(0.3, 0.4), (457.2, 311.9)])]
    coarse = covered_areas_m2(cells, way, swath_m=10)
    assert (coarse < exactly_covered_m2(cells, way, 5.0 * 1.1) + 1e-9).all()
    assert not (coarse >= exactly_covered_m2(cells, way, 5.0 * 1.1)).all()
    assert coarse.sum() == pytest.approx(exactly_covered_m2(cells, way, 5.0).sum(), rel=0.005)
