import numpy as np
import pytest
import shapely

from geo.geometry import shape_metrics

SQUARE = shapely.box(0, 0, 10, 10)
DISC = shapely.Point(0, 0).buffer(10, quad_segs=256)
STRIP = shapely.box(0, 0, 1000, 0.2)


def test_size_is_that_of_geometry_and_nothing_counts_nothing():
    polygons = [SQUARE, shapely.Polygon(), None]
    assert shape_metrics.area_m2(polygons).tolist() == [100, 0, 0]
    assert shape_metrics.perimeter_m(polygons).tolist() == [40, 0, 0]


@pytest.mark.parametrize(
    ("measure", "square"), [(shape_metrics.polsby_popper, np.pi / 4), (shape_metrics.reock, 2 / np.pi)]
)
def test_compactness_is_one_for_a_disc_and_known_for_a_square(measure, square):
    disc_value, square_value, strip_value = measure([DISC, SQUARE, STRIP])
    assert disc_value == pytest.approx(1, abs=1e-3)
    assert square_value == pytest.approx(square)
    assert strip_value < 0.01


def test_compactness_of_nothing_is_not_a_number():
    for measure in (shape_metrics.polsby_popper, shape_metrics.reock, shape_metrics.mean_width_m):
        assert np.isnan(measure([shapely.Polygon(), None])).all()


def test_compactness_does_not_depend_on_size_or_place():
    scaled = shapely.transform(SQUARE, lambda xy: xy * 7 + 500_000)
    assert shape_metrics.reock([scaled]) == pytest.approx(shape_metrics.reock([SQUARE]))


def test_mean_width_of_a_strip_is_its_width():
    assert shape_metrics.mean_width_m([STRIP])[0] == pytest.approx(0.2, rel=1e-3)
