"""Checking a plan, and comparing it with others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geo.db import plans as rows
from geo.db.plan_publication import staffed_codes
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.plan_checks import Range, Validation, validate
from geo.domain.plan_comparisons import Comparison, compare
from geo.geometry.tiling import Tiling
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


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with what is counted on the ground.

    Attributes
    ----------
    comparison : Comparison
        What is different.
    entities : int
        Entities on ground that changed hands.
    """

    comparison: Comparison
    entities: int


def comparison_with_plan(
    actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, other_id: int
) -> Compared:
    """Give what is different in a plan from another one.

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
    other_id : int
        With which plan it is compared.

    Returns
    -------
    Compared
        Grid by grid, with what changed hands.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    NotFound
        If one of the plans isn't there.
    """
    _, other = plans.get(actor, uow, drafts, other_id)
    return _compared(actor, uow, drafts, plan_id, other.tiling)


def comparison_with_generation(
    actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, generation_id: int | None
) -> Compared:
    """Give what is different in a plan from a published division.

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
    generation_id : int or None
        With what it is compared; the division that it begins with by default.

    Returns
    -------
    Compared
        Grid by grid, with what changed hands.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    NotFound
        If there is no such plan or generation.
    """
    record, _ = plans.get(actor, uow, drafts, plan_id)
    base = drafts.base(uow, generation_id or record.plan.generation_id)
    return _compared(actor, uow, drafts, plan_id, base.tiling)


def _compared(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, before: Tiling) -> Compared:
    _, draft = plans.get(actor, uow, drafts, plan_id)
    found = compare(before.cells, draft.tiling.cells, draft.tiling.plane)
    return Compared(found, rows.entities_on(uow.connection, [one.ground for one in found.handed]))
