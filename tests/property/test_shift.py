"""Tiles that are laid by their corners lie, pixel for pixel, where they belong on the ground."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geometry.crs import from_storage_xy, reference, to_storage_xy
from geo.geometry.shift import LINES, shift_lattice

TILE_PX, WIDE_PX, HIGH_PX = 256, 1920, 1080
MOST_PX = {"gcj02": 0.5, "bd09": 3.0}
"""How far a pixel may lie from its place. The worst found were 0.3 px at zoom 12 and 0.02 px at zoom 18 for
GCJ-02; 2.8 px and 0.3 px for BD-09, of which a wave is as long as two tiles at zoom 12."""

inside_china = st.tuples(st.floats(74, 134), st.floats(4, 53.5))
zooms = st.integers(12, 18)
shares = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5)


def to_pixels(lon, lat, zoom):
    """Web Mercator, as tiles are numbered."""
    whole = TILE_PX * 2**zoom
    y = np.arcsinh(np.tan(np.radians(lat))) / np.pi
    return np.stack([(np.asarray(lon) / 360 + 0.5) * whole, (0.5 - y / 2) * whole], axis=-1)


def to_degrees(pixels, zoom):
    whole = TILE_PX * 2**zoom
    lon = (pixels[..., 0] / whole - 0.5) * 360
    return lon, np.degrees(np.arctan(np.sinh((1 - 2 * pixels[..., 1] / whole) * np.pi)))


def interpolated(lattice, lon, lat):
    """What the page reads between the points of a lattice."""
    west, south, east, north = lattice.bounds
    x, y = (lon - west) / (east - west) * (LINES - 1), (lat - south) / (north - south) * (LINES - 1)
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    right, up = (x - column)[..., None], (y - row)[..., None]
    below, above = (
        lattice.offsets[n, column] * (1 - right) + lattice.offsets[n, column + 1] * right
        for n in (row, row + 1)
    )
    return np.moveaxis(below * (1 - up) + above * up, -1, 0)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@given(middle=inside_china, zoom=zooms, place=st.tuples(st.floats(-1, 1), st.floats(-1, 1)), shares=shares)
def test_a_tile_laid_by_its_corners_is_right_to_a_few_pixels(datum, middle, zoom, place, shares):
    """`place` of the screen has a tile; `shares` of its sides lead to pixels of it."""
    sight = to_pixels(*middle, zoom) + np.array([[-1, 1], [1, -1]]) * [
        WIDE_PX,
        HIGH_PX,
    ]  # half a screen ahead
    lons, lats = to_degrees(sight, zoom)
    lattice = shift_lattice((lons[0], lats[0], lons[1], lats[1]), reference(datum), reference("wgs84"))
    there = from_storage_xy(*middle, reference(datum))
    aside = np.array(place) * [WIDE_PX, HIGH_PX] / 2
    tile = np.floor((to_pixels(*there, zoom) + aside) / TILE_PX)

    corners = (tile + np.array([[0, 0], [1, 0], [0, 1]])) * TILE_PX
    lon, lat = to_degrees(corners, zoom)
    east, north = interpolated(lattice, lon, lat)
    laid = to_pixels(lon + east, lat + north, zoom)
    along = np.array(shares)
    shown = laid[0] + along[:, :1] * (laid[1] - laid[0]) + along[:, 1:] * (laid[2] - laid[0])

    exact = to_pixels(*to_storage_xy(*to_degrees((tile + along) * TILE_PX, zoom), reference(datum)), zoom)
    assert np.hypot(*(shown - exact).T).max() < MOST_PX[datum]
    unmoved = np.hypot(*((tile + along) * TILE_PX - exact).T).max()
    assert unmoved > 2 * MOST_PX[datum], "without being moved it would lie beside its place"
