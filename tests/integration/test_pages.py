"""Pages over a database in which nothing is yet, and what they make of strange requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Grant, Role
from geo.services import accounts

pytestmark = pytest.mark.database

PAGE = {"Accept": "text/html"}
PASSWORD = "correct horse battery"


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> Iterator[TestClient]:
    database = Database(database_url)
    with database.write() as uow:
        accounts.create(
            OPERATOR,
            uow,
            username="planner",
            password=PASSWORD,
            grants=[Grant(Role.PLANNER), Grant(Role.LEADER)],
        )
    database.close()
    settings = Settings(database_url=database_url, data_dir=tmp_path)
    with TestClient(create_app(settings), headers=PAGE) as running:
        yield running


def sign_in(client: TestClient) -> None:
    form = {"username": "planner", "password": PASSWORD}
    assert client.post("/login", data=form, follow_redirects=False).status_code == 303


def test_the_public_is_greeted_without_a_division(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "这里归哪个网格" in answer.text
    assert "尚无现行网格划分" in answer.text


def test_a_planner_is_told_how_to_begin(client: TestClient) -> None:
    sign_in(client)
    assert "wangge import grids FILE --commit" in client.get("/").text


@pytest.mark.parametrize("path", ["/maps/coverage", "/maps/hotspots", "/maps/issues", "/locate"])
def test_a_map_without_a_division_says_what_to_do(client: TestClient, path: str) -> None:
    sign_in(client)
    answer = client.get(path)
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/html")
    assert "wangge import grids FILE --commit" in answer.text


def test_a_program_is_told_in_json(client: TestClient) -> None:
    answer = client.get("/maps/coverage", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"


def test_a_browser_is_led_to_the_sign_in(client: TestClient) -> None:
    answer = client.get("/maps/coverage?level=unit&lang=en", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fmaps%2Fcoverage%3Flevel%3Dunit"
    assert "lang=en" in answer.headers["set-cookie"]


def test_the_interface_tells_programs_even_when_a_browser_looks(client: TestClient) -> None:
    assert client.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "period=never",
        "since=0000-00-00",
        "since=9999-12-31&period=custom",
        "level=planet",
        "kind=%00",
        "category=" + "x" * 300,
    ],
)
def test_a_strange_choice_is_no_failure(client: TestClient, query: str) -> None:
    sign_in(client)
    for path in ("/maps/coverage", "/maps/hotspots", "/maps/issues"):
        assert client.get(f"{path}?{query}").status_code in {409, 422}


@pytest.mark.parametrize(
    "following", ["https://example.org", "//example.org", "/\\example.org", "javascript:alert(1)"]
)
def test_signing_in_stays_here(client: TestClient, following: str) -> None:
    form = {"username": "planner", "password": PASSWORD, "next": following}
    assert client.post("/login", data=form, follow_redirects=False).headers["location"] == "/"


def test_another_site_can_not_sign_anybody_in(client: TestClient) -> None:
    form = {"username": "planner", "password": PASSWORD}
    answer = client.post("/login", data=form, headers={**PAGE, "Origin": "https://example.org"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers or "wangge_session" not in answer.headers["set-cookie"]


def test_the_cookie_of_a_session_is_for_the_server_alone(client: TestClient) -> None:
    form = {"username": "planner", "password": PASSWORD}
    cookies = client.post("/login", data=form, follow_redirects=False).headers["set-cookie"].lower()
    assert "httponly" in cookies
    assert "samesite=lax" in cookies
