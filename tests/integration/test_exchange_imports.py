"""Imports judge row by row, and keep a batch wholly or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from geo.db.exchange import export_issues
from geo.db.unit_of_work import Database
from geo.domain.actors import ANONYMOUS, OPERATOR, WHOLE_CITY, Actor, Grant, Jurisdiction, Role
from geo.domain.exchange import Layer, OnExisting
from geo.domain.grids import Level
from geo.errors import Forbidden, OutsideJurisdiction, Unauthenticated
from geo.services.exchange.batches import Outcome, get_batch, list_batches
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import DivisionOptions, Options, UpperLevel
from geo.services.generations import publish

pytestmark = pytest.mark.database
START = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=1)
    yield database
    database.close()


@pytest.fixture
def city(database: Database, strip_division: Any) -> Database:
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="一", valid_from=START)
    return database


def _import(
    database: Database, layer: Layer, path: Path, *, commit: bool = True, division: Any = None, **options: Any
) -> Outcome:
    asked = Options(**{"reference": "wgs84"} | options)
    with database.write() as uow:
        return import_files(
            OPERATOR, uow, layer, [path], options=asked, limits=Limits(), commit=commit, division=division
        )


def _csv(folder: Path, *lines: str) -> Path:
    path = folder / f"rows-{len(list(folder.iterdir()))}.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _count(database: Database, statement: str) -> Any:
    with database.read() as uow:
        return uow.connection.execute(text(statement)).scalar_one()


def _codes(outcome: Outcome) -> list[tuple[str, int | None]]:
    return [(problem.code, problem.row) for problem in outcome.report.problems]


def test_a_dry_run_writes_nothing(city: Database, tmp_path: Path) -> None:
    path = _csv(tmp_path, "ref,名称,lon,lat", "1,甲,120.01,30.01")
    with city.read() as uow:  # a transaction that can't write
        outcome = import_files(
            OPERATOR,
            uow,
            Layer.ENTITIES,
            [path],
            options=Options(reference="wgs84"),
            limits=Limits(),
            commit=False,
        )
    assert (outcome.report.accepted, outcome.batch_id) == (1, None)


def test_a_bad_row_keeps_all_from_being_written_unless_it_is_skipped(city: Database, tmp_path: Path) -> None:
    path = _csv(
        tmp_path, "ref,name,households,lon,lat", "1,甲,3,120.01,30.01", "2,乙,x,120.02,30.02", "3,,1,120,30"
    )
    refused = _import(city, Layer.ENTITIES, path)
    assert refused.refused
    assert _codes(refused) == [("bad-value", 2), ("missing-value", 3)]
    assert _count(city, "SELECT count(*) FROM entity") == 0
    assert _count(city, "SELECT count(*) FROM import_batch") == 0
    kept = _import(city, Layer.ENTITIES, path, skip_bad=True)
    assert kept.batch_id is not None
    assert _count(city, "SELECT array_agg(ref) FROM entity") == ["1"]


def test_rows_know_their_grid_and_their_batch(city: Database, tmp_path: Path) -> None:
    path = _csv(tmp_path, "ref,name,lon,lat,other", "1,甲,120.01,30.01,x", "2,乙,0,0,y", "3,丙,130,30,")
    outcome = _import(city, Layer.ENTITIES, path)
    with city.read() as uow:
        rows = uow.connection.execute(
            text(
                "SELECT ref, code, e.attributes, batch_id "
                "FROM entity e LEFT JOIN grid g ON g.id = grid_id ORDER BY 1"
            )
        ).all()
        batch = get_batch(OPERATOR, uow, rows[0].batch_id)
    assert [tuple(row)[:3] for row in rows] == [
        ("1", "330106001001001", {"other": "x"}),
        ("2", None, {"other": "y"}),
        ("3", None, {"other": None}),
    ]
    assert _codes(outcome) == [("placeholder-point", 2)]
    assert (batch.reference, batch.row_count, batch.filename) == ("wgs84", 3, path.name)
    assert _count(city, "SELECT count(*) FROM audit_log WHERE action = 'import'") == 1


def test_numbers_without_a_reference_are_refused(city: Database, tmp_path: Path) -> None:
    path = _csv(tmp_path, "name,lon,lat", "甲,120.01,30.01")
    outcome = _import(city, Layer.ENTITIES, path, reference=None)
    assert outcome.refused
    assert _codes(outcome) == [("reference-undeclared", None)]


def test_swapped_and_impossible_positions_are_not_located(city: Database, tmp_path: Path) -> None:
    path = _csv(tmp_path, "name,lon,lat", "甲,30.01,120.01", "乙,120.01,230", "丙,120.01,30.01")
    outcome = _import(city, Layer.ENTITIES, path)
    assert _codes(outcome) == [("lon-lat-swapped", 1), ("out-of-range", 2)]
    assert outcome.report.located == 1


def test_rows_that_are_there_are_refused_skipped_or_updated(city: Database, tmp_path: Path) -> None:
    first = _csv(tmp_path, "ref,name,lon,lat", "1,甲,120.01,30.01")
    second = _csv(tmp_path, "ref,name,lon,lat", "1,新,120.05,30.01", "2,乙,120.01,30.01")
    _import(city, Layer.ENTITIES, first)
    assert _codes(_import(city, Layer.ENTITIES, second)) == [("already-there", 1)]
    _import(city, Layer.ENTITIES, second, on_existing=OnExisting.SKIP)
    assert _count(city, "SELECT array_agg(name ORDER BY ref) FROM entity") == ["甲", "乙"]
    _import(city, Layer.ENTITIES, second, on_existing=OnExisting.UPDATE)
    assert _count(city, "SELECT array_agg(name ORDER BY ref) FROM entity") == ["新", "乙"]
    assert _count(city, "SELECT revision FROM entity WHERE ref = '1'") == 2
    assert (
        _count(city, "SELECT code FROM entity e JOIN grid g ON g.id = grid_id WHERE ref = '1'")
        == "330106001001002"
    )


def test_the_same_file_again_is_noticed(city: Database, tmp_path: Path) -> None:
    path = _csv(tmp_path, "name,lon,lat", "甲,120.01,30.01")
    _import(city, Layer.ENTITIES, path)
    assert ("same-file-again", None) in _codes(_import(city, Layer.ENTITIES, path, commit=False))


def test_a_key_that_stands_twice_is_an_error(city: Database, tmp_path: Path) -> None:
    path = _csv(tmp_path, "ref,name", "1,甲", "1,乙")
    assert _codes(_import(city, Layer.ENTITIES, path)) == [("duplicate-key", 2)]


def test_issues_have_states_times_and_a_history(city: Database, tmp_path: Path) -> None:
    path = _csv(
        tmp_path,
        "任务号,类别,状态,上报时间,截止时间,结案时间",
        "A1,垃圾,已结案,2024-05-01 08:00,2024-05-02,2024年5月1日 10:00",
        "A2,垃圾,Open (Duplicate),2024-05-01 08:00,,",
        "A3,垃圾,结案,2024-05-01 08:00,,",
        "A4,垃圾,莫名,2024-05-01 08:00,,",
    )
    refused = _import(city, Layer.ISSUES, path)
    assert [(code, row) for code, row in _codes(refused)] == [("closed-without-time", 3), ("bad-value", 4)]
    _import(city, Layer.ISSUES, path, skip_bad=True)
    assert _count(city, "SELECT array_agg(state ORDER BY number) FROM issue") == ["closed", "accepted"]
    assert _count(city, "SELECT min(closed_at) FROM issue") == datetime(2024, 5, 1, 2, tzinfo=UTC)
    assert _count(city, "SELECT count(*) FROM issue_event WHERE kind = 'imported'") == 2


def test_people_hold_posts_and_visits_name_them(city: Database, tmp_path: Path) -> None:
    people = _csv(
        tmp_path,
        "编号,姓名,网格编码,岗位,开始日期",
        "P1,张三,330106001001001,网格长,2024-01-01",
        "P1,张三,330106001001,督导员,2024-01-01",
    )
    _import(city, Layer.PEOPLE, people)
    assert _count(city, "SELECT count(*) FROM person") == 1
    assert _count(city, "SELECT array_agg(post ORDER BY post) FROM assignment") == ["head", "supervisor"]
    strange = _csv(tmp_path, "编号,姓名,网格编码,岗位", "P2,李四,999,国王")
    assert {code for code, _ in _codes(_import(city, Layer.PEOPLE, strange))} >= {
        "unknown-grid",
        "unknown-post",
    }
    _import(city, Layer.ENTITIES, _csv(tmp_path, "ref,name,lon,lat", "E1,甲,120.01,30.01"))
    visits = _csv(
        tmp_path, "ref,time,entity_ref,人员", "V1,2024-05-01 08:00,E1,张三", "V2,2024-05-01 08:00,E9,王五"
    )
    refused = _import(city, Layer.VISITS, visits)
    assert _codes(refused) == [("unknown-entity", 2), ("unknown-person", 2)]
    _import(city, Layer.VISITS, visits, skip_bad=True)
    assert _count(city, "SELECT count(*) FROM visit_person") == 1
    assert _count(city, "SELECT code FROM visit v JOIN grid g ON g.id = v.grid_id") == "330106001001001"


def test_tracks_are_lines_with_times_and_jumps_are_told(city: Database, tmp_path: Path) -> None:
    path = _csv(
        tmp_path,
        "track,time,lon,lat",
        "T1,2024-05-01 08:02:00,120.011,30.01",
        "T1,2024-05-01 08:00:00,120.010,30.01",
        "T1,2024-05-01 08:02:01,120.111,30.01",
        "T2,2024-05-01 08:00:00,120.010,30.01",
    )
    outcome = _import(city, Layer.TRACKS, path)
    assert sorted(_codes(outcome)) == [("gps-jump", 3), ("track-of-one-fix", 4)]
    assert _count(city, "SELECT fixes FROM track") == 3
    assert _count(city, "SELECT length_m FROM track") == pytest.approx(9736, rel=0.01)
    assert _count(city, "SELECT tableoid::regclass::text FROM track") == "track_2024_05"
    assert _count(city, "SELECT ST_IsValidTrajectory(geom) FROM track")


# grids ---------------------------------------------------------------------------------------------------


def _grids(
    folder: Path, cells: Sequence[shapely.Geometry], codes: Sequence[str | None], **columns: Any
) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, **{name: values[at] for name, values in columns.items()}},
            "geometry": json.loads(shapely.to_geojson(cell)),
        }
        for at, (cell, code) in enumerate(zip(cells, codes, strict=True))
    ]
    path = folder / f"grids-{len(list(folder.iterdir()))}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


STEP = 0.01
TWO_BY_TWO = [
    shapely.box(120 + x * STEP, 30 + y * STEP, 120 + (x + 1) * STEP, 30 + (y + 1) * STEP)
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))
]
CODES = [
    f"330106001{community}{unit}"
    for community, unit in (("001", "001"), ("002", "001"), ("001", "002"), ("002", "002"))
]


def test_levels_above_are_made_of_what_codes_begin_with(database: Database, tmp_path: Path) -> None:
    path = _grids(tmp_path, TWO_BY_TWO, CODES, households=[1, 2, None, 4])
    outcome = _import(database, Layer.GRIDS, path)
    assert outcome.report.facts["levels"] == {"district": 1, "street": 1, "community": 2, "unit": 4}
    households = "SELECT array_agg(households ORDER BY code) FROM grid WHERE level = 'community'"
    assert _count(database, households) == [1, 6]
    assert _count(database, "SELECT households FROM grid WHERE level = 'district'") == 7
    assert _count(database, "SELECT count(*) FROM grid_within") == 4 * 4 + 2 * 3 + 2 + 1


def test_a_broken_partition_is_refused_and_repaired_when_asked(database: Database, tmp_path: Path) -> None:
    wider = shapely.box(120 - 1e-6 + STEP, 30, 120 + 2 * STEP, 30 + STEP)
    path = _grids(tmp_path, [TWO_BY_TWO[0], wider, *TWO_BY_TWO[2:]], CODES)
    refused = _import(database, Layer.GRIDS, path)
    assert refused.refused
    codes = {code for code, _ in _codes(refused)}
    assert {"overlap", "unmatched-edge", "broken-partition"} <= codes
    overlap = next(problem for problem in refused.report.problems if problem.code == "overlap")
    assert overlap.area_m2 == pytest.approx(0.0964 * 1109, rel=0.05)
    assert overlap.lon == pytest.approx(120.01, abs=1e-4)
    assert _count(database, "SELECT count(*) FROM grid") == 0
    _import(database, Layer.GRIDS, path, repair=True)
    with database.read() as uow:
        found = (
            uow.connection.execute(text("SELECT ST_AsBinary(geom) FROM grid WHERE is_leaf")).scalars().all()
        )
    assert shapely.coverage_is_valid(shapely.from_wkb([bytes(wkb) for wkb in found]))


def test_a_repair_beyond_the_tolerance_is_refused(database: Database, tmp_path: Path) -> None:
    wider = shapely.box(120 - 1e-4 + STEP, 30, 120 + 2 * STEP, 30 + STEP)  # 10 m
    path = _grids(tmp_path, [TWO_BY_TWO[0], wider, *TWO_BY_TWO[2:]], CODES)
    refused = _import(database, Layer.GRIDS, path, repair=True)
    assert refused.refused
    assert "repair-refused" in {code for code, _ in _codes(refused)}


def test_holes_are_admitted_when_asked(database: Database, tmp_path: Path) -> None:
    ring = shapely.box(120, 30, 120.03, 30.03) - shapely.box(120.01, 30.01, 120.02, 30.02)
    halves = [ring & shapely.box(120, 30, 120.015, 30.03), ring & shapely.box(120.015, 30, 120.03, 30.03)]
    path = _grids(tmp_path, halves, CODES[::2])
    refused = _import(database, Layer.GRIDS, path)
    assert refused.refused
    gap = next(problem for problem in refused.report.problems if problem.code == "gap")
    assert gap.area_m2 == pytest.approx(965 * 1109, rel=0.02)
    assert not _import(database, Layer.GRIDS, path, division=DivisionOptions(allow_gaps=True)).refused


def test_rows_that_share_a_code_are_put_together_when_asked(database: Database, tmp_path: Path) -> None:
    codes = [CODES[0], CODES[1], CODES[1], CODES[0]]
    path = _grids(tmp_path, TWO_BY_TWO, codes, households=[5, 7, 7, 5])
    refused = _import(database, Layer.GRIDS, path)
    assert [row for code, row in _codes(refused) if code == "duplicate-code"] == [1, 2, 3, 4]
    wanted = DivisionOptions(join_parts=True)
    dry = _import(database, Layer.GRIDS, path, commit=False, division=wanted)
    told = [
        (one.row, one.value, one.detail["into"]) for one in dry.report.problems if one.code == "part-joined"
    ]
    assert told == [(3, CODES[1], 2), (4, CODES[0], 1)]
    assert _count(database, "SELECT count(*) FROM grid") == 0
    assert not _import(database, Layer.GRIDS, path, division=wanted).refused
    with database.read() as uow:
        statement = "SELECT code, households, ST_AsBinary(geom) FROM grid WHERE is_leaf ORDER BY code"
        rows = uow.connection.execute(text(statement)).all()
    kept = {row[0]: (row[1], shapely.from_wkb(bytes(row[2]))) for row in rows}
    assert {code: households for code, (households, _) in kept.items()} == {CODES[0]: 5, CODES[1]: 7}
    for code, (_, ground) in kept.items():
        pieces = [piece for piece, own in zip(TWO_BY_TWO, codes, strict=True) if own == code]
        assert shapely.equals(ground, shapely.union_all(pieces))


def test_parts_that_disagree_are_not_put_together(database: Database, tmp_path: Path) -> None:
    path = _grids(tmp_path, TWO_BY_TWO, [CODES[0], CODES[1], CODES[2], CODES[0]], households=[5, 7, 8, 6])
    outcome = _import(database, Layer.GRIDS, path, division=DivisionOptions(join_parts=True))
    assert outcome.refused
    (told,) = (one for one in outcome.report.problems if one.code == "parts-disagree")
    assert (told.row, told.field, told.value, told.detail) == (1, "households", "6", {"part": 4})


def test_missing_codes_are_listed_or_given_west_to_east(database: Database, tmp_path: Path) -> None:
    path = _grids(tmp_path, TWO_BY_TWO, [CODES[0], None, None, CODES[3]])
    refused = _import(database, Layer.GRIDS, path)
    assert [row for code, row in _codes(refused) if code == "missing-code"] == [2, 3]
    outcome = _import(database, Layer.GRIDS, path, division=DivisionOptions(assign_codes=True))
    assert not outcome.refused
    adopted = [
        problem.detail["how"] for problem in outcome.report.problems if problem.code == "parent-adopted"
    ]
    assert adopted == ["border", "border"]
    assert _count(database, "SELECT count(*) FROM grid WHERE is_leaf") == 4


def test_grids_without_any_code_are_numbered_under_a_prefix(database: Database, tmp_path: Path) -> None:
    path = _grids(tmp_path, TWO_BY_TWO, [None] * 4)
    wanted = DivisionOptions(level=Level.STREET, assign_codes=True, code_prefix="330106")
    _import(database, Layer.GRIDS, path, division=wanted)
    with database.read() as uow:
        found = uow.connection.execute(
            text("SELECT code, ST_X(ST_Centroid(geom)) FROM grid ORDER BY 1")
        ).all()
    assert [code for code, _ in found] == ["330106001", "330106002", "330106003", "330106004"]
    assert [round(x, 6) for _, x in found] == [120.005, 120.005, 120.015, 120.015]


def test_outlines_that_differ_from_their_children_are_told(database: Database, tmp_path: Path) -> None:
    path = _grids(tmp_path, TWO_BY_TWO, CODES)
    outline = _grids(
        tmp_path, [shapely.box(120, 30, 120 + STEP, 30 + 2.1 * STEP)], ["330106001001"], name=["朝阳"]
    )
    upper = {Level.COMMUNITY: UpperLevel(code_column="community", outlines=outline)}
    path = _grids(tmp_path, TWO_BY_TWO, CODES, community=[code[:12] for code in CODES])
    outcome = _import(database, Layer.GRIDS, path, division=DivisionOptions(upper=upper))
    found = {problem.code: problem for problem in outcome.report.problems}
    assert found["short-of-outline"].area_m2 == pytest.approx(965 * 111, rel=0.02)
    assert found["no-outline"].value == "330106001002"
    assert _count(database, "SELECT name FROM grid WHERE code = '330106001001'") == "朝阳"


@pytest.mark.parametrize("code", ["33010600100100", "33010600100100A", "x"])
def test_codes_that_break_the_rule_are_errors(database: Database, tmp_path: Path, code: str) -> None:
    outcome = _import(database, Layer.GRIDS, _grids(tmp_path, TWO_BY_TWO[:1], [code]))
    assert ("bad-code", 1) in _codes(outcome)
    assert outcome.refused


# rights --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "layer", "error"),
    [
        (ANONYMOUS, Layer.ENTITIES, Unauthenticated),
        (Actor("i", 1, grants=(Grant(Role.INSPECTOR),)), Layer.ENTITIES, Forbidden),
        (Actor("p", 1, grants=(Grant(Role.PLANNER),)), Layer.ENTITIES, Forbidden),
        (Actor("l", 1, grants=(Grant(Role.LEADER),)), Layer.GRIDS, Forbidden),
        (Actor("a", 1, grants=(Grant(Role.ADMIN, "330106001"),)), Layer.ENTITIES, OutsideJurisdiction),
        (Actor("p", 1, grants=(Grant(Role.PLANNER, "330106001"),)), Layer.GRIDS, OutsideJurisdiction),
    ],
)
def test_who_may_not_import_is_told_before_a_file_is_read(
    city: Database, actor: Actor, layer: Layer, error: type[Exception]
) -> None:
    with city.write() as uow, pytest.raises(error):
        import_files(actor, uow, layer, [Path("missing")], options=Options(), limits=Limits(), commit=True)
    with city.read() as uow, pytest.raises((Unauthenticated, Forbidden)):
        list_batches(actor if layer is Layer.ENTITIES else ANONYMOUS, uow, limit=1)


EVENT = {"at": "2026-05-01T04:00:00Z", "actor": "li.wei", "kind": "created", "to_state": "reported"}


def _issues(folder: Path, *rows: dict[str, Any]) -> Path:
    usual = {"category": "暴露垃圾", "reported_at": "2026-05-01T12:00:00+08:00"}
    features = [{"type": "Feature", "geometry": None, "properties": usual | row} for row in rows]
    path = folder / f"issues-{len(list(folder.iterdir()))}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "event",
    [
        {**EVENT, "at": "yesterday"},
        {**EVENT, "at": "2026-05-01T04:00:00"},
        {**EVENT, "at": 1},
        {**EVENT, "actor": ""},
        {**EVENT, "kind": "forged"},
        {**EVENT, "kind": ["created"]},
        {**EVENT, "to_state": "gone"},
        {**EVENT, "from_state": {}},
        {**EVENT, "note": 3},
        {**EVENT, "data": [1]},
        {**EVENT, "more": 1},
        {},
    ],
)
def test_a_history_that_is_none_is_an_error(city: Database, tmp_path: Path, event: dict[str, Any]) -> None:
    outcome = _import(city, Layer.ISSUES, _issues(tmp_path, {"number": "1", "history": [event]}))
    assert outcome.refused
    assert _codes(outcome) == [("bad-history", 1)]


@pytest.mark.parametrize("history", [[1], {"a": 1}, "[", 7])
def test_what_is_no_list_of_events_is_a_bad_value(city: Database, tmp_path: Path, history: Any) -> None:
    outcome = _import(city, Layer.ISSUES, _issues(tmp_path, {"number": "1", "history": history}))
    assert _codes(outcome) == [("bad-value", 1)]


@pytest.mark.parametrize(
    ("due_at", "late"), [("2026-05-02T10:00:00+00:00", ["village"]), ("2026-W18-6T10:00:00+00:00", [])]
)
def test_a_history_tells_on_which_level_an_issue_was_late(
    city: Database, tmp_path: Path, due_at: str, late: list[str]
) -> None:
    data = {"because": "overdue", "due_at": due_at, "from_level": "village", "to_level": "city"}
    events = [EVENT, {**EVENT, "kind": "escalated", "from_state": None, "to_state": None, "data": data}]
    _import(city, Layer.ISSUES, _issues(tmp_path, {"number": "1", "history": events}))
    with city.read() as uow:
        kept = uow.connection.execute(text("SELECT missed_at, missed_levels FROM issue")).one()
    assert kept.missed_levels == late
    assert kept.missed_at == (datetime.fromisoformat(due_at) if late else None)


def test_a_history_is_written_once(city: Database, tmp_path: Path) -> None:
    path = _issues(tmp_path, {"number": "1", "history": [EVENT]})
    _import(city, Layer.ISSUES, path)
    _import(city, Layer.ISSUES, path, on_existing=OnExisting.UPDATE)
    with city.read() as uow:
        kinds = uow.connection.execute(text("SELECT kind FROM issue_event ORDER BY id")).scalars().all()
    assert kinds == ["created", "imported", "imported"]


def test_issues_are_merged_into_those_there_and_those_that_come_along(city: Database, tmp_path: Path) -> None:
    _import(city, Layer.ISSUES, _issues(tmp_path, {"number": "1"}))
    void = {"state": "void"}
    path = _issues(
        tmp_path,
        {"number": "2", "merged_into": "1", **void},
        {"number": "3", "merged_into": "4", **void},
        {"number": "4"},
    )
    assert not _import(city, Layer.ISSUES, path).refused
    merged = (
        "SELECT string_agg(a.number || b.number, ' ' ORDER BY a.id) "
        "FROM issue a JOIN issue b ON b.id = a.merged_into_id"
    )
    assert _count(city, merged) == "21 34"
    bad = _issues(
        tmp_path,
        {"number": "5", "merged_into": "99", **void},
        {"number": "6", "merged_into": "6", **void},
        {"number": "7", "merged_into": "1"},
    )
    assert _codes(_import(city, Layer.ISSUES, bad)) == [
        ("unknown-issue", 1),
        ("unknown-issue", 2),
        ("merged-not-void", 3),
    ]


def test_who_has_a_part_of_the_city_learns_no_number_of_another_part(city: Database, tmp_path: Path) -> None:
    path = _csv(
        tmp_path,
        "number,category,reported_at,state,merged_into,lon,lat",
        "1,x,2026-05-01T12:00:00+08:00,,,120.001,30.005",
        "2,x,2026-05-01T12:00:00+08:00,void,3,120.002,30.005",
        "3,x,2026-05-01T12:00:00+08:00,,,120.07,30.005",
        "4,x,2026-05-01T12:00:00+08:00,void,1,120.003,30.005",
    )
    assert not _import(city, Layer.ISSUES, path).refused
    with city.read() as uow:
        own = Jurisdiction(frozenset({"330106001001001"}))
        part = export_issues(uow.connection, ["number"], [own])
        whole = export_issues(uow.connection, ["number"], [WHOLE_CITY])
    assert dict(zip(part["number"], part["merged_into"], strict=True)) == {"1": None, "2": None, "4": "1"}
    assert dict(zip(whole["number"], whole["merged_into"], strict=True))["2"] == "3"


def test_the_household_of_a_visit_has_to_live_in_its_building(city: Database, tmp_path: Path) -> None:
    _import(city, Layer.ENTITIES, _csv(tmp_path, "ref,name,kind", "b,楼,building", "c,楼,building"))
    with city.write() as uow:
        uow.connection.execute(
            text(
                "INSERT INTO household (ref, building_id, door) "
                "SELECT 'h', id, '101' FROM entity WHERE ref = 'b'"
            )
        )
    rows = ("b,h,", "b,,101", "c,h,", "c,,101", "b,x,", "b,,")
    path = _csv(
        tmp_path,
        "visited_at,entity_ref,household,door",
        *(f"2026-05-01T12:00:00+08:00,{row}" for row in rows),
    )
    outcome = _import(city, Layer.VISITS, path, skip_bad=True)
    assert _codes(outcome) == [("unknown-household", row) for row in (3, 4, 5)]
    assert _count(city, "SELECT array_agg(household_id IS NOT NULL ORDER BY id) FROM visit") == [
        True,
        True,
        False,
    ]
