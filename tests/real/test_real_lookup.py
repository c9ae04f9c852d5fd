"""Over a real division, HTTP, PostGIS and shapely give each of 100,000 points the same grid."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.settings import Settings
from geo.db.bulk import copy_rows, geometry_texts
from geo.db.expressions import covering_leaf
from geo.db.unit_of_work import Database
from geo.domain.exchange import Layer
from tests.real.imports import XIHU, import_layer

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.database,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        "WANGGE_REAL_DATA" not in os.environ, reason="WANGGE_REAL_DATA names no folder of real data"
    ),
]
POINTS = 100_000


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=2)
    wanted = replace(XIHU, assign_codes=True)
    import_layer(database, Layer.GRIDS, "xihu/grids.geojson", division=wanted, repair=True, tolerance_m=0.5)
    yield database
    database.close()


def _cells(database: Database) -> tuple[list[str], np.ndarray]:
    with database.read() as uow:
        rows = uow.connection.execute(
            text('SELECT code, ST_AsBinary(geom) FROM grid WHERE is_leaf ORDER BY code COLLATE "C"')
        ).all()
    return [code for code, _ in rows], np.asarray(shapely.from_wkb([bytes(wkb) for _, wkb in rows]))


def _positions(cells: np.ndarray) -> np.ndarray:
    """Vertices and middles of edges first, then points strewn over the extent, 100,000 in all."""
    vertices = np.unique(shapely.get_coordinates(cells), axis=0)
    rng = np.random.default_rng(20261122)
    rings = shapely.get_rings(shapely.get_parts(cells))
    middles = np.concatenate([(xy[1:] + xy[:-1]) / 2 for xy in map(shapely.get_coordinates, rings)])
    hard = np.concatenate([rng.permutation(vertices)[:25_000], rng.permutation(middles)[:10_000]])
    bounds = shapely.total_bounds(cells)
    return np.concatenate([hard, rng.uniform(bounds[:2], bounds[2:], (POINTS - len(hard), 2))])


def _by_http(database: Database, positions: np.ndarray, folder: Path) -> list[str | None]:
    app = create_app(Settings(database_url=database.url, data_dir=folder))
    points = [{"lon": lon, "lat": lat} for lon, lat in positions.tolist()]
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        answer = client.post("/api/v1/locate/batch", json={"points": points})
    assert answer.status_code == 200
    return [row["chain"][-1]["code"] if row["chain"] else None for row in answer.json()["answers"]]


def _by_postgis(database: Database, positions: np.ndarray) -> list[str | None]:
    with database.write() as uow:
        uow.connection.execute(text("CREATE TEMP TABLE asked (n integer, geom geometry(Point, 4326))"))
        texts = geometry_texts(np.asarray(shapely.points(positions), dtype=object))
        copy_rows(uow.connection, "asked", ("n", "geom"), enumerate(texts))
        leaf = str(
            covering_leaf(text("asked.geom")).compile(  # type: ignore[arg-type]
                uow.connection.engine, compile_kwargs={"literal_binds": True}
            )
        )
        rows = uow.connection.exec_driver_sql(
            f"SELECT g.code FROM asked LEFT JOIN LATERAL ({leaf}) AS found ON true "
            "LEFT JOIN grid g ON g.id = found.id ORDER BY n"
        )
        return list(rows.scalars())


def _by_shapely(codes: list[str], cells: np.ndarray, positions: np.ndarray) -> list[str | None]:
    point, cell = shapely.STRtree(cells).query(shapely.points(positions), predicate="covered_by")
    lowest = np.full(len(positions), len(codes))
    np.minimum.at(lowest, point, cell)
    return [codes[at] if at < len(codes) else None for at in lowest]


def test_100_000_points_get_the_same_grid_three_ways(database: Database, tmp_path: Path) -> None:
    codes, cells = _cells(database)
    positions = _positions(cells)
    assert len(positions) == POINTS
    by_shapely = _by_shapely(codes, cells, positions)
    assert sum(code is not None for code in by_shapely) > 40_000
    assert _by_http(database, positions, tmp_path) == by_shapely
    assert _by_postgis(database, positions) == by_shapely
