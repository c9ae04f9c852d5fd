"""A real division redrawn at random over HTTP, published, and asked before and after."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.settings import Settings
from geo.db.generations import leaf_cells
from geo.db.unit_of_work import Database
from geo.domain.actors import Role
from geo.domain.exchange import Layer
from geo.geometry.locate import LocateIndex
from tests.integration.planners import House, Planner
from tests.integration.wanderers import Wanderer
from tests.real.imports import XIHU, import_layer

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        "WANGGE_REAL_DATA" not in os.environ, reason="WANGGE_REAL_DATA names no folder of real data"
    ),
]

STEPS = int(os.environ.get("WANGGE_PLAN_STEPS", "400"))
POINTS = 100_000


@pytest.fixture
def house(database_url, tmp_path):
    database = Database(database_url)
    wanted = replace(XIHU, assign_codes=True)
    import_layer(database, Layer.GRIDS, "xihu/grids.geojson", division=wanted, repair=True, tolerance_m=0.5)
    app = create_app(Settings(database_url=database_url, data_dir=tmp_path))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield House(client, database)
    database.close()


def located(uow, generation_id, places):
    """Which leaf of a generation holds each place; -1 outside."""
    ids, shapes = leaf_cells(uow.connection, generation_id)
    cell, on_border = LocateIndex.build(shapes).find_many(*places.T)
    return np.where((cell < 0) | on_border, -1, ids[cell])


def test_xihu_stays_a_division_and_lookups_follow_its_lineage(house):
    ann, eve = house.add("ann", Role.PLANNER), house.add("eve", Role.LEADER)
    plan = Planner(house, ann, house.ask("POST", "/plans", ann, json={"name": "西湖"}).json()["id"])
    base = plan.get()["base_generation_id"]
    start = plan.cells()
    assert shapely.coverage_is_valid(list(start.values()))
    wanderer = Wanderer(plan, 20261122)
    for _ in range(STEPS // 100):
        wanderer.wander(100)
        assert shapely.coverage_is_valid(list(wanderer.shapes.values()))
    ground = [sum(cell.area for cell in cells.values()) for cells in (start, wanderer.shapes)]
    assert ground[1] == pytest.approx(ground[0], rel=1e-6)

    plan.post("state", to="submitted", revision=wanderer.revision)
    leader = Planner(house, eve, plan.id)
    assert leader.post("state", to="approved", revision=wanderer.revision + 1).status_code == 200
    answer = plan.post("publish", revision=wanderer.revision + 2)
    assert answer.status_code == 200, answer.text
    generation = answer.json()["generation"]["id"]

    west, south, east, north = shapely.total_bounds(list(start.values()))
    places = np.random.default_rng(1).uniform([west, south], [east, north], (POINTS, 2))
    with house.database.read() as uow:
        was, now = (located(uow, number, places) for number in (base, generation))
        rows = uow.connection.execute(text("SELECT predecessor_id, successor_id FROM lineage")).all()
    both = (was >= 0) & (now >= 0)
    assert ((was >= 0) != (now >= 0)).sum() <= POINTS / 10_000
    pairs = set(zip(was[both].tolist(), now[both].tolist(), strict=True))
    strays = pairs - set(map(tuple, rows))
    in_strays = sum(int(((was == a) & (now == b)).sum()) for a, b in strays)
    assert in_strays <= POINTS / 10_000, "only slivers narrower than half a metre have no lineage"
    assert len(pairs) > len(start)
