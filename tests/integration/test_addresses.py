"""Standard addresses: found by likeness with their numbers whole, written with rights and revisions."""

from datetime import UTC, date, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.auth import identify
from api.settings import Settings
from geo.db.addresses import similar
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Actor, Grant, Role
from geo.domain.addresses import normalize
from geo.services.addresses import create_address
from geo.services.generations import publish

pytestmark = pytest.mark.database

TEXTS = (
    "云溪区望山街道朝阳路12号",
    "云溪区望山街道朝阳路120号",
    "云溪区望山街道朝阳路12弄3号",
    "云溪区望山街道朝阳路12号3幢201室",
    "云溪区望山街道晚霞路12号",
    "云溪区百花小区7幢",
)


@pytest.fixture(scope="module")
def client(module_database_url, strip_division, tmp_path_factory):
    database = Database(module_database_url)
    with database.write() as uow:
        publish(OPERATOR, uow, strip_division(4), name="one", valid_from=datetime(2025, 1, 1, tzinfo=UTC))
        for written in TEXTS:
            told = {"text": written, "place": (120.01, 30.02), "attributes": {"owner": "王芳"}}
            create_address(OPERATOR, uow, told, date(2026, 11, 20))
    database.close()
    settings = Settings(database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"))
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def acting(client):
    """Let the client speak for somebody."""
    yield lambda actor: client.app.dependency_overrides.update({identify: lambda: actor})
    client.app.dependency_overrides.clear()


def search(client, q, **params):
    answer = client.get("/api/v1/addresses", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["candidates"]


def texts(candidates):
    return [one["address"]["properties"]["text"] for one in candidates]


@pytest.mark.parametrize("q", ["朝阳路12号", "朝阳路十二号", "望山街道朝陽路１２號", "朝阳路 12 号"])
def test_an_address_is_found_however_it_is_spelt(client, q):
    found = search(client, q)
    assert texts(found)[:2] == [TEXTS[0], TEXTS[3]]
    assert found[0]["score"] > 0.9


@pytest.mark.parametrize("wrong", [TEXTS[1], TEXTS[2]])
def test_another_house_number_never_scores_high(client, wrong):
    scores = {one["address"]["properties"]["text"]: one["score"] for one in search(client, "朝阳路12号")}
    assert scores[wrong] <= 0.5


def test_a_missing_house_number_gives_the_street(client):
    found = search(client, "朝阳路999号")
    assert set(texts(found)) == set(TEXTS[:4])
    assert all(one["score"] <= 0.5 for one in found)


def test_candidates_know_their_grids(client):
    first = search(client, "百花小区")[0]
    assert [grid["level"] for grid in first["chain"]] == ["district", "street", "community", "unit"]
    assert first["address"]["geometry"] == {"type": "Point", "coordinates": [120.01, 30.02]}


@pytest.mark.parametrize("q", ["%", "_", "%%阳", "x_z", "xyz", "🙂", "'; DROP TABLE address; --", "\\"])
def test_signs_are_text_and_may_find_nothing(client, q):
    assert search(client, q) == []


@pytest.mark.parametrize("q", ["", " ", "\u3000", "朝" * 201])
def test_no_question_is_refused(client, q):
    assert client.get("/api/v1/addresses", params={"q": q}).status_code == 422


def test_attributes_need_an_account(client, acting):
    assert search(client, "百花小区")[0]["address"]["properties"]["attributes"] == {}
    acting(OPERATOR)
    assert search(client, "百花小区")[0]["address"]["properties"]["attributes"] == {"owner": "王芳"}


class GivenUp(Exception):
    pass


def plan_of_search(client, explained, *preparations):
    """Give the plan of the search among many addresses, which are given up at the end."""
    many = (
        "INSERT INTO address (text, normalized) SELECT i::text, '和平路 ' || i || '号'"
        " FROM generate_series(1, 20000) AS i"
    )
    plans = []
    with pytest.raises(GivenUp), client.app.state.database.write() as uow:  # noqa: PT012
        for statement in (many, "ANALYZE address", *preparations):
            uow.connection.execute(text(statement))
        plans += explained(uow, lambda: similar(uow.connection, normalize("朝阳路12号"), 10))
        raise GivenUp
    return plans[-1]


def test_the_search_uses_its_index(client, explained):
    assert "address_likeness" in plan_of_search(client, explained)


def test_the_plan_of_the_search_shows_when_the_index_is_missing(client, explained):
    """The negative control of the test above."""
    assert "Seq Scan" in plan_of_search(client, explained, "DROP INDEX address_likeness")


# writing -------------------------------------------------------------------------------------------------

INSIDE = Actor("inside", grants=(Grant(Role.PLANNER, "330106001001001"),))
NEW = {"text": "云溪区望山街道新桥路1号", "place": {"lon": 120.02, "lat": 30.02}}


def test_writing_needs_a_right_in_that_grid(client, acting):
    new = {**NEW, "text": "云溪区望山街道古槐巷7号"}
    assert client.post("/api/v1/addresses", json=new).status_code == 401
    acting(Actor("inspector", grants=(Grant(Role.INSPECTOR),)))
    assert client.post("/api/v1/addresses", json=new).status_code == 403
    acting(INSIDE)
    elsewhere = {**new, "place": {"lon": 120.1, "lat": 30.02}}
    assert client.post("/api/v1/addresses", json=elsewhere).json()["code"] == "outside-jurisdiction"
    assert search(client, "古槐巷7号") == []
    made = client.post("/api/v1/addresses", json=new)
    assert (made.status_code, made.json()["properties"]["grid_code"]) == (201, "330106001001001")
    assert texts(search(client, "古槐巷7号")) == [new["text"]]


def test_a_change_names_the_revision_that_it_is_based_on(client, acting):
    acting(OPERATOR)
    made = client.post("/api/v1/addresses", json={**NEW, "text": "云溪区老桥路5号", "ref": "R5"})
    path = f"/api/v1/addresses/{made.json()['id']}"
    assert client.get(path).headers["etag"] == made.headers["etag"]
    changed = {"text": "云溪区老桥路6号", "place": {"lon": 120.1, "lat": 30.02}}
    assert client.put(path, json=changed).status_code == 428
    assert client.put(path, json=changed, headers={"If-Match": "x"}).status_code == 422
    done = client.put(path, json=changed, headers={"If-Match": made.headers["etag"]})
    assert done.json()["properties"]["grid_code"] == "330106001001004"
    assert client.put(path, json=changed, headers={"If-Match": made.headers["etag"]}).status_code == 409
    assert texts(search(client, "老桥路6号"))[0] == changed["text"]
    acting(INSIDE)
    back = client.put(path, json=NEW, headers={"If-Match": done.headers["etag"]})
    assert back.json()["code"] == "outside-jurisdiction"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "  "},
        {"text": "x" * 501},
        {"text": "x", "place": {"lon": 181, "lat": 0}},
        {"text": "x", "unknown": 1},
    ],
)
def test_what_is_no_address_is_refused(client, acting, body):
    acting(OPERATOR)
    assert client.post("/api/v1/addresses", json=body).status_code == 422


def test_a_reference_stands_once(client, acting):
    acting(OPERATOR)
    assert client.post("/api/v1/addresses", json={**NEW, "ref": "R1"}).status_code == 201
    assert client.post("/api/v1/addresses", json={**NEW, "ref": "R1"}).status_code == 409
