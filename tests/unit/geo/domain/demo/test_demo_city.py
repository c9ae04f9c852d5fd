"""The demo city is a true division, full of life, and the same for the same seed."""

import itertools
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
import yaml

from geo.domain.demo import DemoSize, history
from geo.domain.demo.adjustment import adjusted_at
from geo.domain.demo.division import Site, divisions
from geo.domain.demo.ground import lay_out
from geo.domain.demo.things import put_up
from geo.domain.demo.walks import ON_THE_WAY_M_S, STAY_S, walked
from geo.domain.grids import Level

NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
INGREDIENTS = yaml.safe_load(
    (Path(__file__).parents[5] / "data" / "demo" / "city.yaml").read_text(encoding="utf-8")
)
RETIRED = ["990106003003006", "990106003004007", "990106003004009"]
"""The units of the default city that were retired when its division was adjusted."""


def made(grids, seed):
    size = DemoSize(grids, seed)
    ground = lay_out(size, INGREDIENTS)
    things = put_up(size, INGREDIENTS, ground)
    return size, ground, things, divisions(INGREDIENTS, ground, things, Site(INGREDIENTS))[1]


def both(grids, seed):
    """Shapes of the units by code, before the adjustment and today."""
    ground = lay_out(DemoSize(grids, seed), INGREDIENTS)
    things = put_up(DemoSize(grids, seed), INGREDIENTS, ground)
    return [
        {
            code: shape
            for code, shape, level in zip(one.codes, one.geometries, one.levels, strict=True)
            if level is Level.UNIT
        }
        for one in divisions(INGREDIENTS, ground, things, Site(INGREDIENTS))
    ]


@pytest.fixture(scope="module")
def city():
    return made(120, 7)


@pytest.mark.parametrize(("grids", "seed"), [(2, 1), (3, 5), (17, 2), (120, 7), (120, 8), (301, 3)])
def test_the_units_tile_every_level(grids, seed):
    _, _, _, division = made(grids, seed)
    level = np.array(division.levels)
    units = division.geometries[level == Level.UNIT]
    assert len(units) == grids
    assert shapely.coverage_is_valid(units)
    assert all(len(shape.geoms) == 1 for shape in units)
    whole = shapely.union_all(units)
    for wider in (Level.COMMUNITY, Level.STREET, Level.DISTRICT):
        shapes = division.geometries[level == wider]
        assert shapely.coverage_is_valid(shapes)
        assert shapely.union_all(shapes).symmetric_difference(whole).area == 0


def test_codes_name_their_parents_and_are_unique(city):
    division = city[3]
    assert len(set(division.codes)) == len(division.codes)
    assert {len(code) for code in division.codes} == {6, 9, 12, 15}
    for code, parent in zip(division.codes, division.parent_codes, strict=True):
        assert (code[:-3] == parent) if parent else len(code) == 6


def test_codes_run_from_west_to_east_in_each_community(city):
    division = city[3]
    x = dict(zip(division.codes, shapely.get_x(shapely.centroid(division.geometries)), strict=True))
    units = sorted(code for code in division.codes if len(code) == 15)
    renumbered = {code[:12] for code in RETIRED}
    pairs = [(a, b) for a, b in itertools.pairwise(units) if a[:12] == b[:12] and a[:12] not in renumbered]
    assert len(pairs) > 80
    assert all(x[a] < x[b] for a, b in pairs)


@pytest.fixture(scope="module")
def default_units():
    return both(120, 7)


@pytest.mark.parametrize(("grids", "seed"), [(24, 3), (32, 1), (60, 8)])
def test_both_divisions_tile_each_community(grids, seed):
    before, today = both(grids, seed)
    assert before.keys() != today.keys()
    for community in {code[:12] for code in today}:
        old, new = (
            [shape for code, shape in one.items() if code.startswith(community)] for one in (before, today)
        )
        assert all(len(shape.geoms) == 1 for shape in old)
        assert shapely.coverage_is_valid(old)
        assert shapely.coverage_is_valid(new)
        assert shapely.union_all(old).equals(shapely.union_all(new))
    assert not shapely.coverage_is_valid([*before.values(), *today.values()])


def test_a_grid_was_split_two_were_merged_and_a_border_was_moved(default_units):
    before, today = default_units
    retired, new = sorted(before.keys() - today.keys()), sorted(today.keys() - before.keys())
    assert retired == RETIRED
    heirs = {code: [one for one in new if before[code].intersection(today[one]).area > 0] for code in retired}
    merged = [codes for codes in heirs.values() if len(codes) == 1]
    (split,) = (codes for codes in heirs.values() if len(codes) == 2)
    assert merged[0] == merged[1]
    assert sorted([*split, *merged[0]]) == new
    moved = [code for code in before.keys() & today.keys() if not before[code].equals(today[code])]
    assert len(moved) == 2
    assert shapely.union_all([before[code] for code in moved]).equals(
        shapely.union_all([today[code] for code in moved])
    )


def test_new_codes_follow_the_highest_of_their_community(default_units):
    before, today = default_units
    for code in today.keys() - before.keys():
        assert code > max(one for one in before if one[:12] == code[:12])


def test_a_city_of_one_community_has_not_changed():
    before, today = both(8, 1)
    assert before.keys() == today.keys()
    assert all(before[code].equals_exact(today[code]) for code in today)


def test_the_division_of_today_began_at_midnight():
    assert adjusted_at(NOW) == datetime(2026, 9, 21, tzinfo=NOW.tzinfo)


def test_households_add_up(city):
    division = city[3]
    by_level = {
        level: sum(n for n, at in zip(division.households, division.levels, strict=True) if at == level)
        for level in Level
    }
    assert len(set(by_level.values())) == 1


def test_the_default_city_has_what_it_promises(city):
    size, ground, things, division = city
    assert division.levels.count(Level.COMMUNITY) == 15
    assert division.levels.count(Level.STREET) == 3
    assert len(things.address_text) == len(set(things.address_text)) == 12_000
    assert len(things.premises_name) == 3_000
    assert size.people == 60
    assert len(history.neglected(size)) == 2
    assert ground.is_green.any()


def test_the_same_seed_gives_the_same_city_and_another_seed_another():
    first, again, other = (made(40, seed)[3] for seed in (4, 4, 5))
    assert shapely.equals_exact(first.geometries, again.geometries).all()
    assert first.households == again.households
    assert not shapely.equals_exact(first.geometries[:40], other.geometries[:40]).any()


def test_neglected_grids_are_hardly_visited(city):
    size, ground, things, _ = city
    visits = history.visits(size, INGREDIENTS, ground, things, NOW)
    visited = np.bincount(visits.unit, minlength=size.grids)
    neglected = history.neglected(size)
    assert visited[neglected].max() < 0.2 * np.median(visited)
    assert visits.at.max() < 0
    assert (np.diff(visits.at) >= 0).all()


def test_nobody_visits_on_a_weekend(city):
    size, ground, things, _ = city
    visits = history.visits(size, INGREDIENTS, ground, things, NOW)
    days = {datetime.fromtimestamp(NOW.timestamp() + at, tz=NOW.tzinfo).weekday() for at in visits.at}
    assert days <= {0, 1, 2, 3, 4}


def test_issues_crowd_at_two_hot_spots(city):
    size, ground, _, _ = city
    issues = history.issues(size, INGREDIENTS, ground)
    by_unit = np.bincount(ground.unit[issues.block], minlength=size.grids)
    assert by_unit.max() > 3 * np.median(by_unit)
    still_open = np.isnan(issues.closed)
    assert 0.01 < still_open.mean() < 0.1
    assert (issues.due[still_open] < 0).any()
    assert (issues.closed[~still_open] > issues.reported[~still_open]).all()


def test_tracks_are_walked_not_flown(city):
    size, ground, _, _ = city
    tracks = history.tracks(size, ground, NOW)
    same = np.diff(tracks.track) == 0
    metres = np.hypot(*np.diff(tracks.xy, axis=0).T)[same]
    seconds = np.diff(tracks.at)[same]
    assert (seconds > 0).all()
    assert (metres / seconds).max() < 3


def test_nobody_is_anywhere_before_they_can_be_there():
    rng = np.random.default_rng(3)
    walk, xy, wished = rng.integers(0, 40, 500), rng.uniform(0, 2_000, (500, 2)), rng.uniform(0, 9_000, 500)
    at = walked(walk, xy, wished)
    for one in range(40):
        own = np.flatnonzero(walk == one)
        own = own[np.argsort(at[own])]
        way = np.hypot(*np.diff(xy[own], axis=0).T)
        assert (np.diff(at[own]) >= STAY_S + way / ON_THE_WAY_M_S - 1e-6).all()
        assert at[own].min() == pytest.approx(wished[own].min())
    alone = np.arange(500)
    assert walked(alone, xy, wished) == pytest.approx(wished)
    assert len(walked(alone[:0], xy[:0], wished[:0])) == 0
