"""What is exported and imported again is what it was, in every format and for every layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Table as SqlTable
from sqlalchemy import text

from geo.db import exchange as db
from geo.db.tables import address, entity, issue, person, track, visit
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, WHOLE_CITY
from geo.domain.exchange import FIELDS, Layer
from geo.domain.grids import Level
from geo.services.exchange.batches import Outcome
from geo.services.exchange.export import export_layer
from geo.services.exchange.formats import geojson
from geo.services.exchange.formats.registry import FORMATS
from geo.services.exchange.importing import import_files
from geo.services.exchange.limits import Limits
from geo.services.exchange.options import DivisionOptions, Options, UpperLevel
from geo.services.exchange.table import Table, numbered, objects
from geo.services.generations import publish

pytestmark = [pytest.mark.database, pytest.mark.slow]

TABLES = {Layer.ENTITIES: entity, Layer.ADDRESSES: address}
ORDER = (Layer.PEOPLE, Layer.ENTITIES, Layer.ADDRESSES, Layer.VISITS, Layer.TRACKS, Layer.ISSUES)
NOON = datetime(2026, 5, 1, 4, 0, 0, 123456, UTC)
LONG = 'He said "网格",\nthen\r\nleft. ' * 30
HISTORY = [
    {
        "at": "2026-05-01T04:00:00.123456+00:00",
        "actor": "li.wei",
        "kind": "created",
        "from_state": None,
        "to_state": "reported",
        "note": LONG,
        "data": {"level": None, "list": [1, "二", {"x": 1.5}]},
    },
    {
        "at": "2026-05-01T05:00:00+00:00",
        "actor": "=admin",
        "kind": "state",
        "from_state": "reported",
        "to_state": "closed",
        "note": None,
        "data": {},
    },
]
POINTS = [shapely.Point(120.01 + n / 977, 30.01 + n / 3571) for n in range(3)]

SEED: dict[Layer, tuple[dict[str, Sequence[Any]], list[Any] | None]] = {
    Layer.PEOPLE: (
        {
            "ref": ["007", "007", "P2", "=P3"],
            "name": ["张三", "张三", "李四", "@王五"],
            "phone": ["+86 571 8888", "+86 571 8888", None, "-1"],
            "organisation": ["", "", None, "社区"],
            "grid_code": ["330106001001001", "330106001001", "330106001001002", None],
            "post": ["head", "supervisor", "police", None],
            "valid_from": [date(2026, 1, 1), date(2025, 1, 1), date(2026, 2, 1), None],
            "valid_to": [None, date(2026, 1, 1), None, None],
            "attributes": [{"年龄": 41}, None, {}, {"a": [1, None, "x"], "b": {"c": True}}],
        },
        None,
    ),
    Layer.ENTITIES: (
        {
            "ref": ["0001", "0002", None],
            "kind": ["premises", "building", "facility"],
            "category": ["餐饮", "", None],
            "name": ["=HYPERLINK(1)", "幸福里 3 幢", "'quoted"],
            "state": ["active", "suspended", "closed"],
            "address": [LONG, "+86", "-1.5"],
            "accuracy_m": [12.5, None, 0.1],
            "households": [None, 120, 0],
            "attributes": [{"zip": "001", "n": 1.5, "none": None, "empty": ""}, {}, {"list": [1, "二"]}],
        },
        [POINTS[0], None, POINTS[2]],
    ),
    Layer.ADDRESSES: (
        {
            "ref": ["a1", None],
            "text": ["文三路 138 号", "文三路138弄2号"],
            "attributes": [{"门牌": "138"}, {}],
        },
        [POINTS[0], None],
    ),
    Layer.VISITS: (
        {
            "ref": ["v1", "v2", None],
            "kind": ["patrol", "home_visit", "check"],
            "visited_at": [NOON, NOON + timedelta(days=1), NOON + timedelta(microseconds=1)],
            "entity_ref": ["0001", None, "0002"],
            "household": ["h1", None, None],
            "door": [None, None, "1-101"],
            "people": ["007;P2", None, "=P3"],
            "result": ["ok", "", None],
            "note": [None, LONG, "-"],
            "attributes": [{"温度": 36.6}, {}, {}],
        },
        [None, POINTS[1], POINTS[2]],
    ),
    Layer.TRACKS: (
        {
            "ref": ["t1", "t1", "t1", "t2", "t2"],
            "person_ref": ["007", "007", "007", None, None],
            "time": [NOON + timedelta(seconds=n, microseconds=n) for n in (0, 60, 120, 0, 9)],
            "speed": [1.5, 2.5, None, None, None],
            "device": ["手机"] * 3 + [None] * 2,
        },
        [*POINTS, POINTS[1], POINTS[0]],
    ),
    Layer.ISSUES: (
        {
            "number": ["0100", "=2+2", "I-3"],
            "category": ["暴露垃圾", "06010", "其他"],
            "description": [LONG, "", None],
            "address": [None, "", "文三路"],
            "state": ["closed", "reported", "void"],
            "reported_at": [NOON, NOON, NOON - timedelta(days=400)],
            "due_at": [NOON + timedelta(hours=4), None, NOON],
            "closed_at": [NOON + timedelta(hours=2, microseconds=7), None, None],
            "kind": ["complaint", None, "=1"],
            "level": ["community", "", None],
            "counted_since": [NOON + timedelta(minutes=1), None, NOON],
            "level_since": [NOON + timedelta(minutes=2), None, None],
            "due_is_given": [False, True, None],
            "result": [LONG, "", None],
            "public_result": ["已清理", None, ""],
            "delay_reason": [None, "-1", "雨"],
            "merged_into": [None, None, "0100"],
            "history": [HISTORY, [], None],
            "attributes": [{"来源": "12345"}, {"x": {"y": []}}, {}],
        },
        [POINTS[0], None, POINTS[1]],
    ),
}


@pytest.fixture
def city(database_url: str, strip_division: Any, tmp_path: Path) -> Iterator[Database]:
    database = Database(database_url, pool_size=1)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="一", valid_from=NOON - timedelta(days=900))
        for layer in ORDER:
            columns, places = SEED[layer]
            table = Table(
                {name: objects(values) for name, values in columns.items()},
                None if places is None else objects(places),
                numbered(len(next(iter(columns.values())))),
            )
            path = tmp_path / f"seed-{layer}.geojson"
            geojson.write(table, path)
            _imported(uow, layer, path)
            _housed(uow, layer)
    yield database
    database.close()


def _housed(uow: UnitOfWork, layer: Layer) -> None:
    """Let households live in the entities that have come in: they are no layer, and come by other ways."""
    if layer is Layer.ENTITIES:
        uow.connection.execute(
            text(
                "INSERT INTO household (ref, building_id, door) SELECT h.ref, entity.id, h.door "
                "FROM (VALUES ('h1', '1-101', '0001'), (NULL, '1-101', '0002')) AS h (ref, door, building) "
                "JOIN entity ON entity.ref = h.building"
            )
        )


def _imported(uow: UnitOfWork, layer: Layer, path: Path, **more: Any) -> Outcome:
    options = Options(reference=more.pop("reference", "wgs84"))
    outcome = import_files(
        OPERATOR, uow, layer, [path], options=options, limits=Limits(), commit=True, **more
    )
    assert outcome.batch_id is not None, outcome.report.problems
    return outcome


Rows = list[dict[str, Any]]
OWN_OF_ISSUES = [
    *(field.name for field in FIELDS[Layer.ISSUES] if field.name not in {"history", "merged_into"}),
    "attributes",
    "grid_id",
]
UPPER = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)


def _snapshot(uow: UnitOfWork) -> dict[str, Rows]:
    connection = uow.connection
    found = {
        "leaves": db.export_grids(connection, None),
        **{level: db.export_grids(connection, level) for level in UPPER},
        Layer.PEOPLE: db.export_people(connection, [WHOLE_CITY], date(2020, 1, 1)),
        Layer.VISITS: db.export_visits(connection, [WHOLE_CITY]),
        Layer.TRACKS: db.export_tracks(connection, [WHOLE_CITY]),
        Layer.ISSUES: db.export_issues(connection, OWN_OF_ISSUES, [WHOLE_CITY]),
        **{
            layer: db.export_located(
                connection,
                table,
                [*(field.name for field in FIELDS[layer]), "attributes", "grid_id"],
                [WHOLE_CITY],
            )
            for layer, table in TABLES.items()
        },
    }
    leaf = dict(connection.execute(text("SELECT id, code FROM grid")).all())
    for columns in found.values():
        for row_of_this_city in ("id", "person_id"):
            columns.pop(row_of_this_city, None)
        if "grid_id" in columns:
            columns["grid_id"] = [leaf.get(grid_id) for grid_id in columns["grid_id"]]
        if "wkb" in columns:
            columns["wkb"] = [wkb and bytes(wkb) for wkb in columns["wkb"]]
    # shapefiles turn rings round
    leaves = shapely.from_wkb(found["leaves"]["wkb"])
    found["leaves"]["wkb"] = shapely.to_wkb(shapely.normalize(leaves)).tolist()
    for level in UPPER:
        # the union of the leaves has the vertices of the leaves besides
        columns = found[level]
        columns["wkb"] = [shapely.from_wkb(wkb).simplify(0).normalize().wkt for wkb in columns["wkb"]]
    return {
        str(name): [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        for name, columns in found.items()
    }


def _emptied(uow: UnitOfWork) -> None:
    """Take everything away, also what nobody may take away."""
    _guard(uow, "DISABLE")
    uow.connection.execute(
        text("TRUNCATE issue, track, visit, address, entity, person, generation, import_batch CASCADE")
    )
    _guard(uow, "ENABLE")


def _guard(uow: UnitOfWork, state: str) -> None:
    guarded = text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%is_not_emptied'")
    for table in uow.connection.execute(guarded).scalars().all():
        uow.connection.execute(text(f"ALTER TABLE {table} {state} TRIGGER USER"))


def _exported(city: Database, folder: Path, name: str, reference: str) -> dict[str, Path]:
    suffix = FORMATS[name].extensions[0]
    files = {}
    with city.write() as uow:
        for level in Level:
            files[level] = folder / f"{level}{suffix}"
            export_layer(
                OPERATOR, uow, Layer.GRIDS, name, files[level], level=level, reference_name=reference
            )
        for layer in ORDER:
            kind = "csv" if layer is Layer.PEOPLE and name == "shapefile" else name
            files[layer] = folder / f"{layer}{FORMATS[kind].extensions[0]}"
            export_layer(OPERATOR, uow, layer, kind, files[layer], reference_name=reference)
    return files


def _restored(city: Database, files: dict[str, Path], reference: str) -> None:
    upper = {
        level: UpperLevel(outlines=files[level], reference=reference)
        for level in Level
        if level is not Level.UNIT
    }
    with city.write() as uow:
        _emptied(uow)
        division = DivisionOptions(upper=upper, valid_from=NOON - timedelta(days=900))
        _imported(uow, Layer.GRIDS, files[Level.UNIT], division=division, reference=reference)
        for layer in ORDER:
            _imported(uow, layer, files[layer], reference=reference)
            _housed(uow, layer)


def _as_dbf_keeps(rows: Rows) -> Rows:
    """Give rows without empty text and without blanks at the end of text, which the format doesn't know."""
    return [
        {name: (value.rstrip() or None) if isinstance(value, str) else value for name, value in row.items()}
        for row in rows
    ]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "gpx"])
def test_a_round_trip_loses_nothing(city: Database, tmp_path: Path, name: str) -> None:
    with city.read() as uow:
        before = _snapshot(uow)
    _restored(city, _exported(city, tmp_path, name, "wgs84"), "wgs84")
    with city.read() as uow:
        after = _snapshot(uow)
    for row in after[Layer.ISSUES]:
        *row["history"], last = row["history"]
        assert last["kind"] == "imported"
    for layer, rows in before.items():
        expected = _as_dbf_keeps(rows) if name == "shapefile" and layer != Layer.PEOPLE else rows
        assert after[layer] == expected, layer


def test_gpx_gives_tracks_back(city: Database, tmp_path: Path) -> None:
    with city.write() as uow:
        export_layer(OPERATOR, uow, Layer.TRACKS, "gpx", tmp_path / "a.gpx")
        before = _snapshot(uow)["tracks"]
        _emptied(uow)
        _imported(uow, Layer.TRACKS, tmp_path / "a.gpx")
        after = _snapshot(uow)["tracks"]
    assert [(row["ref"], row["wkb"]) for row in after] == [(row["ref"], row["wkb"]) for row in before]


def test_a_shifted_datum_comes_back_to_a_tenth_of_a_millimetre(city: Database, tmp_path: Path) -> None:
    with city.read() as uow:
        before = _snapshot(uow)
    _restored(city, _exported(city, tmp_path, "geojson", "gcj02"), "gcj02")
    with city.read() as uow:
        after = _snapshot(uow)
    for layer in (Layer.ENTITIES, "leaves", Layer.TRACKS):
        old, new = (
            shapely.get_coordinates(shapely.from_wkb([row["wkb"] for row in rows[layer]]))
            for rows in (before, after)
        )
        np.testing.assert_allclose(old, new, atol=1e-9)


MADE_ANEW = {"id", "grid_id", "batch_id", "revision", "created_at", "updated_at"}
"""What every table has, and what is made anew when rows come in."""
COMPUTED = {
    Layer.ADDRESSES: {"normalized"},
    Layer.ISSUES: {"missed_at", "missed_levels"},
    Layer.TRACKS: {"started_at", "ended_at", "fixes", "length_m"},
}
AS_FIELDS = {
    "entity_id": {"entity_ref", "entity_name"},
    "household_id": {"household", "door"},
    "merged_into_id": {"merged_into"},
    "person_id": {"person_ref"},
    "geom": set(),
    "attributes": set(),
}
"""What a column is in a file: keys in place of ids, and what every layer has besides its fields."""


@pytest.mark.parametrize(
    ("layer", "table"),
    [
        *TABLES.items(),
        (Layer.VISITS, visit),
        (Layer.ISSUES, issue),
        (Layer.TRACKS, track),
        (Layer.PEOPLE, person),
    ],
)
def test_no_column_of_a_table_is_forgotten(layer: Layer, table: SqlTable) -> None:
    fields = {field.name for field in FIELDS[layer]}
    kept = {column.name for column in table.columns} - MADE_ANEW - COMPUTED.get(layer, set())
    assert {name for name in kept if not AS_FIELDS.get(name, {name}) <= fields} == set()
