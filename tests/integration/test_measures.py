"""Each measure against a slow and obvious recount in pandas, on a small division with random contents."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from geo.db.bulk import copy_rows, geometry_texts
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import ANONYMOUS, OPERATOR, Actor, Grant, Role
from geo.domain.entities import EntityKind
from geo.domain.generations import Division
from geo.domain.grids import Level
from geo.domain.hotspots import Finding
from geo.domain.measures import Period
from geo.errors import Forbidden, NoDivision, NotFound, Unauthenticated
from geo.services import shapes as shapes_of_city
from geo.services.backlog import backlog, categories, open_issues
from geo.services.coverage import ground_coverage, subject_coverage, visit_density
from geo.services.generations import publish
from geo.services.ground import get_ground
from geo.services.homes import rehome
from geo.services.hotspots import hotspots
from geo.services.shapes import get_shapes

pytestmark = pytest.mark.database

SIDE = 0.005
"""Degrees; 6 × 6 unit grids."""
WEST, SOUTH = 120.0, 30.0
JANUARY = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
HOT = "330106001001"
STREETS = ("330106001", "330106002")
WIDTH_OF = {Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12, Level.UNIT: 15}


def _unit_code(column: int, row: int) -> str:
    return f"330106{column // 3 + 1:03}{row // 3 + 1:03}{(row % 3) * 3 + column % 3 + 1:03}"


UNITS = {
    _unit_code(column, row): shapely.box(
        WEST + column * SIDE, SOUTH + row * SIDE, WEST + (column + 1) * SIDE, SOUTH + (row + 1) * SIDE
    )
    for column in range(6)
    for row in range(6)
}


def division() -> Division:
    grids = {
        (level, prefix): shapely.union_all([cell for code, cell in UNITS.items() if code.startswith(prefix)])
        for level, width in WIDTH_OF.items()
        for prefix in sorted({code[:width] for code in UNITS})
    }
    codes = tuple(code for _, code in grids)
    cells = np.array([shapely.multipolygons([cell]) for cell in grids.values()], dtype=object)
    return Division(
        codes=codes,
        names=tuple(f"G{code}" for code in codes),
        levels=tuple(level for level, _ in grids),
        parent_codes=tuple(code[: WIDTH_OF[level.above]] if level.above else None for level, code in grids),
        geometries=cells,
        areas_m2=shapely.area(cells) * 111_000**2,
        households=(None,) * len(codes),
        population=(None,) * len(codes),
        attributes=({},) * len(codes),
    )


def _points(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of which some lie outside every grid."""
    return (
        random.uniform(WEST - SIDE / 2, WEST + 6 * SIDE, count),
        random.uniform(SOUTH, SOUTH + 6 * SIDE + SIDE / 2, count),
    )


def _unit_of(lon: float, lat: float) -> str | None:
    return next((code for code, cell in UNITS.items() if cell.covers(shapely.Point(lon, lat))), None)


def _moments(random: np.random.Generator, count: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(
        pd.Timestamp("2025-12-01", tz="UTC")
        + pd.to_timedelta(random.integers(0, 100 * 24 * 60, count), unit="min")
    )


def things() -> dict[str, pd.DataFrame]:
    random = np.random.default_rng(5)
    lon, lat = _points(random, 400)
    entities = pd.DataFrame({"lon": lon, "lat": lat}).assign(
        ref=[f"e{n}" for n in range(400)],
        kind=random.choice(["premises", "facility"], 400),
        name="门店",
        state=random.choice(["active", "active", "active", "suspended", "closed"], 400),
    )
    visited = random.integers(0, 200, 700)
    visits = pd.DataFrame({"kind": "patrol", "visited_at": _moments(random, 700), "entity": visited})
    visits = visits.assign(lon=entities.lon[visited].to_numpy(), lat=entities.lat[visited].to_numpy())

    lon, lat = _points(random, 600)
    reported = _moments(random, 600)
    issues = pd.DataFrame({"lon": lon, "lat": lat, "reported_at": reported}).assign(
        number=[f"n{n}" for n in range(600)],
        category=random.choice(["暴露垃圾", "占道经营"], 600),
        state=random.choice(["reported", "dispatched", "closed", "closed", "void"], 600),
        due_at=(reported + pd.Timedelta(days=7)).where(random.random(600) < 0.8),
    )
    closed_at = reported + pd.to_timedelta(random.integers(1, 20, 600), unit="D")
    issues["closed_at"] = closed_at.where(issues.state == "closed")
    for frame in (entities, visits, issues):
        frame["unit"] = [_unit_of(*place) for place in zip(frame.lon, frame.lat, strict=True)]
    return {"entities": entities, "visits": visits, "issues": issues}


def _values(frame: pd.DataFrame, columns: list[str]) -> list[list[Any]]:
    plain = frame[columns].astype(object)
    return plain.where(plain.notna(), None).values.tolist()


def _write(uow: UnitOfWork, table: str, columns: list[str], frame: pd.DataFrame) -> None:
    places = geometry_texts(shapely.points(frame.lon, frame.lat))
    rows = [[*values, place] for values, place in zip(_values(frame, columns), places, strict=True)]
    copy_rows(uow.connection, table, [*columns, "geom"], rows)


@pytest.fixture(scope="module")
def database(module_database_url: str) -> Iterator[Database]:
    opened = Database(module_database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def city(database: Database) -> dict[str, pd.DataFrame]:
    found = things()
    with database.write() as uow:
        publish(OPERATOR, uow, division(), name="first", valid_from=datetime(2025, 1, 1, tzinfo=UTC))
        _write(uow, "entity", ["ref", "kind", "name", "state"], found["entities"])
        ids = dict(uow.connection.execute(text("SELECT ref, id FROM entity")).all())
        visits = found["visits"].assign(entity_id=[ids[f"e{n}"] for n in found["visits"].entity])
        _write(uow, "visit", ["kind", "visited_at", "entity_id"], visits)
        columns = ["number", "category", "state", "reported_at", "due_at", "closed_at"]
        _write(uow, "issue", columns, found["issues"])
        rehome(uow, datetime.now(UTC))
    return found


@contextmanager
def discarded(database: Database) -> Iterator[UnitOfWork]:
    """A transaction whose changes nobody else sees."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield UnitOfWork(connection)
        transaction.rollback()


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


LEVELS = pytest.mark.parametrize("level", [None, *Level])


@LEVELS
@pytest.mark.parametrize("kind", [None, EntityKind.FACILITY])
def test_subject_coverage_equals_a_recount(
    database: Database, city: dict[str, pd.DataFrame], level: Level | None, kind: EntityKind | None
) -> None:
    with database.read() as uow:
        coverage = subject_coverage(OPERATOR, uow, JANUARY, level=level, kind=kind)

    entities, visits = city["entities"], city["visits"]
    due = entities[(entities.state == "active") & ((entities.kind == kind) if kind else True)]
    in_january = visits[(visits.visited_at >= JANUARY.start) & (visits.visited_at < JANUARY.end)]
    due = due.assign(visited=due.index.isin(in_january.entity))
    width = WIDTH_OF[level or Level.UNIT]
    expected = due.groupby(due.unit.str[:width]).visited.agg(["sum", "count"])
    found = {row.grid.code: (row.share.numerator, row.share.denominator) for row in coverage.grids}
    assert {code: share for code, share in found.items() if share[1]} == {
        code: tuple(row) for code, row in expected.iterrows()
    }
    assert coverage.unlocated == due.unit.isna().sum() > 0
    assert coverage.total.denominator == due.unit.notna().sum()


def test_a_grid_in_which_nothing_is_due_has_no_rate(
    database: Database, city: dict[str, pd.DataFrame]
) -> None:
    with discarded(database) as uow:
        uow.connection.execute(text("UPDATE entity SET state = 'closed'"))
        coverage = subject_coverage(OPERATOR, uow, JANUARY)
    assert len(coverage.grids) == 36
    assert {row.share.rate for row in coverage.grids} == {None}


def test_visits_in_bins_are_all_visits_of_the_period(
    database: Database, city: dict[str, pd.DataFrame]
) -> None:
    with database.read() as uow:
        density = visit_density(OPERATOR, uow, JANUARY, cell_m=300)
    visits = city["visits"]
    in_january = visits[(visits.visited_at >= JANUARY.start) & (visits.visited_at < JANUARY.end)]
    assert density.visits.sum() == len(in_january)
    assert 10 < len(density.visits) < len(in_january)
    assert list(density.visits) == sorted(density.visits, reverse=True)
    assert np.abs(density.lat - np.round(density.lat / (300 / 111_195)) * (300 / 111_195)).max() < 1e-9


@LEVELS
@pytest.mark.parametrize("category", [None, "暴露垃圾"])
@pytest.mark.parametrize("at", [datetime(2026, 1, 20, 5, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
def test_backlog_equals_a_recount(
    database: Database,
    city: dict[str, pd.DataFrame],
    level: Level | None,
    category: str | None,
    at: datetime,
) -> None:
    with database.read() as uow:
        found = backlog(OPERATOR, uow, at, level=level, category=category)
        points = open_issues(OPERATOR, uow, at, category=category)

    issues = city["issues"]
    issues = issues[(issues.state != "void") & (issues.reported_at <= at)]
    issues = issues[issues.category == category] if category else issues
    is_open = ~(issues.closed_at <= at)
    issues = issues.assign(
        unresolved=is_open,
        overdue=is_open & (issues.due_at < at),
        undated=is_open & issues.due_at.isna(),
        closed=~is_open,
        closed_late=~is_open & (issues.closed_at > issues.due_at),
    )
    columns = ["unresolved", "overdue", "undated", "closed", "closed_late"]
    expected = issues.groupby(issues.unit.str[: WIDTH_OF[level or Level.UNIT]])[columns].sum()
    counts = {
        row.grid.code: [getattr(row.count, column) for column in columns]
        for row in found.grids
        if row.grid.code in expected.index
    }
    assert counts == {code: list(row) for code, row in expected.iterrows()}
    outside = issues[issues.unit.isna()]
    assert [getattr(found.unlocated, column) for column in columns] == list(outside[columns].sum())
    assert found.unlocated.unresolved > 0
    assert sorted(point.number for point in points) == sorted(issues.number[issues.unresolved])
    overdue = [point.is_overdue for point in points]
    assert overdue == sorted(overdue, reverse=True)
    assert sum(overdue) == issues.overdue.sum() > 0


def test_backlog_of_a_period_counts_what_was_reported_in_it(
    database: Database, city: dict[str, pd.DataFrame]
) -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    with database.read() as uow:
        found = backlog(OPERATOR, uow, at, reported=JANUARY)
    issues = city["issues"]
    reported = issues[
        (issues.state != "void")
        & (issues.reported_at >= JANUARY.start)
        & (issues.reported_at < JANUARY.end)
        & issues.unit.notna()
    ]
    assert found.total.unresolved + found.total.closed == len(reported)


def test_hotspots_count_by_grid_and_find_a_planted_one(
    database: Database, city: dict[str, pd.DataFrame]
) -> None:
    with discarded(database) as uow:
        uow.connection.execute(
            text(
                "INSERT INTO issue (number, category, reported_at, geom, grid_id) "
                "SELECT 'hot' || id || '/' || n, '暴露垃圾', '2026-01-15', ST_PointOnSurface(geom), id "
                "FROM grid, generate_series(1, 25) n WHERE is_leaf AND code LIKE :community"
            ),
            {"community": f"{HOT}%"},
        )
        found = hotspots(OPERATOR, uow, JANUARY)

    issues = city["issues"]
    in_january = issues[(issues.reported_at >= JANUARY.start) & (issues.reported_at < JANUARY.end)]
    counted = in_january[in_january.state != "void"].unit.value_counts().reindex(list(UNITS), fill_value=0)
    counted[counted.index.str.startswith(HOT)] += 25
    assert {row.grid.code: row.issues for row in found.grids} == counted.to_dict()
    assert found.hot[0].grid.code == f"{HOT}005"
    assert found.hot[0].finding is Finding.HOT_99
    assert not {row.grid.code for row in found.hot} & {f"330106002002{n:03}" for n in range(1, 10)}
    assert found.unlocated == (in_january.unit.isna() & (in_january.state != "void")).sum()
    assert found.islands == ()
    assert found.moran is not None


def test_contiguity_of_a_board_is_that_of_a_king(database: Database, city: dict[str, pd.DataFrame]) -> None:
    with database.read() as uow:
        shapes = get_shapes(uow)
        assert len(shapes.i) == 2 * 6 * 5 + 2 * 5 * 5
        assert shapely.coverage_is_valid(shapes.outlines)
        assert get_shapes(uow) is shapes


def test_many_ask_for_shapes_at_once_and_more_of_them_than_are_kept(
    database: Database, city: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes_of_city, "_KEPT", 1)
    loads = []
    load = shapes_of_city.rows.load_shapes

    def counted(*arguments: Any) -> Any:
        if not loads:
            time.sleep(0.2)  # so that the others come meanwhile
        loads.append(arguments[-1])
        return load(*arguments)

    monkeypatch.setattr(shapes_of_city.rows, "load_shapes", counted)
    shapes_of_city._cache.clear()

    def ask(level: Level) -> Level:
        with database.read() as uow:
            return get_shapes(uow, level).grids[0].level

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, [Level.UNIT] * 8)) == {Level.UNIT}
        assert loads == [Level.UNIT]
        asked = [Level.UNIT, Level.COMMUNITY, Level.STREET] * 4
        assert list(pool.map(ask, asked)) == asked


def test_ground_near_the_border_counts_alike_for_one_grid_and_for_the_city(
    database: Database, city: dict[str, pd.DataFrame]
) -> None:
    unit = _unit_code(2, 2)
    with discarded(database) as uow:
        beside = 3e-5  # some 3 m west of the border of the grid
        uow.connection.execute(
            text(
                "INSERT INTO track (started_at, ended_at, fixes, length_m, geom)"
                " SELECT :at, CAST(:at AS timestamptz) + interval '60 s', 2, 100, ST_AddMeasure(ST_SetSRID("
                " ST_MakeLine(ST_MakePoint(ST_XMin(geom) - :beside, ST_YMin(geom)),"
                " ST_MakePoint(ST_XMin(geom) - :beside, ST_YMin(geom) + 0.001)), 4326),"
                " extract(epoch FROM CAST(:at AS timestamptz)),"
                " extract(epoch FROM CAST(:at AS timestamptz)) + 60) FROM grid WHERE code = :unit"
            ),
            {"at": datetime(2026, 1, 5, tzinfo=UTC), "beside": beside, "unit": unit},
        )
        inspector = Actor("i", account_id=1, grants=(Grant(Role.INSPECTOR, unit),))
        (alone,) = ground_coverage(inspector, uow, JANUARY, swath_m=20).grids
        among = ground_coverage(OPERATOR, uow, JANUARY, swath_m=20).grids
        nobody = Actor("n", account_id=1, grants=(Grant(Role.INSPECTOR, "330106999"),))
        assert ground_coverage(nobody, uow, JANUARY).grids == ()
    assert alone.share.covered_m2 > 500
    assert alone in among


def test_ground_coverage_is_the_merged_strip(database: Database, city: dict[str, pd.DataFrame]) -> None:
    row_middle = SOUTH + SIDE / 2
    way = f"SRID=4326;LINESTRING M ({WEST - SIDE} {row_middle} 0, {WEST + 7 * SIDE} {row_middle} 300)"
    started = datetime(2026, 1, 5, tzinfo=UTC)
    with discarded(database) as uow:
        for days in (0, 3, 90):
            moment = started + timedelta(days=days)
            uow.connection.execute(
                text(
                    "INSERT INTO track (started_at, ended_at, fixes, length_m, geom)"
                    " VALUES (:from, :to, 2, 3850, ST_AddMeasure(ST_Force2D(ST_GeomFromEWKT(:way)),"
                    " extract(epoch FROM CAST(:from AS timestamptz)),"
                    " extract(epoch FROM CAST(:to AS timestamptz))))"
                ),
                {"from": moment, "to": moment + timedelta(seconds=300), "way": way},
            )
        units = ground_coverage(OPERATOR, uow, JANUARY, swath_m=20)
        district = ground_coverage(OPERATOR, uow, JANUARY, level=Level.DISTRICT, swath_m=20)
        december = Period(JANUARY.start - timedelta(days=31), JANUARY.start)
        nothing = ground_coverage(OPERATOR, uow, december)

    crossed = {row.grid.code: row.share for row in units.grids if row.share.covered_m2}
    assert set(crossed) == {_unit_code(column, 0) for column in range(6)}
    for share in crossed.values():
        height_m = share.area_m2**0.5 * (SIDE * 111_195 / share.area_m2**0.5)
        assert share.rate == pytest.approx(20 / height_m, rel=0.01)
    total_m2 = sum(share.covered_m2 for share in crossed.values())
    assert district.grids[0].share.covered_m2 == pytest.approx(total_m2, rel=1e-6)
    assert sum(row.share.covered_m2 for row in nothing.grids) == 0


def leader_of(*codes: str) -> Actor:
    return Actor("leader", account_id=1, grants=tuple(Grant(Role.LEADER, code) for code in codes))


def test_a_leader_sees_the_own_street_alone(database: Database, city: dict[str, pd.DataFrame]) -> None:
    leader, at = leader_of(STREETS[0]), datetime(2026, 11, 1, tzinfo=UTC)
    with database.read() as uow:
        everything = subject_coverage(OPERATOR, uow, JANUARY)
        mine = subject_coverage(leader, uow, JANUARY)
        standing = backlog(leader, uow, at)
        spots = hotspots(leader, uow, JANUARY)
        points = open_issues(leader, uow, at)
        density = visit_density(leader, uow, JANUARY)
        districts = subject_coverage(leader, uow, JANUARY, level=Level.DISTRICT)
        ground = ground_coverage(leader, uow, JANUARY)

    own = tuple(row for row in everything.grids if row.grid.code.startswith(STREETS[0]))
    assert len(own) == 18
    assert mine.grids == own
    assert {len(standing.grids), len(spots.grids), len(ground.grids)} == {18}
    assert (mine.unlocated, spots.unlocated, standing.unlocated.unresolved) == (0, 0, 0)
    assert {point.grid_code[:9] for point in points if point.grid_code} == {STREETS[0]}
    assert all(point.grid_code for point in points)
    assert density.lon.max() < WEST + 3 * SIDE + 0.001
    assert districts.grids == ()


def test_nobody_measures_without_the_right(database: Database, city: dict[str, pd.DataFrame]) -> None:
    stranger = Actor("stranger", account_id=2)
    with database.read() as uow:
        for measure in (subject_coverage, ground_coverage, visit_density, hotspots):
            with pytest.raises(Unauthenticated):
                measure(ANONYMOUS, uow, JANUARY)
            with pytest.raises(Forbidden):
                measure(stranger, uow, JANUARY)
        for listing in (backlog, open_issues):
            with pytest.raises(Unauthenticated):
                listing(ANONYMOUS, uow, JANUARY.end)
        with pytest.raises(Unauthenticated):
            categories(ANONYMOUS, uow)
        assert categories(OPERATOR, uow) == ("占道经营", "暴露垃圾")


def test_without_a_division_nothing_is_measured(empty: Database) -> None:
    with empty.read() as uow:
        assert subject_coverage(OPERATOR, uow, JANUARY).grids == ()
        assert backlog(OPERATOR, uow, JANUARY.end).total.unresolved == 0
        with pytest.raises(NoDivision):
            hotspots(OPERATOR, uow, JANUARY)


def test_a_level_that_is_not_there_is_not_found(empty: Database) -> None:
    units = division()
    only = [n for n, level in enumerate(units.levels) if level is Level.DISTRICT]
    with empty.write() as uow:
        flat = Division(
            units.codes[: len(only)],
            units.names[: len(only)],
            (Level.DISTRICT,),
            (None,),
            units.geometries[only],
            units.areas_m2[only],
            (None,),
            (None,),
            ({},),
        )
        publish(OPERATOR, uow, flat, name="flat", valid_from=datetime(2025, 1, 1, tzinfo=UTC))
        with pytest.raises(NotFound):
            hotspots(OPERATOR, uow, JANUARY, level=Level.UNIT)
        lone = hotspots(OPERATOR, uow, JANUARY)
    assert [row.finding for row in lone.grids] == [Finding.ISLAND]


def test_ground_comes_in_drawing_order(empty: Database) -> None:
    with empty.write() as uow:
        uow.connection.execute(
            text(
                "INSERT INTO ground_feature (kind, geom) VALUES"
                " ('road', ST_GeomFromText('LINESTRING(120 30, 120.1 30)', 4326)),"
                " ('water', ST_GeomFromText('POLYGON((120 30, 120.1 30, 120.1 30.1, 120 30))', 4326)),"
                " ('green', ST_GeomFromText('POLYGON((10 30, 10.1 30, 10.1 30.1, 10 30))', 4326))"
            )
        )
        ground = get_ground(uow, (119.0, 29.0, 121.0, 31.0))
        assert ground.kinds == ("water", "road")
        assert len(get_ground(uow, (0.0, 0.0, 1.0, 1.0)).geometries) == 0
