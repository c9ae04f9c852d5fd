"""What the routes of the measures accept and refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Grant, Role
from geo.services import accounts
from geo.services.generations import publish
from tests.integration.conftest import strips

pytestmark = pytest.mark.database

PASSWORD = "correct horse battery"
PLACES = ("coverage", "ground", "hotspots", "backlog")


@pytest.fixture(scope="module")
def client(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    database = Database(module_database_url)
    with database.write() as uow:
        publish(OPERATOR, uow, strips(4), name="strips", valid_from=datetime(2026, 1, 1, tzinfo=UTC))
        accounts.create(OPERATOR, uow, username="leader", password=PASSWORD, grants=[Grant(Role.LEADER)])
    database.close()
    settings = Settings(database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"))
    with TestClient(
        create_app(settings), base_url="http://127.0.0.1:8000", raise_server_exceptions=False
    ) as made:
        token = made.post("/api/v1/auth/token", json={"username": "leader", "password": PASSWORD}).json()
        made.headers["Authorization"] = f"Bearer {token['access_token']}"
        yield made


@pytest.mark.parametrize("place", PLACES)
def test_each_grid_is_answered_by_code(client: TestClient, place: str) -> None:
    found = client.get(f"/api/v1/measures/{place}")
    assert found.status_code == 200, found.text
    assert [grid["code"][-3:] for grid in found.json()["grids"]] == ["001", "002", "003", "004"]


def test_where_nothing_is_due_the_rate_is_null_and_the_total_too(client: TestClient) -> None:
    found = client.get("/api/v1/measures/coverage", params={"level": "street"}).json()
    assert found["grids"][0]["share"] == {"numerator": 0, "denominator": 0, "rate": None}
    assert found["total"]["rate"] is None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "query",
    [
        "level=planet",
        "since=yesterday&at=yesterday",
        "since=0001-01-01T00:00:00Z&at=0001-01-01T00:00:00Z",
        "until=9999-12-31T23:59:59Z&at=9999-12-31T23:59:59Z",
        "since=2026-01-01&at=2026-01-01",
        "until=2026-01-01T00:00:00Z&since=2026-01-01T00:00:00Z&at=x",
        "category=%00&kind=%00&swath_m=inf",
        "swath_m=nan&kind=x&at=%00&until=%00",
    ],
)
def test_what_makes_no_sense_is_refused_in_words(client: TestClient, place: str, query: str) -> None:
    found = client.get(f"/api/v1/measures/{place}?{query}")
    assert found.status_code == 422, found.text
    assert found.headers["content-type"] == "application/problem+json"


def test_a_category_that_nobody_has_used_counts_nothing(client: TestClient) -> None:
    found = client.get("/api/v1/measures/backlog", params={"category": "'; DROP TABLE issue; --"})
    assert found.json()["total"] == {
        "unresolved": 0,
        "overdue": 0,
        "undated": 0,
        "closed": 0,
        "closed_late": 0,
    }
