import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geometry import datum

LAST_BITS = 2e-13
"""Degrees: some 20 nm, a few times the spacing of doubles at 120."""

MICROMETRE = 1e-11
"""Degrees: what is left on the meridian 105° E, where the formula of GCJ-02 has a kink."""

inside_china = st.tuples(st.floats(72.1, 137.7), st.floats(1.0, 55.7))
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
        (datum.gcj02_to_bd09, datum.bd09_to_gcj02),
        (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
    ],
)
@given(place=inside_china)
def test_there_and_back_is_the_identity(there, back, place):
    near = MICROMETRE if abs(place[0] - 105) < 0.02 else LAST_BITS
    assert np.allclose(back(*there(*place)), place, rtol=0, atol=near)
    assert np.allclose(there(*back(*place)), place, rtol=0, atol=near)


@given(place=inside_china)
def test_gcj02_moves_every_place_in_china_by_less_than_two_kilometres(place):
    lon, lat = datum.wgs84_to_gcj02(*place)
    east_m = (lon - place[0]) * 111_320 * np.cos(np.radians(place[1]))
    north_m = (lat - place[1]) * 110_574
    assert 0 < np.hypot(east_m, north_m) < 2000


@given(place=anywhere)
def test_gcj02_is_the_identity_outside_china(place):
    moved = datum.wgs84_to_gcj02(*place)
    assert bool(datum.in_china(*place)) == (moved != place)


@given(places=st.lists(anywhere, min_size=1, max_size=20))
def test_a_set_is_converted_as_its_members_are(places):
    lon, lat = np.array(places).T
    together = np.column_stack(datum.bd09_to_wgs84(lon, lat))
    alone = np.array([datum.bd09_to_wgs84(*place) for place in places])
    assert np.array_equal(together, alone)
