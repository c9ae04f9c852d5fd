"""Hundreds of operations of every kind over HTTP leave a division; undone to the start, the one in force."""

from __future__ import annotations

import pytest
import shapely

from geo.services.plan_drafts import Drafts
from tests.integration.wanderers import Wanderer

pytestmark = [pytest.mark.database, pytest.mark.slow]

STEPS = 300


def households(grids):
    return sum(one["households"] or 0 for one in grids.values())


@pytest.mark.parametrize("seed", [1])
def test_any_way_leaves_a_division_and_leads_back(plan, seed):
    start, total = plan.cells(), households(plan.division()[0])
    ground = sum(cell.area for cell in start.values())
    wanderer = Wanderer(plan, seed)
    for _ in range(STEPS // 50):
        wanderer.wander(50)
        told = wanderer.shapes
        wanderer.read()
        assert {key: cell.wkb for key, cell in wanderer.shapes.items()} == {
            key: cell.wkb for key, cell in told.items()
        }
        assert shapely.coverage_is_valid(list(told.values()))
        assert sum(cell.area for cell in told.values()) == pytest.approx(ground, rel=1e-6)
        assert households(wanderer.grids) == total
    assert {
        "split",
        "merge",
        "move-border",
        "reassign",
        "draw",
        "undo",
        "redo",
        "jump",
    } <= wanderer.done.keys()
    assert plan.get("/validation")["holds"]
    assert plan.post("jump", revision=wanderer.revision, to_seq=0).status_code == 200
    assert {key: cell.wkb for key, cell in plan.cells().items()} == {k: c.wkb for k, c in start.items()}
    plan.house.client.app.state.drafts = Drafts()
    assert {key: cell.wkb for key, cell in plan.cells().items()} == {k: c.wkb for k, c in start.items()}
