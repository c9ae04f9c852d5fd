"""What tests on PostGIS share: divisions whose grids are easy to name, and plans of statements."""

from collections.abc import Callable
from itertools import pairwise
from threading import Thread
from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
import uvicorn
from fastapi.testclient import TestClient
from sqlalchemy import event

from api.app import create_app
from api.settings import Settings
from geo.domain.actors import Role
from geo.domain.generations import Division
from geo.domain.grids import Level
from tests.integration.planners import House, Planner

WEST, SOUTH, EAST, NORTH = 120.0, 30.0, 120.12, 30.05
UPPER = ("330106", "330106001", "330106001001")


def strips(count: int, *, first: int = 1) -> Division:
    """Give one district, street and community of unit grids from west to east, numbered from ``first`` on."""
    edges = np.linspace(WEST, EAST, count + 1)
    cells = [shapely.multipolygons([shapely.box(west, SOUTH, east, NORTH)]) for west, east in pairwise(edges)]
    whole = shapely.multipolygons([shapely.box(WEST, SOUTH, EAST, NORTH)])
    codes = [f"{UPPER[-1]}{number:03d}" for number in range(first, first + count)]
    size = len(UPPER) + count
    return Division(
        codes=(*UPPER, *codes),
        names=("云溪区", "望山街道", "朝阳社区", *(f"第{code[-3:]}网格" for code in codes)),
        levels=(Level.DISTRICT, Level.STREET, Level.COMMUNITY, *[Level.UNIT] * count),
        parent_codes=(None, *UPPER[:2], *[UPPER[-1]] * count),
        geometries=np.array([whole, whole, whole, *cells], dtype=object),
        areas_m2=np.array([6e7, 6e7, 6e7, *[6e7 / count] * count]),
        households=(None,) * size,
        population=(None,) * size,
        attributes=({"secret": "电话"},) * size,
    )


@pytest.fixture(scope="session")
def strip_division() -> Callable[..., Division]:
    return strips


def _explained(uow, work):
    plans = []

    def explain(_, cursor, statement, parameters, *__):
        if not statement.startswith("EXPLAIN"):
            cursor.execute(f"EXPLAIN {statement}", parameters)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))

    event.listen(uow.connection, "before_cursor_execute", explain)
    try:
        work()
    finally:
        event.remove(uow.connection, "before_cursor_execute", explain)
    return plans


@pytest.fixture(scope="session")
def explained():
    """Gives the plan of each statement that a piece of work executes in a unit of work."""
    return _explained


@pytest.fixture(scope="module")
def house(demo_database, tmp_path_factory):
    """The application over a demo city of 24 unit grids."""
    app = create_app(Settings(database_url=demo_database.url, data_dir=tmp_path_factory.mktemp("data")))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield House(client, demo_database)


@pytest.fixture
def address(house):
    """Host and port at which the application answers whoever keeps a stream open."""
    config = uvicorn.Config(
        house.client.app, port=0, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        sleep(0.02)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def people(house):
    """Two planners and a leader, by their tokens."""
    return SimpleNamespace(
        ann=house.add("ann", Role.PLANNER),
        ben=house.add("ben", Role.PLANNER),
        eve=house.add("eve", Role.LEADER),
    )


@pytest.fixture
def plan(house, people):
    """A new plan, with Ann at work on it."""
    response = house.ask("POST", "/plans", people.ann, json={"name": "试点"})
    assert response.status_code == 201, response.text
    return Planner(house, people.ann, response.json()["id"])
