"""Plots of buildings, and blocks between roads."""

import numpy as np
import pytest
import shapely

from geo.errors import BadValue
from geo.geometry import tiling as t
from tests.unit.geo.geometry.tiling.boards import DEGREES, HANGZHOU, row

TERRACE = shapely.box([0, 10, 20, 30], 0, [10, 20, 30, 40], 8)


def test_plots_share_the_ground_between_buildings_and_cut_none():
    mine, others = TERRACE[1:3], TERRACE[[0, 3]]
    ground = t.plots(mine, others, t.Plane())
    assert shapely.covers(ground, shapely.buffer(mine, -0.24)).all()
    assert not shapely.intersects(ground, shapely.buffer(others, -0.24)).any()
    rest = t.plots(others, mine, t.Plane())
    assert shapely.area(shapely.intersection(ground, rest)) < 1
    everything = t.plots(TERRACE, TERRACE[:0], t.Plane())
    assert shapely.area(everything) > 1e5


def test_plots_in_degrees_are_those_in_metres():
    def there(shapes):
        return shapely.transform(shapes, lambda xy: HANGZHOU + xy / [DEGREES.x_m, DEGREES.y_m])

    metres = t.plots(TERRACE[:1], TERRACE[2:], t.Plane())
    degrees = t.plots(there(TERRACE[:1]), there(TERRACE[2:]), DEGREES)
    near = shapely.box(-50, -50, 90, 58)
    apart = shapely.symmetric_difference(
        there(shapely.intersection(metres, near)), shapely.intersection(degrees, there(near))
    )
    assert DEGREES.area_m2([apart])[0] < 50


def test_a_plot_goes_from_grid_to_grid():
    tiling = row()
    houses = shapely.box([60, 80, 60, 80], [20, 20, 60, 60], [70, 90, 70, 90], [30, 30, 70, 70])
    area = t.plots(houses[1:2], houses[[0, 2, 3]], tiling.plane)
    later = tiling.after(t.reassign(tiling, ["a"], "b", area))
    assert shapely.contains(later["b"].geometry, shapely.centroid(houses[1]))
    assert not shapely.intersects(later["b"].geometry, shapely.buffer(houses[[0, 2, 3]], -0.24)).any()


def test_blocks_lie_between_roads():
    tiling = row()
    roads = np.array([shapely.LineString([(0, 40), (300, 40)]), shapely.LineString([(60, 0), (60, 100)])])
    area = t.blocks(tiling, ["a"], roads, np.array([[80.0, 60.0], [90.0, 70.0], [80.0, 20.0]]))
    assert area.equals(shapely.box(60, 0, 100, 100))
    with pytest.raises(BadValue) as refusal:
        t.blocks(tiling, ["a"], roads, np.array([[150.0, 60.0]]))
    assert refusal.value.geometry["type"] == "Point"
