"""Checking a plan."""

from __future__ import annotations

from datetime import date

from geo.db.plan_publication import staffed_codes
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.plan_checks import Range, Validation, validate
from geo.services import plans
from geo.services.plan_drafts import Drafts


def validation(
    actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, wanted: Range, day: date
) -> Validation:
    """Give everything found in a plan as it stands.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    wanted : Range
        How many households a grid should have.
    day : date
        Today in the city: whose posts count.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    NotFound
        If there is no such plan.
    """
    _, draft = plans.get(actor, uow, drafts, plan_id)
    return validate(draft, wanted, staffed_codes(uow.connection, draft.base.tiling.cells, day))
