import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from geo.geometry.tiling.shares import Dwellings, apportion

weights = st.lists(st.floats(0, 1e9), min_size=1, max_size=20).filter(lambda of: sum(of) > 1e-9)


@given(st.integers(0, 10**9), weights)
def test_shares_sum_up_exactly_and_stray_by_less_than_one(count, of):
    shares = apportion(count, np.array(of))
    assert shares.sum() == count
    assert (np.abs(shares - count * np.array(of) / sum(of)) < 1 + 1e-6).all()
    assert (shares >= 0).all()


def test_nobody_lives_in_two_places():
    homes = Dwellings([1, 2, 2, 9], [1, 1, 0, 9], [10, 20, 40, 80])
    assert homes.within(np.array([box(0, 0, 2, 2), box(2, 0, 4, 2)])).tolist() == [70, 0]
