"""Begins plans in the demo city, as its planner would: one at work, one that waits for approval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.db.demo import roads_across
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.plan_drafts import Draft
from geo.domain.plan_operations import OperationKind
from geo.domain.plans import PlanState
from geo.geometry.adjacency import neighbours
from geo.geometry.tiling import Effect
from geo.services import plans
from geo.services.plan_drafts import Drafts
from geo.services.plan_operations import Asked, operate
from geo.services.plan_states import take_step

AT_WORK = "大网格拆分、小网格合并"
WAITING = "小网格合并"
REASON = "户数偏少，请审核"


@dataclass(frozen=True, slots=True)
class _Desk:
    """A plan on which its planner is at work."""

    actor: Actor
    uow: UnitOfWork
    drafts: Drafts
    plan_id: int

    @property
    def draft(self) -> Draft:
        return plans.get(self.actor, self.uow, self.drafts, self.plan_id)[1]

    def operate(self, kind: OperationKind, **parameters: Any) -> Effect:
        asked = Asked(self.draft.plan.revision, kind, parameters)
        return operate(self.actor, self.uow, self.drafts, self.plan_id, asked).effect

    def split(self, code: str, road: int) -> None:
        """Split a grid along a road and number the pieces."""
        pieces = self.operate(OperationKind.SPLIT, key=code, features=[road]).after
        for number, (key, cell) in enumerate(pieces.items(), start=1):
            self.operate(OperationKind.RENAME, key=key, name=f"{cell.name}（{number}）")

    def merge_smallest(self) -> None:
        """Make one grid of the two siblings side by side that have the fewest households together."""
        tiling = self.draft.tiling
        keys = sorted(tiling.cells)
        cells = [tiling.cells[key] for key in keys]
        one, other, _ = neighbours(tiling.plane.metres(tiling.shapes(keys)))
        households = np.array([cell.households or 0 for cell in cells])
        parents = np.array([cell.parent for cell in cells])
        together = np.where(parents[one] == parents[other], households[one] + households[other], np.inf)
        least = int(np.argmin(together))
        chosen = [keys[one[least]], keys[other[least]]]
        self.operate(OperationKind.MERGE, keys=chosen, name=cells[one[least]].name)


def begin_plans(actor: Actor, uow: UnitOfWork) -> None:
    """Keep a draft with a few operations, and a plan that somebody else is to approve.

    Parameters
    ----------
    actor : Actor
        The planner.
    uow : UnitOfWork
        The transaction, in a demo city that is loaded.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write plans for the whole city.
    """
    drafts = Drafts()
    waiting = _Desk(actor, uow, drafts, plans.create(actor, uow, name=WAITING).plan.id)
    waiting.merge_smallest()
    revision = waiting.draft.plan.revision
    submitted = PlanState.SUBMITTED
    take_step(actor, uow, drafts, waiting.plan_id, revision=revision, to=submitted, reason=REASON)
    at_work = _Desk(actor, uow, drafts, plans.create(actor, uow, name=AT_WORK).plan.id)
    for code, road in roads_across(uow.connection, at_work.draft.plan.generation_id, limit=1):
        at_work.split(code, road)
    at_work.merge_smallest()
