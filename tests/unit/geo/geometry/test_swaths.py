import numpy as np
import pytest
import shapely

from geo.geometry import swaths
from geo.geometry.swaths import covered_areas_m2, step_m


def test_strips_that_overlap_count_once_and_end_at_the_cell():
    cells = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100), shapely.box(300, 0, 400, 100)]
    lines = shapely.linestrings([[[-50, 50], [250, 50]], [[-50, 52], [250, 52]]])
    assert covered_areas_m2(cells, lines, swath_m=10) == pytest.approx([1200, 1200, 0])


def test_a_line_outside_covers_what_lies_within_its_strip():
    areas = covered_areas_m2(
        [shapely.box(0, 0, 100, 100)], [shapely.LineString([(-50, -4), (150, -4)])], swath_m=10
    )
    assert areas == pytest.approx([100])


def test_without_lines_nothing_is_covered():
    assert covered_areas_m2([shapely.box(0, 0, 1, 1)], [], swath_m=10).tolist() == [0]


def test_a_hole_takes_away_and_an_island_adds():
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(20, 20, 80, 80))
    island = shapely.box(200, 40, 300, 60)
    line = shapely.LineString([(-50, 50), (350, 50)])
    areas = covered_areas_m2([shapely.union(ring, island), ring], [line], swath_m=20)
    assert areas == pytest.approx([2 * 20 * 20 + 100 * 20, 2 * 20 * 20])


def test_a_strip_has_round_ends_and_somebody_who_stood_still_a_round_one():
    around = [shapely.box(-100, -100, 100, 100)]
    stood = covered_areas_m2(around, [shapely.LineString([(0, 0), (0, 0)])], swath_m=80)
    went = covered_areas_m2(around, [shapely.LineString([(-30, -40), (30, 40)])], swath_m=80)
    assert stood[0] == pytest.approx(np.pi * 40**2, rel=0.01)
    assert went[0] == pytest.approx(np.pi * 40**2 + 100 * 80, rel=0.01)


def test_rows_are_held_band_by_band(monkeypatch):
    rng = np.random.default_rng(3)
    cells = [shapely.box(x, y, x + 90, y + 70) for x in range(0, 900, 90) for y in range(0, 700, 70)]
    lines = [shapely.LineString(rng.uniform(-50, 950, (5, 2))) for _ in range(10)]
    at_once = covered_areas_m2(cells, lines, swath_m=20)
    monkeypatch.setattr(swaths, "BAND_WORDS", 40)
    assert covered_areas_m2(cells, lines, swath_m=20).tolist() == at_once.tolist()


@pytest.mark.parametrize(("swath_m", "step"), [(1, 0.25), (20, 1.0), (31.9, 1.0), (32, 2.0), (1000, 2.0)])
def test_the_lattice_is_as_fine_as_the_strip_asks_within_bounds(swath_m, step):
    assert step_m(swath_m) == step
