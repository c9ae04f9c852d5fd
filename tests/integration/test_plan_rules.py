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


def least_width(house, metres, code=None):
    """Let another least width hold from long ago on, in a grid or in the city."""
    with house.database.write() as uow:
        profiles.override(
            OPERATOR, uow, "division.least_width_m", metres, grid_code=code, valid_from=date(2020, 1, 1)
        )


def test_no_piece_is_narrower_than_the_profile_allows(plan):
    key, cell = next(iter(plan.cells().items()))
    narrow = {"key": key, "lines": strip(cell, 0.25)}
    before = plan.revision
    least_width(plan.house, 5000.0)
    refused = plan.do("split", narrow, dry_run=True)
    least_width(plan.house, 0.5)
    assert (refused.status_code, refused.json()["code"]) == (409, "sliver")
    assert refused.json()["geometry"]
    assert plan.revision == before
    assert plan.do("split", narrow, dry_run=True).status_code == 200


def test_the_least_width_of_a_district_holds_there_alone(plan):
    """Of two places with rules that differ, one refuses what the other takes; so does a single grid."""
    grids, cells = plan.grids(), plan.cells()
    parents = {key: one["properties"]["parent"] for key, one in grids.items()}
    strict, *_, easy = sorted(cells, key=lambda key: (parents[key], key))
    sibling = next(key for key in sorted(cells) if parents[key] == parents[easy] and key != easy)
    assert parents[strict] != parents[easy]

    def answer(key):
        return plan.do("split", {"key": key, "lines": strip(cells[key], 0.25)}, dry_run=True)

    def drawn(key):
        """A new grid in the middle of one."""
        area = cells[key].representative_point().buffer(2e-4).__geo_interface__
        return plan.do("draw", {"polygon": area, "parent": parents[key], "givers": [key]}, dry_run=True)

    assert [answer(key).status_code for key in (strict, easy)] == [200, 200]
    least_width(plan.house, 5000.0, parents[strict])
    assert [answer(key).status_code for key in (strict, easy, sibling)] == [409, 200, 200]
    refused = answer(strict).json()
    assert (refused["code"], refused["fields"]["least_m"]) == ("sliver", 5000.0)
    assert [drawn(key).status_code for key in (strict, easy)] == [409, 200]

    least_width(plan.house, 4000.0, sibling)
    assert [answer(key).status_code for key in (easy, sibling)] == [200, 409]
    assert answer(sibling).json()["fields"]["least_m"] == 4000.0

    for code in (parents[strict], sibling):
        with plan.house.database.write() as uow:
            profiles.withdraw(OPERATOR, uow, grid_code=code, valid_from=date(2020, 1, 1))
    assert [answer(key).status_code for key in (strict, sibling)] == [200, 200]
