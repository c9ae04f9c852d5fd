"""Publishing: one transaction, codes that are never used again, lineage, and everything re-homed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

import numpy as np
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from geo.db import generations as rows
from geo.db.locate import locate_rows, place_rows
from geo.db.tables import entity
from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.domain.grids import Level
from geo.errors import (
    AlreadyExists,
    BadValue,
    Conflict,
    Contended,
    FixedLevel,
    Forbidden,
    OutsideJurisdiction,
    OverlappingValidity,
    RetiredCode,
    Unauthenticated,
)
from geo.services.entities import ENTITIES
from geo.services.generations import get_lineage, list_generations, publish, take_effect
from geo.services.homes import rehome

pytestmark = pytest.mark.database

JANUARY, JUNE = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def published(database, division, name="one", valid_from=JANUARY, actor=OPERATOR):
    with database.write() as uow:
        return publish(actor, uow, division, name=name, valid_from=valid_from)


def query(database, statement, **values):
    with database.read() as uow:
        return uow.connection.execute(text(statement), values).all()


def add_entities(database, count=1200, households=1):
    """Buildings along the middle of the strips, two of them outside."""
    with database.write() as uow:
        uow.connection.execute(
            text(
                "INSERT INTO entity (kind, name, geom, households) SELECT 'building', i::text,"
                " ST_SetSRID(ST_MakePoint(120 + i * 0.12 / :count, 30.02), 4326), :households"
                " FROM generate_series(-1, :count + 1) AS i"
            ),
            {"count": count, "households": households},
        )
        rehome(uow, datetime.now(UTC))


HOMES = """
    SELECT grid.code, grid.generation_id, count(*) FROM entity LEFT JOIN grid ON grid.id = grid_id
    GROUP BY 1, 2 ORDER BY 1
"""


def test_a_division_is_published_whole(database, strip_division):
    generation = published(database, strip_division(4))
    assert (generation.grids, generation.leaves, generation.levels) == (7, 4, tuple(Level))
    assert query(database, "SELECT count(*), count(DISTINCT grid_id) FROM grid_within") == [
        (1 + 2 + 3 + 16, 7)
    ]
    chain = query(
        database,
        "SELECT up.code FROM grid_within JOIN grid up ON up.id = ancestor_id JOIN grid ON grid.id = grid_id"
        " WHERE grid.code = '330106001001002' ORDER BY length(up.code)",
    )
    assert [code for (code,) in chain] == ["330106", "330106001", "330106001001", "330106001001002"]
    assert query(database, "SELECT action, kind, key FROM audit_log") == [
        ("publish", "generation", str(generation.id))
    ]


def test_the_next_division_ends_the_one_before(database, strip_division):
    published(database, strip_division(4))
    published(database, strip_division(3, first=11), "two", JUNE)
    with database.read() as uow:
        first, second = list_generations(uow)
    assert (first.valid_to, second.valid_from, second.valid_to) == (JUNE, JUNE, None)


@pytest.mark.parametrize("valid_from", [JANUARY, JANUARY - timedelta(days=1)])
def test_validity_never_overlaps(database, strip_division, valid_from):
    published(database, strip_division(4))
    with pytest.raises(OverlappingValidity):
        published(database, strip_division(3, first=11), "two", valid_from)


def test_the_database_itself_refuses_overlapping_validity(database, strip_division):
    published(database, strip_division(4))
    with pytest.raises((AlreadyExists, IntegrityError)), database.write() as uow:
        rows.insert_generation(uow.connection, name="x", valid_from=JUNE, published_by="x", batch_id=None)


def test_retired_codes_are_never_used_again(database, strip_division):
    published(database, strip_division(4))
    published(database, strip_division(3), "two", JUNE)
    with pytest.raises(RetiredCode) as refusal:
        published(database, strip_division(4), "three", JUNE + timedelta(days=1))
    assert refusal.value.fields["codes"] == ["330106001001004"]
    assert len(query(database, "SELECT 1 FROM generation")) == 2


def test_a_code_keeps_its_level(database, strip_division):
    published(database, strip_division(4))
    division = strip_division(1)
    streets = replace(
        division,
        codes=("330106", "330106001001"),
        names=division.names[:2],
        levels=division.levels[:2],
        parent_codes=division.parent_codes[:2],
        geometries=division.geometries[:2],
        areas_m2=division.areas_m2[:2],
        households=division.households[:2],
        population=division.population[:2],
        attributes=division.attributes[:2],
    )
    with pytest.raises(FixedLevel) as refusal:
        published(database, streets, "two", JUNE)
    assert refusal.value.fields["codes"] == ["330106001001"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda division: {"codes": (*division.codes[:-1], division.codes[0])},
        lambda division: {"parent_codes": (*division.parent_codes[:-1], "330106")},
        lambda division: {"parent_codes": (*division.parent_codes[:-1], None)},
        lambda division: {"parent_codes": ("330106001", *division.parent_codes[1:])},
    ],
)
def test_what_is_no_division_is_refused(database, strip_division, spoil):
    division = strip_division(2)
    with pytest.raises(BadValue):
        published(database, replace(division, **spoil(division)))
    assert query(database, "SELECT 1 FROM generation UNION ALL SELECT 1 FROM grid_code") == []


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (ANONYMOUS, Unauthenticated),
        (Actor("leader", grants=(Grant(Role.LEADER),)), Forbidden),
        (Actor("planner", grants=(Grant(Role.PLANNER, "330106"),)), OutsideJurisdiction),
    ],
)
def test_only_those_with_the_right_in_the_whole_city_publish(database, strip_division, actor, refusal):
    with pytest.raises(refusal):
        published(database, strip_division(2), actor=actor)


def test_everything_located_is_rehomed(database, strip_division):
    first = published(database, strip_division(4))
    add_entities(database)
    assert [(code, count) for code, _, count in query(database, HOMES)] == [
        ("330106001001001", 301),
        ("330106001001002", 300),
        ("330106001001003", 300),
        ("330106001001004", 300),
        (None, 2),
    ]
    second = published(database, strip_division(3, first=11), "two", JUNE)
    homes = query(database, HOMES)
    assert [(code, count) for code, _, count in homes][:3] == [
        ("330106001001011", 401),
        ("330106001001012", 400),
        ("330106001001013", 400),
    ]
    assert {generation for _, generation, _ in homes} == {second.id, None}
    assert first.id != second.id


def test_each_row_lies_in_exactly_one_grid_of_each_level(database, strip_division):
    published(database, strip_division(5))
    add_entities(database)
    counts = query(
        database,
        "SELECT entity.id, up.level, count(*) FROM entity JOIN grid_within USING (grid_id)"
        " JOIN grid up ON up.id = ancestor_id GROUP BY 1, 2",
    )
    assert len(counts) == 1201 * 4
    assert {count for _, _, count in counts} == {1}


def test_a_division_of_the_future_rehomes_when_its_time_comes(database, strip_division):
    published(database, strip_division(4))
    add_entities(database)
    before = query(database, HOMES)
    later = published(database, strip_division(3, first=11), "two", datetime.now(UTC) + timedelta(days=1))
    assert query(database, HOMES) == before
    with database.write() as uow:
        assert take_effect(uow) == 0
        assert query(database, HOMES) == before
        rehome(uow, later.valid_from)
    assert {generation for _, generation, _ in query(database, HOMES)} == {later.id, None}


HYDRANT = {"kind": "facility", "name": "消防栓", "place": (120.05, 30.02)}
HOME_OF_HYDRANT = "SELECT generation_id FROM grid WHERE id = (SELECT grid_id FROM entity)"


def test_a_row_that_waited_for_a_publication_lies_in_the_new_division(database, strip_division):
    published(database, strip_division(4))
    with database.write() as uow:  # begins before the publication, and so does its ``now()``
        uow.connection.execute(text("SELECT 1"))
        new = published(database, strip_division(3, first=11), "two", datetime.now(UTC))
        ENTITIES.create(OPERATOR, uow, HYDRANT)
    assert query(database, HOME_OF_HYDRANT) == [(new.id,)]


def test_a_publication_waits_for_rows_that_are_being_written(database, strip_division):
    published(database, strip_division(4))
    with ThreadPoolExecutor(1) as pool:
        with database.write() as uow:
            key = ENTITIES.create(OPERATOR, uow, HYDRANT)
            publication = pool.submit(published, database, strip_division(3, first=11), "two", JUNE)
            with pytest.raises(TimeoutError):
                publication.result(timeout=0.5)
            ENTITIES.locked(OPERATOR, uow, key, 1)
        new = publication.result(timeout=10)
    assert query(database, HOME_OF_HYDRANT) == [(new.id,)]


def test_rehoming_writes_only_what_has_moved(database, strip_division):
    published(database, strip_division(4))
    add_entities(database)
    with database.write() as uow:
        written = "SELECT count(*) FROM entity WHERE xmin = pg_current_xact_id()::xid"
        assert rehome(uow, datetime.now(UTC)) == 0
        assert uow.connection.execute(text(written)).scalar_one() == 0


def test_a_visit_without_a_place_lies_where_its_entity_does(database, strip_division):
    published(database, strip_division(4))
    with database.write() as uow:
        uow.connection.execute(
            text(
                "WITH shop AS (INSERT INTO entity (kind, name, geom) VALUES"
                " ('premises', 'a', ST_SetSRID(ST_MakePoint(120.05, 30.02), 4326)) RETURNING id)"
                " INSERT INTO visit (kind, visited_at, entity_id) SELECT 'routine', now(), id FROM shop"
            )
        )
        rehome(uow, datetime.now(UTC))
    assert query(database, "SELECT code FROM visit JOIN grid ON grid.id = grid_id") == [("330106001001002",)]


# lineage -------------------------------------------------------------------------------------------------


def lineage_of(database, generation):
    with database.read() as uow:
        return get_lineage(uow, generation.id)


def test_lineage_is_n_to_n_and_shares_sum_to_one(database, strip_division):
    published(database, strip_division(4))
    second = published(database, strip_division(3, first=11), "two", JUNE)
    found = lineage_of(database, second)
    units = {(one.predecessor.code[-3:], one.successor.code[-3:]): one.area_share for one in found[3:]}
    assert units == {
        ("001", "011"): pytest.approx(1),
        ("002", "011"): pytest.approx(1 / 3, abs=1e-5),
        ("002", "012"): pytest.approx(2 / 3, abs=1e-5),
        ("003", "012"): pytest.approx(2 / 3, abs=1e-5),
        ("003", "013"): pytest.approx(1 / 3, abs=1e-5),
        ("004", "013"): pytest.approx(1),
    }
    assert [one.predecessor.level for one in found[:3]] == [Level.DISTRICT, Level.STREET, Level.COMMUNITY]
    for _, pieces in groupby(found, key=lambda one: one.predecessor.code):
        assert sum(one.area_share for one in pieces) == pytest.approx(1, abs=1e-12)


def test_the_first_generation_has_no_lineage(database, strip_division):
    assert lineage_of(database, published(database, strip_division(4))) == ()


def test_households_follow_their_buildings(database, strip_division):
    published(database, strip_division(4))
    with database.write() as uow:
        uow.connection.execute(
            text(
                "INSERT INTO entity (kind, name, geom, households) SELECT 'building', lon::text,"
                " ST_SetSRID(ST_MakePoint(lon, 30.02), 4326), households"
                " FROM (VALUES (120.035, 30), (120.055, 10)) AS b (lon, households)"
            )
        )
    second = published(database, strip_division(3, first=11), "two", JUNE)
    shares = {
        (one.predecessor.code[-3:], one.successor.code[-3:]): one.household_share
        for one in lineage_of(database, second)
    }
    assert shares["002", "011"] == pytest.approx(0.75)
    assert shares["002", "012"] == pytest.approx(0.25)
    assert shares["003", "012"] == pytest.approx(2 / 3, abs=1e-5)  # nothing counted there: by area


def test_lineage_across_levels_of_leaves(database, strip_division):
    """A division of streets is followed by one of units: leaves give ground to leaves."""
    whole = strip_division(1)
    streets = replace(
        whole,
        **{
            name: getattr(whole, name)[:2]
            for name in (
                "codes",
                "names",
                "levels",
                "parent_codes",
                "geometries",
                "areas_m2",
                "households",
                "population",
                "attributes",
            )
        },
    )
    published(database, streets)
    second = published(database, strip_division(2), "two", JUNE)
    pairs = {
        (one.predecessor.code, one.successor.code): one.area_share for one in lineage_of(database, second)
    }
    assert pairs == {
        ("330106", "330106"): pytest.approx(1),
        ("330106001", "330106001"): pytest.approx(1),
        ("330106001", "330106001001001"): pytest.approx(0.5, abs=1e-5),
        ("330106001", "330106001001002"): pytest.approx(0.5, abs=1e-5),
    }


# together ------------------------------------------------------------------------------------------------


def test_publications_at_once_happen_one_after_another(database, strip_division):
    published(database, strip_division(2))

    def attempt(number):
        division = strip_division(2, first=10 * number)
        return published(database, division, str(number), JUNE + timedelta(days=number))

    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(attempt, number) for number in (1, 2, 3, 4)]
    refusals = [error for one in results if (error := one.exception())]
    assert all(isinstance(error, OverlappingValidity) for error in refusals)
    with database.read() as uow:
        found = list_generations(uow)
    assert len(found) == 5 - len(refusals)
    assert [one.valid_to for one in found[:-1]] == [one.valid_from for one in found[1:]]


def test_without_the_lock_publications_at_once_collide(database, strip_division, monkeypatch):
    """The negative control of the test above: then the constraint stops them, or they wait for each other."""
    published(database, strip_division(2))
    monkeypatch.setattr(rows, "lock_publication", lambda connection: None)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(2, first=10), name="a", valid_from=JUNE)
        with pytest.raises(Contended), database.write() as other:  # noqa: PT012
            other.connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
            publish(OPERATOR, other, strip_division(2, first=20), name="b", valid_from=JUNE)
            pytest.fail("nothing held it up")


def test_grids_are_never_changed(database, strip_division):
    published(database, strip_division(2))
    with pytest.raises(Conflict), database.write() as uow:
        uow.connection.execute(text("UPDATE grid SET name = 'x'"))


# set-wise ------------------------------------------------------------------------------------------------


def test_rows_are_placed_by_one_statement_that_uses_the_index(database, strip_division, explained):
    published(database, strip_division(300))
    add_entities(database)
    with database.write() as uow:
        plans = explained(uow, lambda: place_rows(uow.connection, entity, 1))
    assert len(plans) == 1
    assert "leaf_place" in plans[0]


def test_the_plan_shows_when_the_index_is_missing(database, strip_division, explained):
    """The negative control of the test above."""
    published(database, strip_division(300))
    with database.write() as uow:
        uow.connection.execute(text("DROP INDEX leaf_place"))
        plans = explained(uow, lambda: place_rows(uow.connection, entity, 1))
    assert "leaf_place" not in plans[0]


def test_sql_places_points_on_edges_in_the_lowest_code(database, strip_division):
    published(database, strip_division(4))
    with database.write() as uow:
        uow.connection.execute(
            text(
                "INSERT INTO entity (kind, name, geom) VALUES"
                " ('facility', 'edge', ST_SetSRID(ST_MakePoint(:edge, 30.02), 4326))"
            ),
            {"edge": float(np.linspace(120, 120.12, 5)[2])},
        )
        locate_rows(uow.connection, entity, entity.c.name == "edge")
    assert query(database, "SELECT code FROM entity JOIN grid ON grid.id = grid_id") == [("330106001001002",)]


def test_slivers_of_redrawn_borders_are_no_lineage(database, strip_division):
    published(database, strip_division(2))
    division = strip_division(2, first=11)
    middle = 120.06 + 2e-6  # 20 cm to the east
    moved = division.geometries.copy()
    moved[3] = shapely.multipolygons([shapely.box(120, 30, middle, 30.05)])
    moved[4] = shapely.multipolygons([shapely.box(middle, 30, 120.12, 30.05)])
    second = published(database, replace(division, geometries=moved), "two", JUNE)
    units = [
        (one.predecessor.code[-3:], one.successor.code[-3:], one.area_share)
        for one in lineage_of(database, second)
        if one.predecessor.level is Level.UNIT
    ]
    assert units == [("001", "011", pytest.approx(1)), ("002", "012", pytest.approx(1))]
