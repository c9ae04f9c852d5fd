import numpy as np
import pytest
import shapely
from pyproj import CRS

from geo.geometry import datum

TO_AND_BACK = [
    (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
    (datum.gcj02_to_bd09, datum.bd09_to_gcj02),
    (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
]
SHENZHEN_M = CRS.from_epsg(4547)


def staircase(west: float, south: float) -> shapely.Polygon:
    """Return a town of some 11 km with an indented border, so that a shift of 500 m shows."""
    corners = [(0, 0), (0.1, 0), (0.1, 0.05), (0.05, 0.05), (0.05, 0.1), (0, 0.1)]
    return shapely.Polygon([(west + x, south + y) for x, y in corners])


@pytest.mark.parametrize(
    ("convert", "given", "expected"),
    [
        (datum.wgs84_to_gcj02, (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        (datum.wgs84_to_gcj02, (-104.9903, 39.7392), (-104.9903, 39.7392)),
        (datum.gcj02_to_bd09, (116.404, 39.915), (116.41036949371029, 39.92133699351021)),
    ],
)
def test_published_pairs_are_met(convert, given, expected):
    assert np.allclose(convert(*given), expected, rtol=0, atol=1e-12)


def test_inverse_of_bd09_differs_from_the_published_closed_form_by_centimetres_only():
    assert np.allclose(
        datum.bd09_to_gcj02(116.404, 39.915), (116.39762729119315, 39.90865673957631), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize(("there", "back"), TO_AND_BACK)
def test_arrays_keep_their_shape(there, back):
    lon, lat = np.full((2, 3), 113.9), np.full((2, 3), 22.5)
    x, y = back(*there(lon, lat))
    assert x.shape == y.shape == (2, 3)


def test_shift_of_shenzhen_is_about_600_metres():
    lon, lat = datum.wgs84_to_gcj02(114.05, 22.54)
    east_m, north_m = (lon - 114.05) * 102_800, (lat - 22.54) * 110_750
    assert 400 < np.hypot(east_m, north_m) < 700


def test_gcj02_is_the_identity_outside_china_and_bd09_is_not():
    paris = (2.35, 48.86)
    assert datum.wgs84_to_gcj02(*paris) == paris
    assert datum.gcj02_to_wgs84(*paris) == paris
    assert datum.gcj02_to_bd09(*paris) != paris


@pytest.mark.parametrize(("name", "shift"), datum.FROM_WGS84.items())
def test_a_shifted_layer_is_recognised(name, shift):
    town = staircase(114.0, 22.5)
    layer = [shapely.transform(town, shift, interleaved=False)]
    fit = datum.shift_fit(layer, town, SHENZHEN_M)
    assert (fit.datum, fit.shifted) == (name, "layer")
    assert fit.iou_shifted > 0.999 > fit.iou_as_labelled
    assert fit.suspicious


def test_a_shifted_outline_is_recognised():
    town = staircase(114.0, 22.5)
    outline = shapely.transform(town, datum.wgs84_to_gcj02, interleaved=False)
    fit = datum.shift_fit([town], outline, SHENZHEN_M)
    assert (fit.datum, fit.shifted, fit.suspicious) == ("gcj02", "outline", True)


def test_an_honest_layer_is_not_suspicious():
    town = staircase(114.0, 22.5)
    ragged = shapely.buffer(town, 0.0005)
    assert not datum.shift_fit([ragged], town, SHENZHEN_M).suspicious


def test_a_layer_elsewhere_is_not_suspicious():
    fit = datum.shift_fit([staircase(113.0, 22.5)], staircase(114.0, 22.5), SHENZHEN_M)
    assert fit.iou_as_labelled == 0
    assert not fit.suspicious


def test_a_layer_without_ground_fits_nothing():
    fit = datum.shift_fit([shapely.Polygon()], shapely.Polygon(), SHENZHEN_M)
    assert fit.iou_as_labelled == fit.iou_shifted == 0
