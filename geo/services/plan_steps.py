"""The way back and forth through the operations of a plan."""

from __future__ import annotations

from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.plan_drafts import Draft, composed
from geo.domain.plans import Plan
from geo.geometry.tiling import Effect
from geo.services import plan_drafts as drafting
from geo.services.plan_drafts import Drafts
from geo.services.plan_operations import Step


def undo(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, revision: int) -> Step:
    """Take back the last operation of a plan.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction; other changes of the plan wait until it ends.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.

    Returns
    -------
    Step
        The plan without its last operation, and what that changes.

    Raises
    ------
    GridError
        What `jump` raises.
    """
    draft = _at_newest(actor, uow, drafts, plan_id, revision)
    later, effect = draft.plan.undo()
    return _gone(actor, uow, draft, later, effect)


def redo(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, revision: int) -> Step:
    """Do the operation again that was undone last.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction; other changes of the plan wait until it ends.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.

    Returns
    -------
    Step
        The plan with the operation, and what that changes.

    Raises
    ------
    GridError
        What `jump` raises.
    """
    draft = _at_newest(actor, uow, drafts, plan_id, revision)
    later, effect = draft.plan.redo()
    return _gone(actor, uow, draft, later, effect)


def jump(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, *, revision: int, to_seq: int) -> Step:
    """Let a plan be as it was after one of its operations.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction; other changes of the plan wait until it ends.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.
    to_seq : int
        Number of the operation, 0 for the start.

    Returns
    -------
    Step
        The plan as it was then, and what that changes.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write plans, or not where ground is divided.
    NotFound
        If there is no such plan.
    WrongStep
        If the plan isn't a draft.
    StaleRevision
        If somebody has changed it since.
    NoFurtherStep
        If there is no such operation.
    """
    draft = _at_newest(actor, uow, drafts, plan_id, revision)
    later, effects = draft.plan.jump(to_seq)
    return _gone(actor, uow, draft, later, composed(effects))


def _at_newest(actor: Actor, uow: UnitOfWork, drafts: Drafts, plan_id: int, revision: int) -> Draft:
    actor.jurisdiction(Action.WRITE_PLANS)
    return drafting.locked(uow, drafts, plan_id, revision)[1]


def _gone(actor: Actor, uow: UnitOfWork, draft: Draft, later: Plan, effect: Effect) -> Step:
    drafting.require(actor, Action.WRITE_PLANS, draft, effect)
    drafting.keep(actor, uow, draft.plan, later, {"position": later.position})
    return Step(later, draft, effect)
