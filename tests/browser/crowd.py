"""A city with a thousand grids but for a gap, and twenty thousand buildings: all that a screen must bear."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import shapely
from sqlalchemy import text

from geo.db.unit_of_work import Database, UnitOfWork
from geo.domain.actors import OPERATOR, Grant, Role
from geo.domain.generations import Division
from geo.domain.grids import Level
from geo.services import accounts, generations

PASSWORD = "correct horse battery"
WEST, SOUTH, STEP = 120.0, 30.0, 0.004
COLUMNS, ROWS = 40, 25
BUILDINGS_A_GRID = 20
GAP = 12 * COLUMNS + 20
"""Place of the grid that isn't there, in the middle of the others."""
UPPER = ("330106", "330106001", "330106001001")


def division() -> Division:
    """Give one community of a thousand square grids less one."""
    places = np.delete(np.arange(COLUMNS * ROWS), GAP)
    x, y = WEST + STEP * np.arange(COLUMNS + 1), SOUTH + STEP * np.arange(ROWS + 1)
    column, row = places % COLUMNS, places // COLUMNS
    boxes = shapely.box(x[column], y[row], x[column + 1], y[row + 1])
    return community({f"{place:04d}": box for place, box in zip(places.tolist(), boxes, strict=True)})


def community(grids: dict[str, shapely.Geometry]) -> Division:
    """Give one community with some grids, by the last digits of their codes."""
    west, south, east, north = np.array([cell.bounds for cell in grids.values()]).T
    whole = shapely.multipolygons([shapely.box(west.min(), south.min(), east.max(), north.max())])
    cells = [shapely.multipolygons(shapely.get_parts(cell)) for cell in grids.values()]
    size = len(UPPER) + len(grids)
    return Division(
        codes=(*UPPER, *(f"{UPPER[-1]}{place}" for place in grids)),
        names=("云溪区", "望山街道", "朝阳社区", *(f"第{place}网格" for place in grids)),
        levels=(Level.DISTRICT, Level.STREET, Level.COMMUNITY, *[Level.UNIT] * len(grids)),
        parent_codes=(None, *UPPER[:2], *[UPPER[-1]] * len(grids)),
        geometries=np.array([whole] * 3 + cells, dtype=object),
        areas_m2=np.full(size, 1.7e5),
        households=(None,) * 3 + tuple(200 + int(place) % 7 for place in grids),
        population=(None,) * size,
        attributes=({},) * size,
    )


BUILD = """
    INSERT INTO ground_feature (kind, geom)
    SELECT 'building', ST_MakeEnvelope(x, y, x + 0.0003, y + 0.00025, 4326)
    FROM generate_series(0, :count - 1) AS n, LATERAL (
        SELECT :west + :step * (n % 200 + 0.35) / 5 AS x, :south + :step * (n / 200 + 0.3) / 4 AS y
    ) AS place"""


def crowd(url: str) -> None:
    """Fill a database with that city, and a planner."""
    database = Database(url)
    with database.write() as uow:
        settle(uow, division())
        values = {"count": COLUMNS * ROWS * BUILDINGS_A_GRID, "west": WEST, "south": SOUTH, "step": STEP}
        uow.connection.execute(text(BUILD), values)
    database.close()


def settle(uow: UnitOfWork, drawn: Division) -> None:
    """Let a division be in force, and a planner at work in it."""
    valid_from = datetime(2026, 1, 1, tzinfo=UTC)
    generations.publish(OPERATOR, uow, drawn, name="密集城区", valid_from=valid_from)
    accounts.create(OPERATOR, uow, username="planner", password=PASSWORD, grants=[Grant(Role.PLANNER)])
