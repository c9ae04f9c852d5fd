"""A small division with values of every kind, for tests that draw it."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import shapely

from geo.domain.backlog import NOTHING, Backlog, Count, GridBacklog, OpenIssue
from geo.domain.coverage import Coverage, Density, GridCoverage, GridGround, GroundCoverage
from geo.domain.grids import GridName, Level
from geo.domain.ground import Ground, GroundKind
from geo.domain.hotspots import Hotspots, find_hotspots
from geo.domain.issues import IssueState
from geo.domain.measures import AreaShare, Period, Share
from geo.domain.shapes import Shapes, shapes_of

HOSTILE = "</script><script>window.attacked=1</script><img src=x onerror='window.attacked=1'>"
WEST, SOUTH, SIDE = 120.0, 30.0, 0.01
PERIOD = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))


def shapes(name: str = "网格") -> Shapes:
    """Five by five squares; the last one lies apart."""
    cells = [
        shapely.box(x, y, x + SIDE, y + SIDE)
        for x in WEST + SIDE * np.arange(5)
        for y in SOUTH + SIDE * np.arange(5)
    ]
    cells[-1] = shapely.box(WEST + 7 * SIDE, SOUTH, WEST + 8 * SIDE, SOUTH + SIDE)
    grids = tuple(GridName(f"{n:03}", f"{name}{n}", Level.UNIT) for n in range(25))
    return shapes_of(grids, np.array([shapely.multipolygons([cell]) for cell in cells], dtype=object))


def ground() -> Ground:
    ways = shapely.linestrings([[[120, 30], [120.05, 30.05]], [[120, 30.02], [120.05, 30.02]]])
    return Ground((GroundKind.RIVER, GroundKind.ROAD), ways)


def coverage(drawn: Shapes) -> Coverage:
    """The first grid has nothing due."""
    rows = (GridCoverage(grid, Share(n % 5, 5 if n else 0)) for n, grid in enumerate(drawn.grids))
    return Coverage(PERIOD, tuple(rows), 2)


def walked(drawn: Shapes) -> GroundCoverage:
    rows = (GridGround(grid, AreaShare(1000.0 * n, 25000.0)) for n, grid in enumerate(drawn.grids))
    return GroundCoverage(PERIOD, 20, 1, tuple(rows))


def density() -> Density:
    return Density(50, np.array([120.005, 120.025]), np.array([30.005, 30.025]), np.array([7, 1]))


def hotspots(drawn: Shapes) -> Hotspots:
    counts = tuple((grid, 60 if n in {0, 1, 5, 6} else 2) for n, grid in enumerate(drawn.grids))
    return find_hotspots(PERIOD, counts, drawn.i, drawn.j, unlocated=0)


def backlog(drawn: Shapes) -> Backlog:
    rows = (GridBacklog(grid, Count(n, n // 2, 0, 9, 3)) for n, grid in enumerate(drawn.grids))
    return Backlog(PERIOD.end, None, tuple(rows), NOTHING)


def issues(number: str = "WG-1") -> tuple[OpenIssue, ...]:
    one = {"category": "暴露垃圾", "state": IssueState.DISPATCHED, "reported_at": PERIOD.start}
    return (
        OpenIssue(
            number=number,
            due_at=PERIOD.start,
            is_overdue=True,
            lon=120.015,
            lat=30.035,
            grid_code="008",
            **one,
        ),
        OpenIssue(
            number="WG-2", due_at=None, is_overdue=False, lon=120.035, lat=30.015, grid_code="016", **one
        ),
    )
