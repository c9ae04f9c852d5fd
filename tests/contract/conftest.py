"""The whole application over a small city, for the tests of what it promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geo.db.unit_of_work import Database
from tests.contract.city import City, build


@pytest.fixture(scope="module")
def city(demo_database: Database) -> City:
    return build(demo_database)


@pytest.fixture(scope="module")
def app(city: City, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder: Path = tmp_path_factory.mktemp("data")
    return create_app(Settings(database_url=city.database.url, data_dir=folder))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield client
