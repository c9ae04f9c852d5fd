"""Measures by the grids of a past day, on pages and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Role
from geo.services.generations import publish
from tests.integration.conftest import strips
from tests.integration.planners import House

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def divided(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A house in which four strips have gone to six others, asked by a leader."""
    database = Database(module_database_url)
    with database.write() as uow:
        for month, division in ((1, strips(4)), (3, strips(6, first=11))):
            publish(OPERATOR, uow, division, name="strips", valid_from=datetime(2026, month, 1, tzinfo=UTC))
    settings = Settings(database_url=module_database_url, data_dir=tmp_path_factory.mktemp("data"))
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        token = House(client, database).add("leader", Role.LEADER)
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
    database.close()


PAGES = ("maps/coverage?", "maps/hotspots?", "maps/issues?", "maps/duties?", "assessment?level=unit&")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("at", "first"), [("2026-01-31", "001"), ("2025-01-31", "001"), ("", "011")])
def test_pages_draw_the_grids_of_the_day_that_is_chosen(
    divided: TestClient, page: str, at: str, first: str
) -> None:
    found = divided.get(f"/{page}at={at}")
    assert found.status_code == 200, found.text
    drawn = {code for code in ("330106001001001", "330106001001011") if code in found.text}
    assert drawn == {f"330106001001{first}"}
    assert f'name="at" value="{at}"' in found.text


@pytest.mark.parametrize("place", ["duties", "duties/people"])
def test_duties_are_told_by_the_grids_of_a_day(divided: TestClient, place: str) -> None:
    then, now = (
        divided.get(f"/api/v1/measures/{place}", params=params)
        for params in ({"at": "2026-01-31", "since": "2026-01-01T00:00:00Z"}, {})
    )
    assert (then.status_code, now.status_code) == (200, 200)
    if place == "duties":
        codes = [
            {grid["code"] for one in answer.json()["duties"] for grid in one["grids"]}
            for answer in (then, now)
        ]
        assert [min(found) for found in codes] == ["330106001001001", "330106001001011"]


def test_the_trail_of_a_grid_that_is_no_more_is_told_as_of_then(divided: TestClient) -> None:
    asked = "measure=frequency&since=2026-01-01&until=2026-02-01&grid=330106001001001"
    for place in ("duties/trail?", "duties/trail/file?"):
        assert divided.get(f"/{place}{asked}").status_code == 404
        assert divided.get(f"/{place}{asked}&at=2026-01-31").status_code == 200
