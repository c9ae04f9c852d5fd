"""Real divisions, premises and requests come in as the issue of the ground floor says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import shapely
from sqlalchemy import text

from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.exchange import Layer, Severity
from geo.domain.grids import Level
from geo.domain.measures import Period
from geo.services.exchange.batches import Outcome
from geo.services.exchange.options import DivisionOptions, UpperLevel
from geo.services.hotspots import hotspots
from tests.real.imports import BALTIMORE, DATA, XIHU, import_layer

FOLDER = os.environ.get("WANGGE_REAL_DATA")
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(FOLDER is None, reason="WANGGE_REAL_DATA names no folder of real data"),
]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=1)
    yield database
    database.close()


def _rows(database: Database, statement: str) -> list[Any]:
    with database.read() as uow:
        return list(uow.connection.execute(text(statement)).all())


def _numbers(outcome: Outcome, code: str) -> list[int | None]:
    return [problem.row for problem in outcome.report.problems if problem.code == code]


BLANK = [36, 52, 53, 54, 316, 317, 512, 514, 603]


def test_the_dirt_of_xihu_is_reported_row_by_row_and_refused(database: Database) -> None:
    outcome = import_layer(database, Layer.GRIDS, "xihu/grids.geojson", division=XIHU)
    assert outcome.refused
    assert _numbers(outcome, "missing-code") == BLANK
    assert _numbers(outcome, "invalid-geometry") == [297]
    assert len(_numbers(outcome, "overlap")) >= 4
    assert len(_numbers(outcome, "unmatched-edge")) >= 7
    assert _rows(database, "SELECT count(*) FROM grid") == [(0,)]


def test_xihu_comes_in_as_605_grids_that_tile_each_community(database: Database) -> None:
    wanted = replace(XIHU, assign_codes=True)
    outcome = import_layer(
        database, Layer.GRIDS, "xihu/grids.geojson", division=wanted, repair=True, tolerance_m=0.5
    )
    assert not outcome.refused
    # 193 values stand in the column of communities: 192 codes, and the blank of the nine rows without any
    assert dict(_rows(database, "SELECT level, count(*) FROM grid GROUP BY 1")) == {
        "district": 1,
        "street": 11,
        "community": 192,
        "unit": 605,
    }
    assert _rows(database, "SELECT count(*) FROM grid WHERE is_leaf AND code ~ '^[0-9]{15}$'") == [(605,)]
    assert sorted(_numbers(outcome, "parent-adopted")) == BLANK
    repaired = [problem for problem in outcome.report.problems if problem.code == "border-matched"]
    assert repaired
    assert max(problem.moved_m or 0 for problem in repaired) <= 0.5
    leaves = _rows(
        database,
        "SELECT p.code, ST_AsBinary(g.geom) FROM grid g JOIN grid p ON p.id = g.parent_id WHERE g.is_leaf",
    )
    geometries = np.asarray(shapely.from_wkb([bytes(wkb) for _, wkb in leaves]), dtype=object)
    communities = np.array([code for code, _ in leaves])
    assert all(shapely.coverage_is_valid(geometries[communities == code]) for code in set(communities))
    assert shapely.coverage_is_valid(geometries)
    names = dict(_rows(database, "SELECT code, name FROM grid WHERE level = 'community'"))
    assert names["330106012003"] == "东山弄社区"
    assert outcome.report.facts["names"][Level.COMMUNITY]["code"] == 188
    assert outcome.report.facts["names"][Level.STREET] == {"overlap": 11}


def test_premises_of_shanghai_lie_in_the_district_that_they_name(database: Database) -> None:
    wanted = DivisionOptions(
        level=Level.STREET,
        upper={Level.DISTRICT: UpperLevel(name_column="AREA")},
        code_prefix="31",
        assign_codes=True,
        allow_gaps=True,
    )
    towns = import_layer(
        database,
        Layer.GRIDS,
        "shanghai/towns_214.geojson",
        division=wanted,
        mapping={"name": "STREET"},
        repair=True,
        tolerance_m=15,
        gap_m=0.5,
    )
    assert not towns.refused
    files = [f"shanghai/shanghai_{kind}.csv" for kind in ("food", "hospital", "school")]
    undeclared = import_layer(database, Layer.ENTITIES, *files)
    assert undeclared.refused
    outcome = import_layer(database, Layer.ENTITIES, *files, reference="wgs84")
    assert outcome.report.accepted == 28_062
    assert not [problem for problem in outcome.report.problems if problem.severity is Severity.ERROR]
    agreement = outcome.report.facts["agreement"]
    assert agreement["column"] == "adname"
    assert agreement["agreeing"] / agreement["compared"] >= 0.997
    [(agreeing, compared)] = _rows(
        database,
        "SELECT count(*) FILTER (WHERE d.name = e.attributes->>'adname'), count(*) FROM entity e "
        "JOIN grid g ON g.id = e.grid_id JOIN grid d ON d.id = g.parent_id",
    )
    assert compared / 28_062 >= 0.999
    assert agreeing / compared >= 0.997


def test_requests_of_baltimore_are_counted_as_pandas_counts_them(database: Database) -> None:
    grids = import_layer(
        database, Layer.GRIDS, "baltimore/neighborhoods.gpkg", division=BALTIMORE, repair=True, tolerance_m=2
    )
    assert grids.report.reference == "EPSG:2804"
    outcome = import_layer(
        database,
        Layer.ISSUES,
        "baltimore/baltimore_311_sample.csv",
        reference="wgs84",
        zone=ZoneInfo("America/New_York"),
    )
    assert (outcome.report.rows, outcome.report.accepted) == (10_000, 10_000)
    requests = pd.read_csv(DATA / "baltimore/baltimore_311_sample.csv")
    placeholder = (requests.Latitude == 39) & (requests.Longitude == -77)
    assert placeholder.sum() == 885
    told = [p for p in outcome.report.problems if p.code == "placeholder-point"]
    assert sum(p.detail == {"x": -77.0, "y": 39.0} for p in told) == 885
    assert outcome.report.located == int(requests.Latitude.notna().sum()) - len(told)

    leaves = _rows(
        database, 'SELECT code, ST_AsBinary(geom) FROM grid WHERE is_leaf ORDER BY code COLLATE "C"'
    )
    tree = shapely.STRtree(shapely.from_wkb([bytes(wkb) for _, wkb in leaves]))
    known = requests.Latitude.notna() & ~requests.index.isin([(p.row or 0) - 1 for p in told])
    point, cell = tree.query(
        shapely.points(requests.Longitude[known], requests.Latitude[known]), "intersects"
    )
    first = pd.Series(cell).groupby(point).min()
    requests["grid"] = pd.Series([leaves[at][0] for at in first], index=requests.index[known][first.index])
    times = {
        name: pd.to_datetime(requests[name], format="%m/%d/%Y %I:%M:%S %p").dt.tz_localize(
            "America/New_York", nonexistent="shift_forward", ambiguous=np.ones(len(requests), dtype=bool)
        )
        for name in ("DueDate", "CloseDate")
    }
    ended = times["CloseDate"].fillna(pd.Timestamp("2026-01-01", tz="UTC"))
    requests["unresolved"] = times["CloseDate"].isna()
    requests["overdue"] = times["DueDate"].notna() & (ended > times["DueDate"])
    recount = requests.groupby("grid")[["unresolved", "overdue"]].sum()
    counted = _rows(
        database,
        "SELECT g.code, count(*) FILTER (WHERE closed_at IS NULL), "
        "count(*) FILTER (WHERE coalesce(closed_at, '2026-01-01Z') > due_at) "
        "FROM issue i JOIN grid g ON g.id = i.grid_id GROUP BY 1",
    )
    assert {code: tuple(counts) for code, *counts in counted} == {
        str(code): (int(row.unresolved), int(row.overdue)) for code, row in recount.iterrows()
    }
    assert requests.unresolved.sum() == 208

    with database.read() as uow:
        period = Period(datetime(2014, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
        found = hotspots(OPERATOR, uow, period)
    by_pandas = requests.groupby("grid").size()
    assert {grid.grid.code: grid.issues for grid in found.grids if grid.issues} == by_pandas.to_dict()
    hot = [grid for grid in found.grids if grid.finding.is_hot]
    assert hot
    assert all(grid.grid.name and not grid.grid.name.isdigit() for grid in hot)
    busiest = max(found.grids, key=lambda grid: grid.issues)
    assert busiest.finding.is_hot or busiest.z > 0


def test_outlines_in_gcj02_that_say_wgs84_are_recognised(database: Database) -> None:
    wanted = DivisionOptions(
        level=Level.STREET, upper={Level.DISTRICT: UpperLevel(name_column="district")}, code_prefix="4401",
        assign_codes=True, allow_gaps=True,
    )  # fmt: skip
    streets = import_layer(
        database,
        Layer.GRIDS,
        "guangzhou/gz_streets_wgs84.geojson",
        division=wanted,
        repair=True,
        tolerance_m=5,
    )
    assert not streets.refused
    huadu = DivisionOptions(level=Level.DISTRICT)
    outcome = import_layer(
        database,
        Layer.GRIDS,
        "guangzhou/huadu_district_gcj02.geojson",
        division=huadu,
        commit=False,
        mapping={"code": "adcode"},
    )
    [warning] = [problem for problem in outcome.report.problems if problem.code == "datum-suspected"]
    assert warning.detail["datum"] == "gcj02"
    assert warning.detail["as_labelled"] == pytest.approx(0.922, abs=0.001)
    assert warning.detail["shifted"] == pytest.approx(0.986, abs=0.001)
    told = import_layer(
        database,
        Layer.GRIDS,
        "guangzhou/huadu_district_gcj02.geojson",
        division=huadu,
        commit=False,
        mapping={"code": "adcode"},
        reference="gcj02",
    )
    codes = {problem.code for problem in told.report.problems}
    assert "datum-suspected" not in codes
    assert "reference-conflict" in codes


def test_tracks_of_rangers_come_in(database: Database) -> None:
    outcome = import_layer(database, Layer.TRACKS, "patrol/smart_patrol_points_32145.parquet")
    assert outcome.report.rows == 32_145
    assert outcome.report.facts == {"tracks": 18, "fixes": 10_147}
    assert len(_numbers(outcome, "second-fix-at-one-time")) == 32_145 - 10_147
    fixes = pd.read_parquet(DATA / "patrol/smart_patrol_points_32145.parquet")
    assert fixes.drop_duplicates(["patrol_id", "fixtime"]).shape[0] == 10_147
    assert _rows(database, "SELECT count(*), sum(fixes) FROM track") == [(18, 10_147)]


def test_the_parts_of_songbei_are_put_together(database: Database) -> None:
    wanted = DivisionOptions(code_lengths=(6, 9, 12, 16), code_pattern="[0-9]+Z?", allow_gaps=True)
    file = "songbei/special_grids.geojson"
    apart, joined = (
        import_layer(
            database, Layer.GRIDS, file, commit=False, division=replace(wanted, join_parts=join_parts)
        )
        for join_parts in (False, True)
    )
    assert len(_numbers(apart, "duplicate-code")) == 4 + 2 + 2
    assert len(_numbers(joined, "part-joined")) == 3 + 1 + 1
    assert (apart.report.rows, joined.report.rows) == (259, 254)
    assert {"duplicate-code", "parts-disagree"}.isdisjoint(joined.report.counts())
