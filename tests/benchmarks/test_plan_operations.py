"""How long an operation, a check and GEOS take on a division of 10,000 grids.

By hand: ``python -m tests.benchmarks.test_plan_operations``. No test: a busy machine would make it lie. The
application answers in this process over the made-up city; the best of several turns counts.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import yaml
from fastapi.testclient import TestClient
from rich.console import Console
from rich.table import Table

from api.app import create_app
from api.settings import Settings
from geo.db.bulk import copy_rows, geometry_texts
from geo.db.cluster import Cluster
from geo.db.migrations import upgrade
from geo.db.unit_of_work import Database
from geo.domain.actors import OPERATOR, Role
from geo.domain.demo import DemoSize
from geo.domain.demo.division import Site, divide
from geo.domain.demo.ground import lay_out
from geo.domain.demo.things import put_up
from geo.services.demo import INGREDIENTS
from geo.services.generations import publish
from tests.integration.planners import NOW, House, Planner, across
from tests.integration.wanderers import Wanderer, move_border, move_vertex, reassign

GRIDS = 10_000
TURNS = 5
AIM_OPERATION_S, AIM_CHECK_S = 0.3, 5.0


@contextmanager
def planner(folder: Path) -> Iterator[Planner]:
    """Keep a planner at work on a large city with its buildings."""
    ingredients = yaml.safe_load(INGREDIENTS.read_text(encoding="utf-8"))
    size = DemoSize(GRIDS)
    ground = lay_out(size, ingredients)
    things, site = put_up(size, ingredients, ground), Site(ingredients)
    with Cluster(folder / "cluster", durable=False).running() as url:
        upgrade(url)
        database = Database(url)
        with database.write() as uow:
            division = divide(ingredients, ground, things, site)
            publish(OPERATOR, uow, division, name="云溪区", valid_from=NOW)
            shapes = geometry_texts(site.on_earth(list(things.building_shape)))
            copy_rows(
                uow.connection, "ground_feature", ("kind", "geom"), (("building", one) for one in shapes)
            )
        app = create_app(Settings(database_url=url, data_dir=folder))
        with TestClient(app, base_url="http://127.0.0.1:8000") as client:
            house = House(client, database)
            token = house.add("ann", Role.PLANNER)
            plan_id = house.ask("POST", "/plans", token, json={"name": "基准"}).json()["id"]
            yield Planner(house, token, plan_id)
        database.close()


def best(work: Callable[[], Any]) -> float:
    """Seconds that the quickest turn took."""
    taken = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def trials(wanderer: Wanderer) -> dict[str, Callable[[], tuple[str, dict[str, Any]]]]:
    """Operations of each kind, another one each time that one is asked for."""

    def pair() -> list[str]:
        key = wanderer.key()
        return [key, wanderer.neighbour(key)]

    def split() -> tuple[str, dict[str, Any]]:
        key = wanderer.key()
        return "split", {"key": key, "lines": across(wanderer.shapes[key])}

    return {
        "split": split,
        "merge": lambda: ("merge", {"keys": pair()}),
        "move-border": lambda: move_border(wanderer),
        "move-vertex": lambda: move_vertex(wanderer),
        "reassign": lambda: reassign(wanderer),
        "rename": lambda: ("rename", {"key": wanderer.key(), "name": f"网格{wanderer.revision}"}),
    }


def operation_s(wanderer: Wanderer, ask: Callable[[], tuple[str, dict[str, Any]]]) -> float:
    """Seconds from request to answer of the slowest of some operations that were done."""
    slowest, done = 0.0, 0
    while done < TURNS:
        kind, parameters = ask()
        begun = time.perf_counter()
        answer = wanderer.planner.do(kind, parameters, revision=wanderer.revision)
        taken = time.perf_counter() - begun
        if answer.status_code == 200:
            slowest, done = max(slowest, taken), done + 1
        wanderer.keep(kind, answer)
    return slowest


def main() -> None:
    """Print every figure beside what GEOS takes to look at the whole coverage."""
    table = Table("what", "seconds", "of coverage_is_valid", "aim")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        with planner(Path(folder)) as plan:
            wanderer = Wanderer(plan, 1)
            shapes = np.array(list(wanderer.shapes.values()), dtype=object)
            coverage_s = best(lambda: shapely.coverage_is_valid(shapes))

            def row(what: str, seconds: float, aim_s: float) -> None:
                table.add_row(what, f"{seconds:.3f}", f"{seconds / coverage_s:.2f}", f"< {aim_s} s")

            table.add_row("shapely.coverage_is_valid", f"{coverage_s:.3f}", "1.00", "")
            for kind, ask in trials(wanderer).items():
                row(f"{kind}, slowest of {TURNS}", operation_s(wanderer, ask), AIM_OPERATION_S)
            begun = time.perf_counter()
            assert plan.get("/validation")["holds"]
            row("validation, first", time.perf_counter() - begun, AIM_CHECK_S)
            row("validation, kept", best(lambda: plan.get("/validation")), AIM_CHECK_S)
    Console().print(table)


if __name__ == "__main__":
    main()
