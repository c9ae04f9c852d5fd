"""Whatever is read before there is any division is answered: with nothing, or with what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Grant, Role
from geo.services import accounts

pytestmark = pytest.mark.database

PASSWORD = "four quiet grey herons"
VALUES = {"code": "990106001001001", "layer": "entities"}
"""What stands in the paths; everything else is the number 1."""


@pytest.fixture(scope="module")
def client(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    database = Database(module_database_url)
    with database.write() as uow:
        accounts.create(
            OPERATOR, uow, username="admin", password=PASSWORD, grants=[Grant(Role.ADMIN)], person_id=None
        )
    database.close()
    folder: Path = tmp_path_factory.mktemp("data")
    app = create_app(Settings(database_url=module_database_url, data_dir=folder))
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        given = client.post("/api/v1/auth/token", json={"username": "admin", "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {given.json()['access_token']}"
        yield client


def addresses(client: TestClient) -> list[str]:
    """Every address that can be read, pages too."""
    return sorted(
        {
            "/".join(
                VALUES.get(part.strip("{}").partition(":")[0], "1") if part.startswith("{") else part
                for part in route.path.split("/")
            )
            for route in iter_route_contexts(client.app.routes)
            if isinstance(route.original_route, APIRoute) and "GET" in route.methods
        }
    )


def test_no_reading_fails_in_an_empty_house(client: TestClient) -> None:
    asked = addresses(client)
    assert len(asked) > 30
    given = {"lon": 120.1, "lat": 30.2, "q": "路"}
    status = {path: client.get(path, params=given).status_code for path in asked}
    assert {path: code for path, code in status.items() if code >= 500} == {}
    assert status["/api/v1/entities"] == status["/api/v1/grids"] == 200
