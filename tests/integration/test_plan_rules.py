"""What the regulation profile says of a division holds for each operation on a plan."""

from __future__ import annotations

from datetime import date

import pytest

from geo.domain.actors import OPERATOR
from geo.services import profiles

pytestmark = pytest.mark.database


def strip(cell, share):
    """A line that cuts a part of the width of a cell off at its west side."""
    west, south, east, north = cell.bounds
    x = west + share * (east - west)
    return {"type": "LineString", "coordinates": [[x, south - 0.001], [x, north + 0.001]]}


def test_no_piece_is_narrower_than_the_profile_allows(plan):
    key, cell = next(iter(plan.cells().items()))
    narrow = {"key": key, "lines": strip(cell, 0.25)}
    before = plan.revision
    with plan.house.database.write() as uow:
        profiles.override(
            OPERATOR, uow, "division.least_width_m", 5000.0, grid_code=None, valid_from=date(2020, 1, 1)
        )
    refused = plan.do("split", narrow, dry_run=True)
    with plan.house.database.write() as uow:
        profiles.override(
            OPERATOR, uow, "division.least_width_m", 0.5, grid_code=None, valid_from=date(2020, 1, 1)
        )
    assert (refused.status_code, refused.json()["code"]) == (409, "sliver")
    assert refused.json()["geometry"]
    assert plan.revision == before
    assert plan.do("split", narrow, dry_run=True).status_code == 200
