"""A city with a thousand grids but for a gap, and twenty thousand buildings: all that a screen must bear."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import shapely
from sqlalchemy import text

from geo.db.unit_of_work import Database
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
    cells = [shapely.multipolygons([cell]) for cell in boxes]
    whole = shapely.multipolygons([shapely.box(x[0], y[0], x[-1], y[-1])])
    codes = [f"{UPPER[-1]}{place:04d}" for place in places.tolist()]
    size = len(UPPER) + len(codes)
    return Division(
        codes=(*UPPER, *codes),
        names=("云溪区", "望山街道", "朝阳社区", *(f"第{code[-4:]}网格" for code in codes)),
        levels=(Level.DISTRICT, Level.STREET, Level.COMMUNITY, *[Level.UNIT] * len(codes)),
        parent_codes=(None, *UPPER[:2], *[UPPER[-1]] * len(codes)),
        geometries=np.array([whole] * 3 + cells, dtype=object),
        areas_m2=np.full(size, 1.7e5),
        households=(None,) * 3 + tuple(200 + place % 7 for place in places.tolist()),
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
        valid_from = datetime(2026, 1, 1, tzinfo=UTC)
        generations.publish(OPERATOR, uow, division(), name="密集城区", valid_from=valid_from)
        values = {"count": COLUMNS * ROWS * BUILDINGS_A_GRID, "west": WEST, "south": SOUTH, "step": STEP}
        uow.connection.execute(text(BUILD), values)
        accounts.create(OPERATOR, uow, username="planner", password=PASSWORD, grants=[Grant(Role.PLANNER)])
    database.close()
