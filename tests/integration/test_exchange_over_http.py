"""Files come in and go out over HTTP with the rights, limits and words of every other route."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.settings import Limits, Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Grant, Role
from geo.services import accounts
from geo.services.exchange.formats.registry import FORMATS
from geo.services.generations import publish

pytestmark = pytest.mark.database
PASSWORD = "four quiet grey herons"
ROWS = "ref,name,lon,lat\n1,=1+1,120.01,30.01\n2,乙,120.05,30.02\n"


@pytest.fixture(scope="module")
def database(module_database_url: str, strip_division: Any) -> Iterator[Database]:
    database = Database(module_database_url, pool_size=1)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="一", valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    yield database
    database.close()


@pytest.fixture(autouse=True)
def _empty(database: Database) -> None:
    with database.write() as uow:
        uow.connection.execute(text("DELETE FROM entity"))
        uow.connection.execute(text("DELETE FROM import_batch"))


@pytest.fixture(scope="module")
def client(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        database_url=database.url,
        data_dir=tmp_path_factory.mktemp("home"),
        limits=Limits(upload_bytes=200_000),
    )
    with database.write() as uow:
        accounts.create(OPERATOR, uow, username="root", password=PASSWORD, grants=[Grant(Role.ADMIN)])
    with TestClient(create_app(settings)) as client:
        answer = client.post("/api/v1/auth/token", data={"username": "root", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def _post(client: TestClient, layer: str, name: str, content: bytes | str, **form: Any) -> Any:
    options = json.dumps({"reference": "wgs84"} | form.pop("options", {}))
    return client.post(
        f"/api/v1/imports/{layer}", files={"file": (name, content)}, data={"options": options} | form
    )


def _count(database: Database, table: str) -> int:
    with database.read() as uow:
        return int(uow.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_an_import_is_a_dry_run_unless_told_otherwise(client: TestClient, database: Database) -> None:
    answer = _post(client, "entities", "a.csv", ROWS)
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["accepted"], answer.json()["located"]) == ("dry-run", 2, 2)
    assert _count(database, "entity") == 0
    answer = _post(client, "entities", "a.csv", ROWS, dry_run="false")
    assert answer.json()["state"] == "committed"
    assert _count(database, "entity") == 2
    batch = answer.json()["batch"]
    assert [one["id"] for one in client.get("/api/v1/imports").json()["batches"]] == [batch]
    assert client.get(f"/api/v1/imports/{batch}").json()["report"]["accepted"] == 2
    assert client.get(f"/api/v1/imports/{batch + 1}").status_code == 404


def test_bad_rows_are_a_conflict_and_leave_nothing(client: TestClient, database: Database) -> None:
    bad = ROWS + "2,丙,120,30\n"
    report = _post(client, "entities", "a.csv", bad).json()
    assert [(one["row"], one["code"]) for one in report["problems"]] == [(3, "duplicate-key")]
    assert report["problems"][0]["zh"] == "“2”重复出现"
    answer = _post(client, "entities", "a.csv", bad, dry_run="false")
    assert answer.status_code == 409
    assert answer.json()["fields"]["reasons"][0]["code"] == "duplicate-key"
    assert _count(database, "entity") == _count(database, "import_batch") == 0


def test_a_broken_partition_is_a_conflict_of_its_own(client: TestClient) -> None:
    cells = [shapely.box(120, 30, 120.01, 30.01), shapely.box(120.005, 30, 120.02, 30.01)]
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"33010600100100{at}"},
            "geometry": json.loads(shapely.to_geojson(cell)),
        }
        for at, cell in enumerate(cells, start=1)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features})
    answer = _post(client, "grids", "a.geojson", content, dry_run="false")
    assert answer.status_code == 409
    assert answer.json()["code"] == "broken-partition"
    assert answer.json()["fields"]["overlaps"] == 1


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.csv", b"x" * 300_000, 413, "limit-exceeded"),
        ("a.exe", b"MZ", 422, "unknown-format"),
        ("../../etc/passwd.csv", b"a,a\n1,2\n", 422, "malformed"),
        ("a.geojson", b"{", 422, "malformed"),
        ("a.gpkg", b"SQLite format 3\0rest", 422, "malformed"),
        ("a.xlsx", b"PK\3\4", 422, "malformed"),
        ("", ROWS.encode(), 422, None),
        (".csv", ROWS.encode(), 422, "unknown-format"),
    ],
)
def test_hostile_files_are_refused_in_words(
    client: TestClient, name: str, content: bytes, status: int, code: str | None
) -> None:
    answer = _post(client, "entities", name, content)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert code is None or answer.json()["code"] == code


@pytest.mark.parametrize(
    "options",
    [
        "[]",
        "{",
        '{"nonsense": 1}',
        '{"reference": "EPSG:0"}',
        '{"timezone": "../x"}',
        '{"mapping": {"name": "x"}}',
        '{"encoding": "rot13"}',
        '{"tolerance_m": -1}',
    ],
)
def test_bad_options_are_refused_in_words(client: TestClient, options: str) -> None:
    answer = client.post(
        "/api/v1/imports/entities", files={"file": ("a.csv", ROWS)}, data={"options": options}
    )
    assert answer.status_code == 422
    assert answer.json()["code"] != "invalid-geometry"


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "gpx"])
def test_a_layer_goes_out_in_each_format(client: TestClient, name: str) -> None:
    _post(client, "entities", "a.csv", ROWS, dry_run="false")
    answer = client.get("/api/v1/exports/entities", params={"format": name})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(FORMATS[name].media_type)
    assert f"entities{FORMATS[name].extensions[0]}" in answer.headers["content-disposition"]
    if name == "csv":
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert '"\'=1+1"' in answer.text
    if name in {"xlsx", "shapefile"}:
        assert zipfile.is_zipfile(io.BytesIO(answer.content))


def test_what_cannot_go_out_is_said(client: TestClient) -> None:
    for params in (
        {"format": "gpx"},
        {"format": "exe"},
        {"crs": "EPSG:0"},
        {"format": "kml", "crs": "gcj02"},
    ):
        answer = client.get("/api/v1/exports/entities", params=params)
        assert answer.status_code == 422, params
    assert client.get("/api/v1/exports/nonsense").status_code == 422


def _judge(client: TestClient, *files: tuple[str, str], **options: Any) -> Any:
    sent = [("file", one) for one in files]
    asked = json.dumps({"reference": "wgs84"} | options)
    return client.post("/api/v1/imports/entities", files=sent, data={"options": asked})


def test_several_files_are_one_batch(client: TestClient, database: Database) -> None:
    files = [("file", ("a.csv", ROWS)), ("file", ("b.csv", "ref,name,lon,lat\n3,丙,120.01,30.01\n"))]
    form = {"options": json.dumps({"reference": "wgs84"}), "dry_run": "false"}
    report = client.post("/api/v1/imports/entities", files=files, data=form).json()
    assert (report["rows"], report["accepted"], len(report["files"])) == (3, 3, 2)
    (batch,) = client.get("/api/v1/imports").json()["batches"]
    assert batch["filename"] == "a.csv, b.csv"
    again = [
        ("file", ("c.csv", "ref,name,lon,lat\n4,丁,120.01,30.01\n")),
        ("file", ("b.csv", files[1][1][1])),
    ]
    refused = client.post("/api/v1/imports/entities", files=again, data=form)
    assert refused.status_code == 409
    with database.read() as uow:
        assert uow.connection.execute(text("SELECT count(*) FROM entity")).scalar_one() == 3


def test_files_of_one_batch_have_names_of_their_own(client: TestClient) -> None:
    answer = _judge(client, ("a.csv", ROWS), ("a.csv", ROWS))
    assert (answer.status_code, answer.json()["fields"]["value"]) == (422, "a.csv")


def test_columns_constants_and_words_can_be_said(client: TestClient) -> None:
    file = ("a.csv", "ref,店名,名称,状况,lon,lat\n1,甲,x,开门,120.01,30.01\n2,乙,y,,120.01,30.01\n")
    said = {"mapping": {"name": "店名", "state": "状况", "kind": ""}, "constants": {"kind": "building"}}
    unknown = _judge(client, file, **said).json()
    (problem,) = unknown["problems"]
    assert (problem["row"], problem["field"], problem["value"]) == (1, "state", "开门")
    assert problem["en"] == "“开门” is not acceptable; expected: active, suspended, closed"
    known = _judge(client, file, **said, translations={"state": {"开门": "active"}}).json()
    assert (known["accepted"], known["problems"], known["files"][0]["has_geometries"]) == (2, [], False)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"constants": {"households": "three"}}, "constants.households"),
        ({"constants": {"kind": "castle"}}, "constants.kind"),
        ({"constants": {"nonsense": "1"}}, "constants"),
        ({"translations": {"state": {"开门": "open-ish"}}}, "words.state"),
        ({"translations": {"nonsense": {"a": "b"}}}, "words"),
        ({"time_format": "%Q"}, "time_format"),
        ({"time_format": "%Y%Y"}, "time_format"),
        ({"time_format": "mixed"}, "time_format"),
        ({"mapping": {"name": "店名"}}, "map"),
    ],
)
def test_what_cannot_be_meant_is_told_by_its_field(
    client: TestClient, options: dict[str, Any], field: str
) -> None:
    answer = _judge(client, ("a.csv", ROWS), **options)
    assert (answer.status_code, answer.json()["fields"]["field"]) == (422, field)


def test_a_mapping_file_is_read(client: TestClient) -> None:
    document = "fields: {name: 店名}\nconstants: {households: 3}\nwords: {state: {01: active}}"
    told = client.post("/api/v1/imports/mapping", json={"document": document})
    assert told.json() == {
        "fields": {"name": "店名"},
        "constants": {"households": "3"},
        "words": {"state": {"01": "active"}},
    }


@pytest.mark.parametrize(
    "document",
    ["[", "[]", "nonsense: {}", "fields: []", "fields: {name: {}}", "words: {state: active}", "a: &a [*a]"],
)
def test_what_is_no_mapping_file_is_refused_in_words(client: TestClient, document: str) -> None:
    answer = client.post("/api/v1/imports/mapping", json={"document": document})
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert answer.json()["fields"]["expected"]
