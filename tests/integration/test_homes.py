"""Grids that go on keep the home of what is in them; only what changes its grid is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geo.db.homes import RESIDENTS, strays
from geo.db.tables import metadata
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.measures import Period
from geo.services.backlog import backlog
from geo.services.coverage import subject_coverage
from geo.services.generations import publish, take_effect
from geo.services.homes import rehome
from geo.services.hotspots import hotspots

pytestmark = pytest.mark.database

JANUARY, JUNE, JULY = (datetime(2025, month, 1, tzinfo=UTC) for month in (1, 6, 7))
EVER = Period(JANUARY, datetime(2026, 1, 1, tzinfo=UTC))
PLACE = "ST_SetSRID(ST_MakePoint(120 + i * 0.0001, 30.02), 4326) FROM generate_series(-1, 1201) AS i"
THINGS = (
    f"INSERT INTO entity (kind, name, geom) SELECT 'premises', i::text, {PLACE}",
    f"INSERT INTO issue (number, category, reported_at, geom) SELECT i::text, 'x', '2025-03-01', {PLACE}",
    "INSERT INTO visit (kind, visited_at, entity_id) SELECT 'x', '2025-03-01', id FROM entity WHERE id < 400",
)

MISPLACED = """
    SELECT 1 FROM entity WHERE grid_id IS DISTINCT FROM (
        SELECT home_id FROM grid JOIN generation ON generation.id = generation_id AND valid_to IS NULL
        WHERE is_leaf AND ST_Covers(grid.geom, ST_ForceCollection(entity.geom))
        ORDER BY code COLLATE "C" LIMIT 1)
"""


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def published(database, division, valid_from, name="x"):
    with database.write() as uow:
        return publish(OPERATOR, uow, division, name=name, valid_from=valid_from)


@pytest.fixture
def city(database, strip_division):
    """Six strips with things along their middle."""
    published(database, strip_division(6), JANUARY)
    with database.write() as uow:
        for statement in THINGS:
            uow.connection.execute(text(statement))
        rehome(uow, datetime.now(UTC))
    return database


def query(database, statement, **values):
    with database.read() as uow:
        return uow.connection.execute(text(statement), values).all()


def in_grids(database):
    return dict(
        map(
            tuple,
            query(database, "SELECT code, count(*) FROM entity JOIN grid ON grid.id = grid_id GROUP BY 1"),
        )
    )


def written(database):
    """Which rows of entities there are, by the place where they are kept: an update moves them."""
    return {tuple(row) for row in query(database, "SELECT ctid::text, id FROM entity")}


def moved_border(division, share):
    """The same grids, but the border between the first two units lies elsewhere."""
    shapes = division.geometries.copy()
    west, south, _, north = shapes[3].bounds
    east = shapes[4].bounds[2]
    middle = west + share * (east - west)
    shapes[3] = shapely.multipolygons([shapely.box(west, south, middle, north)])
    shapes[4] = shapely.multipolygons([shapely.box(middle, south, east, north)])
    return replace(division, geometries=shapes)


def test_nothing_is_written_for_grids_that_go_on(city, strip_division):
    before = written(city)
    published(city, strip_division(6), JUNE)
    assert written(city) == before


def test_only_what_changes_its_grid_is_written(city, strip_division):
    before, counts = written(city), in_grids(city)
    published(city, moved_border(strip_division(6), 0.25), JUNE)
    after = in_grids(city)
    lost = counts["330106001001001"] - after["330106001001001"]
    assert lost > 50
    assert after["330106001001002"] == counts["330106001001002"] + lost
    assert len(before - written(city)) == lost
    assert {code: after[code] for code in sorted(after)[2:]} == {
        code: counts[code] for code in sorted(counts)[2:]
    }


def test_a_grid_with_another_name_or_parent_is_another_home(city, strip_division):
    division = strip_division(6)
    names = list(division.names)
    names[5] = "新名"
    new = published(city, replace(division, names=tuple(names)), JUNE)
    told = query(
        city,
        "SELECT DISTINCT generation_id, g.name FROM entity JOIN grid g ON g.id = grid_id WHERE code = :code",
        code=division.codes[5],
    )
    assert [tuple(row) for row in told] == [(new.id, "新名")]


def test_homes_agree_with_the_places(city, strip_division):
    published(city, strip_division(4, first=11), JUNE)
    published(city, moved_border(strip_division(4, first=11), 0.7), JULY)
    assert query(city, MISPLACED) == []
    assert query(city, "SELECT 1 FROM entity WHERE grid_id IS NULL")


@pytest.mark.slow
def test_whoever_stands_on_a_border_goes_to_a_new_neighbour_of_lower_code(city, strip_division):
    """A grid that goes on is looked into as well when its neighbour changes."""
    division = strip_division(6, first=7)
    published(city, division, JUNE)
    edge = float(division.geometries[4].bounds[0])
    with city.write() as uow:
        uow.connection.execute(
            text(
                "INSERT INTO entity (kind, name, geom)"
                " VALUES ('facility', 'edge', ST_SetSRID(ST_MakePoint(:edge, 30.02), 4326))"
            ),
            {"edge": edge},
        )
        rehome(uow, datetime.now(UTC))
    home = "SELECT code FROM entity JOIN grid ON grid.id = grid_id WHERE entity.name = 'edge'"
    assert query(city, home) == [("330106001001007",)]
    codes = list(division.codes)
    codes[3], codes[4] = "330106001001900", "330106001001800"
    first = replace(division, codes=tuple(codes))
    published(city, first, JULY)
    assert query(city, home) == [("330106001001800",)]
    codes[3] = "330106001001700"
    published(city, replace(division, codes=tuple(codes)), JULY + timedelta(days=1))
    assert query(city, home) == [("330106001001700",)]


def test_generations_that_came_due_together_are_followed_at_once(city, strip_division):
    now = datetime.now(UTC)
    published(city, strip_division(5, first=11), now + timedelta(hours=1))
    published(city, moved_border(strip_division(5, first=11), 0.2), now + timedelta(hours=2))
    with city.write() as uow:
        assert take_effect(uow) == 0
        rehome(uow, now + timedelta(hours=3))
        assert {one.kind for one in strays(uow.connection)} == {one.table.name for one in RESIDENTS}
    assert min(in_grids(city)) == "330106001001011"
    assert in_grids(city)["330106001001011"] < in_grids(city)["330106001001013"]


def test_a_settled_generation_leaves_nothing_to_do(city, strip_division):
    published(city, strip_division(4, first=11), JUNE)
    with city.write() as uow:
        assert take_effect(uow) == 0
        assert sum(np.sum(one.home_ids >= 0) for one in strays(uow.connection)) == 0


def test_every_table_with_a_home_is_a_resident():
    """A new table with ``grid_id`` is one line more in `RESIDENTS`."""
    located = {table for table in metadata.tables.values() if {"grid_id", "geom"} <= set(table.c.keys())}
    assert located == {one.table for one in RESIDENTS}


# the past ------------------------------------------------------------------------------------------------


def measures(uow, at):
    return {
        "coverage": subject_coverage(OPERATOR, uow, EVER, at=at).grids,
        "hotspots": [(one.grid.code, one.issues) for one in hotspots(OPERATOR, uow, EVER, at=at).grids],
        "backlog": backlog(OPERATOR, uow, JULY, grids_at=at).grids,
    }


@pytest.mark.slow
def test_measures_by_the_grids_of_the_past_are_those_of_then(city, strip_division):
    with city.read() as uow:
        then = measures(uow, None)
    published(city, moved_border(strip_division(6), 0.25), JUNE)
    published(city, strip_division(4, first=11), JULY)
    with city.read() as uow:
        assert measures(uow, JANUARY + timedelta(days=9)) == then
        now = measures(uow, None)
        assert now == measures(uow, datetime.now(UTC))
    assert now != then
