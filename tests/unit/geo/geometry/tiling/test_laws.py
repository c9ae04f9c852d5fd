"""The laws refuse what a faulty operation would do: each guard is shown at work."""

from dataclasses import replace

import pytest
import shapely
from shapely import LineString, box

from geo.errors import BrokenBorders, FallsApart, Sliver
from geo.geometry.tiling import Cell, laws, split
from geo.geometry.tiling.laws import redivided
from tests.unit.geo.geometry.tiling.boards import matches, row

ACROSS = LineString([(50, 40), (250, 60)])


def with_ground(key: str, ground: shapely.Geometry) -> dict[str, Cell]:
    return {key: replace(row()[key], geometry=ground)}


def test_a_split_that_forgets_the_neighbours_is_refused(monkeypatch):
    monkeypatch.setattr(laws, "insert_vertices", lambda shapes, *_, **__: shapes)
    with pytest.raises(BrokenBorders) as caught:
        split(row(), "b", ACROSS, prefix="s")
    assert caught.value.fields == {"grids": ["s.1", "s.2"]}
    assert caught.value.geometry


def test_and_without_that_guard_it_would_tear_the_division(monkeypatch):
    monkeypatch.setattr(laws, "insert_vertices", lambda shapes, *_, **__: shapes)
    monkeypatch.setattr(laws, "_check_edges", lambda *_: None)
    tiling = row()
    assert not matches(tiling.after(split(tiling, "b", ACROSS, prefix="s")))


@pytest.mark.parametrize(
    ("ground", "error"),
    [
        (box(100, 0, 199, 100), BrokenBorders),
        (box(100, 0, 201, 100), BrokenBorders),
        (box(110, 0, 210, 100), BrokenBorders),
        (shapely.Polygon([(100, 0), (200, 100), (200, 0), (100, 100)]), BrokenBorders),
        (shapely.Polygon(), BrokenBorders),
        (shapely.MultiPolygon([box(100, 0, 150, 100), box(160, 0, 210, 100)]), FallsApart),
        (box(100, 0, 100.4, 25000), Sliver),
    ],
)
def test_ground_is_neither_lost_nor_gained_nor_torn(ground, error):
    with pytest.raises(error) as caught:
        redivided(row(), ["b"], with_ground("b", ground))
    assert caught.value.geometry


def test_the_same_ground_is_lawful():
    assert redivided(row(), ["b"], with_ground("b", row()["b"].geometry)).redivided == {"b"}
