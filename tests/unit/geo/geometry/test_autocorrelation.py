import numpy as np
import pytest
import shapely
from esda import G_Local
from esda import Geary as EsdaGeary
from esda import Moran as EsdaMoran
from libpysal.weights import WSP

from geo.geometry.autocorrelation import (
    contiguity,
    contiguous_pairs,
    false_discovery_adjusted,
    gearys_c,
    gi_star,
    islands,
    morans_i,
    row_standardised,
    two_sided,
)


def board(side):
    cells = [
        shapely.box(x, y, x + 100, y + 100)
        for x in range(0, side * 100, 100)
        for y in range(0, side * 100, 100)
    ]
    return np.array(cells, dtype=object)


def weights_of(cells):
    return contiguity(*contiguous_pairs(cells, tolerance_m=1), len(cells))


def test_a_hairline_gap_does_not_part_neighbours():
    cells = [shapely.box(0, 0, 10, 10), shapely.box(10.4, 0, 20, 10), shapely.box(22, 0, 30, 10)]
    i, j = contiguous_pairs(cells, tolerance_m=1)
    assert (i.tolist(), j.tolist()) == ([0], [1])


def test_a_king_has_eight_neighbours_in_the_middle_and_three_in_the_corner():
    counts = weights_of(board(5)).sum(axis=1)
    assert (counts.min(), counts.max(), counts.sum()) == (3, 8, 2 * 72)


def test_gi_star_by_hand():
    """Three in a row, (6, 0, 0): mean 2, s² = 8; the first has W = 2: (6 - 4) / √(8 (3·2 - 4) / 2)."""
    chain = contiguity(np.array([0, 1]), np.array([1, 2]), 3)
    z = gi_star([6, 0, 0], chain)
    assert z[0] == pytest.approx(2 / np.sqrt(8))
    assert z[1] == 0  # all places are its neighbours: nothing to compare
    assert z[2] == pytest.approx(-4 / np.sqrt(8))


def test_gi_star_equals_esda_with_binary_weights():
    weights = weights_of(board(7))
    counts = np.random.default_rng(1).poisson(4, 49).astype(float)
    expected = G_Local(counts, WSP(weights).to_W(), transform="B", star=True, permutations=0).Zs
    assert gi_star(counts, weights) == pytest.approx(expected, abs=1e-12)
    with pytest.warns(UserWarning, match="row-standardized"):
        wrong = G_Local(counts, WSP(weights).to_W(), star=True, permutations=0).Zs
    assert abs(gi_star(counts, weights) - wrong).max() > 0.01, "the default of esda is another statistic"


@pytest.mark.parametrize("values", [[5, 5, 5, 5], [0.1, 0.1, 0.1, 0.1], [0, 0, 0, 0]])
def test_equal_values_have_no_pattern(values):
    chain = contiguity(np.arange(3), np.arange(1, 4), 4)
    assert gi_star(values, chain).tolist() == [0, 0, 0, 0]
    assert morans_i(values, chain) is None
    assert gearys_c(values, chain) is None


def test_nothing_and_one_thing():
    nothing = np.array([], dtype=np.intp)
    assert gi_star([], contiguity(nothing, nothing, 0)).tolist() == []
    lone = contiguity(nothing, nothing, 1)
    assert gi_star([7], lone).tolist() == [0]
    assert islands(lone).tolist() == [True]
    assert morans_i([7], lone) is None
    assert false_discovery_adjusted([]).tolist() == []


def test_moran_and_geary_by_hand():
    """Four in a row, (1, 1, 3, 3): S0 = 6, z'Wz = 2, z'z = 4: I = 4/6 · 2/4, C = 3 · 8 / (12 · 4)."""
    chain = contiguity(np.arange(3), np.arange(1, 4), 4)
    moran = morans_i([1, 1, 3, 3], chain)
    assert moran is not None
    assert moran.i == pytest.approx(1 / 3)
    assert moran.expectation == pytest.approx(-1 / 3)
    assert gearys_c([1, 1, 3, 3], chain) == pytest.approx(0.5)


def test_moran_and_geary_equal_esda():
    weights = row_standardised(weights_of(board(6)))
    values = np.random.default_rng(2).normal(size=36)
    w = WSP(weights).to_W()
    moran, expected = morans_i(values, weights), EsdaMoran(values, w, transformation="O", permutations=0)
    assert moran is not None
    assert (moran.i, moran.variance) == pytest.approx((expected.I, expected.VI_rand))
    assert moran.z == pytest.approx(expected.z_rand)
    assert gearys_c(values, weights) == pytest.approx(
        EsdaGeary(values, w, transformation="O", permutations=0).C
    )


def test_an_island_takes_no_part_in_the_pattern():
    chain = contiguity(np.arange(5), np.arange(1, 6), 6)
    with_island = contiguity(np.arange(5), np.arange(1, 6), 7)
    values = [1, 2, 2, 5, 6, 9]
    assert morans_i([*values, 1000], with_island) == morans_i(values, chain)


def test_two_sided_p_of_the_usual_deviates():
    assert two_sided([1.959963984540054, -2.5758293035489004, 0]) == pytest.approx([0.05, 0.01, 1])


def test_false_discovery_rate_by_hand():
    """Sorted p times n over rank, never falling: .01·4/1, .02·4/2, .03·4/3, .5."""
    assert false_discovery_adjusted([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.04, 0.04, 0.5, 0.04])
