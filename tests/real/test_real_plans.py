"""A real division redrawn at random over HTTP, published, and asked before and after.

``WANGGE_PLAN_STEPS=2000`` takes 2,000 steps instead of a few hundred.
"""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.settings import Settings
from geo.db.bulk import copy_rows, geometry_texts
from geo.db.unit_of_work import Database
from geo.domain.actors import Role
from geo.domain.exchange import Layer
from geo.geometry.tiling import Plane
from tests.integration.planners import House, Planner
from tests.integration.wanderers import Wanderer
from tests.real.imports import XIHU, import_layer

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        "WANGGE_REAL_DATA" not in os.environ, reason="WANGGE_REAL_DATA names no folder of real data"
    ),
]

_log = logging.getLogger(__name__)

STEPS = int(os.environ.get("WANGGE_PLAN_STEPS", "300"))
POINTS = 100_000
BEFORE, AFTER = "2026-06-30", "2099-12-31"
"""Days on which the division as it was imported holds, and the one that was published."""


@pytest.fixture
def house(database_url, tmp_path):
    database = Database(database_url)
    wanted = replace(XIHU, assign_codes=True, valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    import_layer(database, Layer.GRIDS, "xihu/grids.geojson", division=wanted, repair=True, tolerance_m=0.5)
    app = create_app(Settings(database_url=database_url, data_dir=tmp_path))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield House(client, database)
    database.close()


def built_up(house, start, chance):
    """Keep roads across the district and houses everywhere: none came with the data."""
    west, south, east, north = shapely.total_bounds(list(start.values()))
    corner = chance.uniform([west, south], [east, north], (10_000, 2))
    opposite = corner + chance.uniform(8, 30, corner.shape) / [96_000, 111_000]
    roads = shapely.linestrings(chance.uniform([west, south], [east, north], (60, 2, 2)))
    shapes = [*shapely.box(*corner.T, *opposite.T), *roads]
    kinds = ["building"] * len(corner) + ["road"] * len(roads)
    with house.database.write() as uow:
        rows = zip(kinds, geometry_texts(shapes), strict=True)
        copy_rows(uow.connection, "ground_feature", ("kind", "geom"), rows)


def located(house, token, places, day):
    """The code of the leaf in which each place lies on a day, by the batch lookup; empty outside."""
    points = [{"id": i, "lon": lon, "lat": lat} for i, (lon, lat) in enumerate(places.tolist())]
    answer = house.ask("POST", "/locate/batch", token, json={"points": points, "at": day})
    assert answer.status_code == 200, answer.text[:500]
    told = answer.json()["answers"]
    assert not any(one["on_border"] for one in told)
    return np.array([one["chain"][-1]["code"] if one["chain"] else "" for one in told])


def lineage(house):
    """Which leaf gave ground to which, by codes."""
    with house.database.read() as uow:
        rows = uow.connection.execute(
            text(
                "SELECT old.code AS old, new.code AS new FROM lineage "
                "JOIN grid AS old ON old.id = predecessor_id JOIN grid AS new ON new.id = successor_id"
            )
        ).all()
    return {(row.old, row.new) for row in rows}


def leaves(house, generation):
    with house.database.read() as uow:
        rows = uow.connection.execute(
            text("SELECT code, ST_AsBinary(geom) AS wkb FROM grid WHERE is_leaf AND generation_id = :id"),
            {"id": generation},
        ).all()
    return {row.code: shapely.from_wkb(bytes(row.wkb)) for row in rows}


def test_xihu_stays_a_division_and_lookups_follow_its_lineage(house):
    ann, eve = house.add("ann", Role.PLANNER), house.add("eve", Role.LEADER)
    plan = Planner(house, ann, house.ask("POST", "/plans", ann, json={"name": "西湖"}).json()["id"])
    base = plan.get()["base_generation_id"]
    start = plan.cells()
    built_up(house, start, np.random.default_rng(7))
    parents = {key: one["properties"]["parent"] for key, one in plan.grids().items()}
    assert shapely.coverage_is_valid(list(start.values()))
    wanderer = Wanderer(plan, 20261122)
    for _ in range(STEPS // 100):
        wanderer.wander(100)
        assert shapely.coverage_is_valid(list(wanderer.shapes.values()))
    assert {"split", "merge", "move-border", "move-vertex", "reassign", "draw"} <= wanderer.done.keys()
    assert {"lock", "unlock", "rename", "recode", "reparent", "undo", "redo", "jump"} <= wanderer.done.keys()
    assert_same_ground(start, parents, wanderer)

    generation = published(house, plan, eve, wanderer.revision)
    west, south, east, north = shapely.total_bounds(list(start.values()))
    places = np.random.default_rng(1).uniform([west, south], [east, north], (POINTS, 2))
    was, now = (located(house, ann, places, day) for day in (BEFORE, AFTER))
    assert not ((was != "") & (now == "")).any()
    assert in_holes(start, places[(was == "") & (now != "")])
    pairs = {(a, b) for a, b in zip(was.tolist(), now.tolist(), strict=True) if a}
    assert len(pairs) > len(start)
    strays = pairs - lineage(house)
    assert not wide(strays, leaves(house, base), leaves(house, generation))
    _log.info("done %s, refused %s, %d strips", wanderer.done, wanderer.refused, len(strays))

    fresh = Planner(house, ann, house.ask("POST", "/plans", ann, json={"name": "新"}).json()["id"])
    begun = fresh.cells()
    Wanderer(fresh, 3).wander(20)
    assert fresh.post("jump", revision=fresh.revision, to_seq=0).status_code == 200
    assert {key: cell.wkb for key, cell in fresh.cells().items()} == {k: c.wkb for k, c in begun.items()}


def assert_same_ground(start, parents, wanderer):
    """No ground is lost; what is new was a hole; each community that exchanged nothing has its area."""
    was, now = (shapely.coverage_union_all(list(of.values())) for of in (start, wanderer.shapes))
    assert shapely.area(shapely.difference(was, now)) < 1e-6 * shapely.area(was)
    shells = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(was)))
    assert shapely.area(shapely.difference(now, shapely.union_all(shells))) < 1e-6 * shapely.area(was)
    holes = shapely.area(now) - shapely.area(was)
    for parent in set(parents.values()) - wanderer.exchanged:
        before = sum(cell.area for key, cell in start.items() if parents[key] == parent)
        after = sum(cell.area for key, cell in wanderer.shapes.items() if wanderer.parent(key) == parent)
        assert before * (1 - 1e-6) <= after <= before * (1 + 1e-6) + holes


def in_holes(start, places):
    """Tell whether places lie in holes of the division that a plan began with."""
    parts = shapely.get_parts(shapely.coverage_union_all(list(start.values())))
    outline = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    return bool(shapely.covers(outline, shapely.points(places)).all())


def published(house, plan, leader, revision):
    """The generation that a plan has become."""
    plan.post("state", to="submitted", revision=revision)
    approved = Planner(house, leader, plan.id).post("state", to="approved", revision=revision + 1)
    assert approved.status_code == 200, approved.text
    answer = plan.post("publish", revision=revision + 2)
    assert answer.status_code == 200, answer.text
    return answer.json()["generation"]["id"]


def wide(pairs, before, after):
    """Those of some pairs of grids whose common ground isn't so narrow that lineage leaves it out."""
    plane = Plane.at(30.25)
    common = {(a, b): shapely.intersection(before[a], after[b]) for a, b in sorted(pairs)}
    return {pair: piece for pair, piece in common.items() if plane.width_m([piece])[0] >= 0.5}
