"""How long publishing takes: by hand, ``python -m tests.benchmarks.test_plan_publication DATABASE_URL``.

No test: a busy machine would make it lie. The database holds a demo city (``wangge demo --grids 10000``).
Plans that merge some grids, move every border, merge all grids, or give each another code are published in
turn, and taken back each time. The ratios hold although the times move with the machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from rich.console import Console

from geo.db import plans as plan_rows
from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR
from geo.domain.plan_operations import OperationKind
from geo.domain.plans import Operation, Plan, PlanState, Standing
from geo.geometry.adjacency import neighbours
from geo.geometry.tiling import Cell, Change, Effect, Tiling
from geo.services.plan_drafts import Drafts
from geo.services.plan_publication import Publication, publish_plan

Pair = tuple[str, str]
FEW = 50
"""One pair of grids in so many is merged by a usual plan."""
OTHER_SIDE = 1.03
"""How far a border moves, as a share of the way between the middles of the grids on its sides."""


def siblings(tiling: Tiling) -> list[Pair]:
    """Return pairs of adjacent grids of one parent, no grid twice."""
    keys = list(tiling.cells)
    pairs, taken = [], set[str]()
    for i, j in zip(*(places.tolist() for places in neighbours(tiling.shapes(keys))[:2]), strict=True):
        pair = keys[i], keys[j]
        if tiling[pair[0]].parent == tiling[pair[1]].parent and taken.isdisjoint(pair):
            taken.update(pair)
            pairs.append(pair)
    return pairs


def merging(tiling: Tiling, pairs: list[Pair]) -> Effect:
    """Return the effect of merging each pair."""
    changes = {key: Change(tiling[key], None) for pair in pairs for key in pair}
    for pair in pairs:
        west, east = (tiling[key] for key in pair)
        households = (west.households or 0) + (east.households or 0)
        merged = replace(west, geometry=_whole(west, east), code=None, households=households)
        changes["+".join(pair)] = Change(None, merged)
    return _effect(changes)


def moving_borders(tiling: Tiling, pairs: list[Pair]) -> Effect:
    """Return the effect of moving the border inside each pair a little."""
    changes = {}
    for pair in pairs:
        one, other = (tiling[key] for key in pair)
        whole = _whole(one, other)
        near = _side(whole, one.geometry.centroid, other.geometry.centroid)
        parts = shapely.intersection(whole, near), shapely.difference(whole, near)
        for key, part in zip(pair, parts, strict=True):
            ground = [each for each in shapely.get_parts(part) if each.geom_type == "Polygon"]
            changes[key] = Change(tiling[key], replace(tiling[key], geometry=shapely.multipolygons(ground)))
    return _effect(changes)


def recoding(tiling: Tiling) -> Effect:
    """Return the effect of giving each grid a code that was never used."""
    cells = tiling.cells.items()
    return _effect({key: Change(cell, replace(cell, code=f"{key}N")) for key, cell in cells})


def _effect(changes: dict[str, Change]) -> Effect:
    return Effect(MappingProxyType(dict(sorted(changes.items()))), frozenset(changes))


def _whole(one: Cell, other: Cell) -> shapely.Geometry:
    return shapely.multipolygons(shapely.get_parts(shapely.union(one.geometry, other.geometry)))


def _side(whole: shapely.Geometry, one: shapely.Point, other: shapely.Point) -> shapely.Geometry:
    """Return a box that holds what is on the side of one of two points."""
    low, high = np.array(whole.bounds).reshape(2, 2)
    here, there = np.array(one.coords[0]), np.array(other.coords[0])
    axis = int(np.argmax(np.abs(there - here)))
    border = here[axis] + OTHER_SIDE * (there[axis] - here[axis]) / 2
    (high if here[axis] < there[axis] else low)[axis] = border
    return shapely.box(*low, *high)


def approved(uow: UnitOfWork, effect: Effect, generation_id: int) -> int:
    """Return the number of a plan with that one operation, ready to be published."""
    plan_id = plan_rows.insert_plan(uow.connection, "benchmark", generation_id, "planner")
    empty = Plan(plan_id, "benchmark", generation_id, PlanState.DRAFT)
    made = Operation(
        seq=1,
        kind=OperationKind.MERGE,
        parameters={},
        effect=effect,
        made_on_revision=0,
        changed_in_revision=1,
        made_by="planner",
        made_at=datetime.now(UTC),
        standing=Standing.DONE,
    )
    plan_rows.save(
        uow.connection, empty, replace(empty, operations=(made,), revision=1, state=PlanState.APPROVED)
    )
    return plan_id


def seconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main(url: str) -> None:
    """Print times and ratios."""
    database, drafts = Database(url, pool_size=1), Drafts()
    with database.read() as uow:
        generation_id = plan_rows.latest_generation(uow.connection)
        assert generation_id is not None
        tiling = drafts.base(uow, generation_id).tiling
    pairs, cells = siblings(tiling), tiling.shapes(tiling.cells)
    check_s = min(seconds(lambda: shapely.coverage_is_valid(cells)) for _ in range(3))
    console = Console()
    console.print(f"coverage_is_valid of {len(cells):,} grids: {check_s:.2f} s")
    plans = {
        "merge a few": merging(tiling, pairs[::FEW]),
        "move every border": moving_borders(tiling, pairs),
        "merge all": merging(tiling, pairs),
        "recode all": recoding(tiling),
    }
    for name, effect in plans.items():
        with database.engine.connect() as connection:  # never committed
            uow = UnitOfWork(connection)
            plan_id = approved(uow, effect, generation_id)
            begun = time.perf_counter()
            done: Publication = publish_plan(
                OPERATOR,
                uow,
                drafts,
                plan_id,
                revision=1,
                name=None,
                valid_from=None,
                zone=ZoneInfo("Asia/Shanghai"),
            )
            took_s = time.perf_counter() - begun
        moved = sum(one.count for one in done.report.moved)
        console.print(
            f"{name}: {len(effect.changes):,} grids changed, {moved:,} things moved, {took_s:.1f} s,"
            f" {took_s / check_s:.0f} times coverage_is_valid"
        )
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
