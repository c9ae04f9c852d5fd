"""How `/locate` compares with an empty route, and a batch with its rivals.

By hand: ``python -m tests.benchmarks.test_locate_http``. No test: a busy machine would make it lie. A server
of its own on loopback serves the made-up city with 10,000 grids; rivals take turns and the best turn counts.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import yaml
from fastapi import APIRouter
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from geo.db.bulk import copy_rows, geometry_texts
from geo.db.cluster import Cluster
from geo.db.generations import leaf_cells
from geo.db.migrations import upgrade
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR
from geo.domain.demo import DemoSize
from geo.domain.demo.division import Site, divide
from geo.domain.demo.ground import lay_out
from geo.domain.demo.things import put_up
from geo.geometry.locate import OUTSIDE, LocateIndex
from geo.services.demo import INGREDIENTS
from geo.services.generations import publish

GRIDS = 10_000
POINTS = 1_000_000
CONNECTIONS = 16
REQUESTS = 6_000
TURNS = 5


def serve() -> None:
    """Serve the application with an empty route beside it, on the port that the environment names."""
    import uvicorn  # noqa: PLC0415 - in the process of the server alone

    from api.app import create_app  # noqa: PLC0415

    app = create_app()
    beside = APIRouter(prefix="/api/v1")
    beside.add_api_route("/empty", _empty)
    app.include_router(beside)
    app.router.routes.insert(0, app.router.routes.pop())
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["WANGGE_PORT"]), log_level="error", access_log=False
    )


async def _empty() -> dict[str, bool]:
    return {}


@contextmanager
def city(folder: Path) -> Iterator[Database]:
    """Keep a database with the division of a large city."""
    ingredients = yaml.safe_load(INGREDIENTS.read_text(encoding="utf-8"))
    size = DemoSize(GRIDS)
    ground = lay_out(size, ingredients)
    division = divide(ingredients, ground, put_up(size, ingredients, ground), Site(ingredients))
    with Cluster(folder / "cluster", durable=False).running() as url:
        upgrade(url)
        database = Database(url)
        with database.write() as uow:
            publish(OPERATOR, uow, division, name="bench", valid_from=datetime.now(UTC) - timedelta(days=1))
        yield database
        database.close()


@contextmanager
def server(url: str, folder: Path) -> Iterator[int]:
    """Keep a server in a process of its own; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"WANGGE_DATABASE_URL": url, "WANGGE_PORT": str(port), "WANGGE_DATA_DIR": str(folder)}
    process = subprocess.Popen([sys.executable, "-m", __spec__.name, "serve"], env={**os.environ, **settings})
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


async def rate(port: int, paths: list[str]) -> float:
    """Ask for all paths over a few connections; gives answers a second."""
    lanes = [paths[k::CONNECTIONS] for k in range(CONNECTIONS)]
    started = time.perf_counter()
    await asyncio.gather(*(_lane(port, lane) for lane in lanes))
    return len(paths) / (time.perf_counter() - started)


async def _lane(port: int, paths: list[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path in paths:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{path}: {head[:60]!r}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length[15:]))
    writer.close()


def routes(url: str, folder: Path, runs: dict[str, list[str]]) -> dict[str, float]:
    """Give the best rate of each run of paths, in turns."""
    best = dict.fromkeys(runs, 0.0)
    with server(url, folder) as port:
        for paths in runs.values():
            asyncio.run(rate(port, paths[:500]))
        for _ in range(TURNS):
            for name, paths in runs.items():
                best[name] = max(best[name], asyncio.run(rate(port, paths)))
    return best


def asked(index: LocateIndex, lon: np.ndarray, lat: np.ndarray) -> dict[str, list[str]]:
    """Give the paths of an empty route, of lookups inside the division and of lookups outside."""
    covered = index.find_many(lon, lat)[0] != OUTSIDE
    paths = [f"/api/v1/locate?lon={x:.7f}&lat={y:.7f}" for x, y in zip(lon, lat, strict=True)]
    inside, outside = (
        [path for path, is_in in zip(paths, covered, strict=True) if is_in == wanted]
        for wanted in (True, False)
    )
    return {
        "GET of an empty route": ["/api/v1/empty"] * REQUESTS,
        "GET /api/v1/locate, in a grid": inside[:REQUESTS],
        "GET /api/v1/locate, outside: the nearest": outside[:REQUESTS],
    }


def batches(database: Database, lon: np.ndarray, lat: np.ndarray) -> dict[str, float]:
    """Give seconds for a set of points: by the index, by geopandas, by PostGIS; all find the same."""
    points = shapely.points(lon, lat)
    with database.write() as uow:
        generation = uow.connection.execute(text("SELECT max(id) FROM generation")).scalar_one()
        ids, cells = leaf_cells(uow.connection, generation)
        index = LocateIndex.build(cells)
        index.find_many(lon[:10], lat[:10])
        started = time.perf_counter()
        found, _ = index.find_many(lon, lat)
        by_index = time.perf_counter() - started

        frame = gpd.GeoDataFrame({"cell": np.arange(len(cells))}, geometry=cells, crs=4326)
        asked = gpd.GeoDataFrame(geometry=points, crs=4326)
        started = time.perf_counter()
        joined = asked.sjoin(frame, how="left", predicate="covered_by")
        by_geopandas = time.perf_counter() - started

        uow.connection.execute(text("CREATE TEMP TABLE asked (n integer, geom geometry(Point, 4326))"))
        copy_rows(uow.connection, "asked", ("n", "geom"), enumerate(geometry_texts(points)))
        uow.connection.execute(text("ANALYZE asked"))
        started = time.perf_counter()
        uow.connection.execute(
            text("""CREATE TEMP TABLE answered AS SELECT n, (SELECT id FROM grid
                        WHERE generation_id = :generation AND is_leaf AND ST_Covers(grid.geom, asked.geom)
                        ORDER BY code LIMIT 1) AS id FROM asked"""),
            {"generation": generation},
        )
        by_postgis = time.perf_counter() - started
        rows = uow.connection.execute(text("SELECT id FROM answered ORDER BY n")).scalars()
        in_sql = np.array([-1 if row is None else row for row in rows])
    ours = np.where(found == OUTSIDE, -1, ids[found])
    lowest = joined.groupby(level=0)["cell"].min().to_numpy()
    theirs = np.where(np.isnan(lowest), -1, ids[np.nan_to_num(lowest).astype(int)])
    different = (ours != in_sql).sum(), (ours != theirs).sum()
    Console().print(f"answers that differ from PostGIS: {different[0]}, from geopandas: {different[1]}")
    return {"index": by_index, "geopandas.sjoin": by_geopandas, "PostGIS": by_postgis}


def main() -> None:
    """Print rates, times and ratios."""
    table = Table("what", "measured", "ratio", title=f"{GRIDS:,} grids")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        with city(folder) as database:
            with database.read() as uow:
                box = uow.connection.execute(
                    text(
                        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (SELECT ST_Extent(geom) e"
                        " FROM grid WHERE is_leaf) s"
                    )
                ).one()
            rng = np.random.default_rng(20261122)
            lon, lat = rng.uniform(box[:2], box[2:], (POINTS, 2)).T.copy()
            with database.read() as uow:
                index = LocateIndex.build(leaf_cells(uow.connection, 1)[1])
            rates = routes(database.url, folder, asked(index, lon[: 20 * REQUESTS], lat[: 20 * REQUESTS]))
            empty = next(iter(rates.values()))
            for what, answers in rates.items():
                table.add_row(what, f"{answers:,.0f} /s", f"{answers / empty:.2f} of the empty route")
            times = batches(database, lon, lat)
            for rival, seconds in times.items():
                table.add_row(
                    f"1,000,000 points: {rival}", f"{seconds:.2f} s", f"{seconds / times['index']:.1f}"
                )
    Console().print(table)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["serve"] else main()
