"""Laws of lineage: shares sum to 1, ground is conserved, the order of the input does not matter."""

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.domain.lineage import overlay

WEST, SOUTH, SIZE = 120.0, 30.0, 0.1
fifty_times = settings(max_examples=50)


@st.composite
def tilings(draw):
    """Rectangles that tile one square, with cuts at places that hardly ever meet those of another tiling."""
    cuts = st.lists(st.integers(1, 99), max_size=4, unique=True).map(sorted)
    rows = [0, *draw(cuts), 100]
    cells = []
    for south, north in pairwise(rows):
        columns = [0, *draw(cuts), 100]
        cells += [(west, south, east, north) for west, east in pairwise(columns)]
    west, south, east, north = (np.array(cells) / 100 * SIZE).T
    return shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north)


@fifty_times
@given(tilings(), tilings())
def test_shares_sum_to_one(before, after):
    pieces = overlay(before, after)
    assert np.allclose(np.bincount(pieces.predecessor, pieces.share, len(before)), 1, atol=1e-12)
    assert (pieces.share > 0).all()


@fifty_times
@given(tilings(), tilings())
def test_ground_is_conserved(before, after):
    there, back = overlay(before, after), overlay(after, before)
    assert np.isclose(there.area_m2.sum(), back.area_m2.sum(), rtol=1e-9)
    assert set(zip(there.predecessor, there.successor, strict=True)) == set(
        zip(back.successor, back.predecessor, strict=True)
    )


@fifty_times
@given(tilings(), tilings(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(before, after, random):
    order = random.sample(range(len(after)), len(after))
    usual, other = overlay(before, after), overlay(before, after[order])
    shares = dict(zip(zip(usual.predecessor, usual.successor, strict=True), usual.share, strict=True))
    for i, j, share in zip(other.predecessor, other.successor, other.share, strict=True):
        assert np.isclose(shares[i, order[j]], share, rtol=1e-9)


@fifty_times
@given(tilings())
def test_what_stays_is_its_own_successor(cells):
    pieces = overlay(cells, cells)
    assert pieces.predecessor.tolist() == pieces.successor.tolist() == list(range(len(cells)))
    assert pieces.share.tolist() == [1] * len(cells)


def test_ground_that_is_given_up_is_missing_from_the_shares():
    before = [shapely.box(120, 30, 120.02, 30.01)]
    pieces = overlay(before, [shapely.box(120, 30, 120.01, 30.01)])
    assert np.isclose(pieces.share.sum(), 0.5, atol=1e-4)


def test_nothing_gives_nothing():
    assert overlay([], [shapely.box(0, 0, 1, 1)]).share.size == 0
