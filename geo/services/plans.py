"""Plans listed, read and begun."""

from __future__ import annotations

from datetime import UTC, datetime

from geo.db import plans as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.plan_drafts import Draft, PlanRecord
from geo.errors import NoDivision
from geo.services import plan_drafts as drafting
from geo.services.plan_drafts import Drafts


def list_plans(actor: Actor, uow: UnitOfWork) -> tuple[PlanRecord, ...]:
    """Give every plan without its operations, the one changed last first.

    Parameters
    ----------
    actor : Actor
        Who asks; anybody who may read plans anywhere, since plans tell nothing but divisions.
    uow : UnitOfWork
        The transaction.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    """
    actor.jurisdiction(Action.READ_PLANS)
    return rows.all_plans(uow.connection)


def get(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int) -> tuple[PlanRecord, Draft]:
    """Give a plan with its operations, and the division that it describes.

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

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read plans.
    NotFound
        If there is no such plan.
    """
    actor.jurisdiction(Action.READ_PLANS)
    return drafting.read(uow, drafts, rows.one_plan(uow.connection, plan_id))


def create(actor: Actor, uow: UnitOfWork, *, name: str) -> PlanRecord:
    """Keep a new draft on top of the division published last.

    Parameters
    ----------
    actor : Actor
        Who begins it.
    uow : UnitOfWork
        The transaction.
    name : str
        What it is called.

    Returns
    -------
    PlanRecord
        The plan, empty.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not write plans.
    NoDivision
        If none is published.
    """
    actor.jurisdiction(Action.WRITE_PLANS)
    generation_id = rows.latest_generation(uow.connection)
    if generation_id is None:
        raise NoDivision(at=datetime.now(UTC).isoformat(timespec="seconds"))
    plan_id = rows.insert_plan(uow.connection, name, generation_id, actor.name)
    uow.record(actor, "create", "plan", plan_id, {"name": name, "generation": generation_id})
    return rows.one_plan(uow.connection, plan_id)


def branch(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, name: str) -> PlanRecord:
    """Keep a new draft that begins with what another plan has done.

    Parameters
    ----------
    actor : Actor
        Who begins it.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        The plan whose operations are taken over.
    name : str
        What the new one is called.

    Returns
    -------
    PlanRecord
        The new plan, with the operations of the other.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not write plans.
    NotFound
        If there is no such plan.
    """
    actor.jurisdiction(Action.WRITE_PLANS)
    origin, _ = drafting.read(uow, drafts, rows.one_plan(uow.connection, plan_id))
    new_id = rows.insert_plan(uow.connection, name, origin.plan.generation_id, actor.name)
    empty = rows.one_plan(uow.connection, new_id)
    rows.save(uow.connection, empty.plan, origin.plan.branched(new_id, name))
    uow.record(actor, "create", "plan", new_id, {"name": name, "branch_of": plan_id})
    return rows.one_plan(uow.connection, new_id)
