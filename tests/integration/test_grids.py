"""Grids and generations over HTTP: pages, filters, neighbours, history."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth import identify
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.grids import Level
from geo.services.generations import publish

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def client(module_database_url, strip_division, tmp_path_factory):
    database = Database(module_database_url)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="one", valid_from=datetime(2025, 1, 1, tzinfo=UTC))
        publish(
            OPERATOR,
            uow,
            strip_division(3, first=11),
            name="two",
            valid_from=datetime(2025, 6, 1, tzinfo=UTC),
        )
    database.close()
    settings = Settings(database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"))
    with TestClient(create_app(settings)) as client:
        yield client


def codes(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_grids_are_geojson(client):
    answer = client.get("/api/v1/grids", params={"level": "unit"})
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()["features"][0]
    assert (feature["type"], feature["geometry"]["type"]) == ("Feature", "MultiPolygon")
    assert feature["geometry"]["coordinates"][0][0][0] == pytest.approx([120.04, 30])
    assert feature["properties"]["parent_code"] == "330106001001"


def test_shapes_may_be_left_out(client):
    answer = client.get("/api/v1/grids", params={"geometry": "false"}).json()
    assert [feature["geometry"] for feature in answer["features"]] == [None] * 6


def test_pages_together_are_the_whole_list(client):
    found, cursor = [], 0
    while cursor is not None:
        page = client.get("/api/v1/grids", params={"limit": 4, "cursor": cursor, "geometry": False}).json()
        found += [feature["id"] for feature in page["features"]]
        cursor = page["next"]
    assert found == codes(client, "grids")
    assert len(found) == len(set(found)) == 6


def test_the_widest_come_first(client):
    found = client.get("/api/v1/grids", params={"q": "3301"}).json()["features"]
    levels = [Level(feature["properties"]["level"]) for feature in found]
    assert levels == sorted(levels, key=list(Level).index)
    assert levels[0] is Level.DISTRICT
    assert codes(client, "grids?q=3301&limit=2") == [feature["id"] for feature in found[:2]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("level=street", ["330106001"]),
        ("parent=330106", ["330106001"]),
        ("level=unit&bbox=120,30,120.01,30.01", ["330106001001011"]),
        ("level=unit&bbox=120.03,30,120.05,30.01", ["330106001001011", "330106001001012"]),
        ("q=望山", ["330106001"]),
        ("q=33010600100101&limit=1", ["330106001001011"]),
        ("q=%25", []),
        ("q=_", []),
        ("level=unit&at=2025-05-31&limit=1", ["330106001001001"]),
        ("at=2024-01-01", []),
    ],
)
def test_filters(client, asked, found):
    assert codes(client, f"grids?{asked}") == found


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("grids?bbox=1,2,3", 422),
        ("grids?bbox=3,2,1,4", 422),
        ("grids?bbox=nan,0,1,1", 422),
        ("grids?bbox=0,0,181,1", 422),
        ("grids?level=city", 422),
        ("grids?limit=0", 422),
        ("grids?limit=1001", 413),
        ("grids?cursor=-1", 422),
        ("grids?q=", 422),
        ("grids/none", 404),
        ("grids/none/children", 404),
        ("grids/none/neighbours", 404),
        ("grids/none/history", 404),
        ("grids/330106001001001", 404),
        ("grids/330106001001001?at=2025-03-01", 200),
        ("generations/0", 422),
        ("generations/99", 404),
        ("generations/99/lineage", 404),
    ],
)
def test_questions_out_of_bounds(client, asked, status):
    assert client.get(f"/api/v1/{asked}").status_code == status


def test_attributes_need_an_account(client):
    path = "/api/v1/grids/330106001001011"
    assert client.get(path).json()["properties"]["attributes"] == {}
    client.app.dependency_overrides[identify] = lambda: OPERATOR
    try:
        assert client.get(path).json()["properties"]["attributes"] == {"secret": "电话"}
    finally:
        client.app.dependency_overrides.clear()


def test_who_has_a_grid_already_is_told_so(client):
    path = "/api/v1/grids/330106001001011"
    etag = client.get(path).headers["etag"]
    again = client.get(path, headers={"If-None-Match": f'"other", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_children(client):
    assert codes(client, "grids/330106001001/children") == [f"3301060010010{n}" for n in (11, 12, 13)]
    assert codes(client, "grids/330106001001011/children") == []


def test_neighbours_share_a_border(client):
    found = client.get("/api/v1/grids/330106001001012/neighbours").json()
    assert {one["code"] for one in found} == {"330106001001011", "330106001001013"}
    assert [one["shared_border_m"] for one in found] == pytest.approx([0.05 * 110_850] * 2, rel=1e-3)
    assert [one["code"] for one in client.get("/api/v1/grids/330106001001011/neighbours").json()] == [
        "330106001001012"
    ]


def test_history_tells_where_the_ground_went(client):
    history = client.get("/api/v1/grids/330106001001002/history").json()
    assert [version["name"] for version in history["versions"]] == ["第002网格"]
    assert {one["successor"]["code"][-3:] for one in history["successions"]} == {"011", "012"}
    kept = client.get("/api/v1/grids/330106/history").json()
    assert len(kept["versions"]) == 2


def test_generations_and_their_lineage(client):
    first, second = client.get("/api/v1/generations").json()
    assert (first["valid_to"], second["valid_to"]) == (second["valid_from"], None)
    assert client.get(f"/api/v1/generations/{second['id']}").json() == second
    assert client.get(f"/api/v1/generations/{first['id']}/lineage").json() == []
    lineage = client.get(f"/api/v1/generations/{second['id']}/lineage").json()
    assert len(lineage) == 3 + 6
