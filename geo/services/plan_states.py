"""The way of a plan from draft to approval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.plan_drafts import PlanRecord, composed
from geo.domain.plans import NEXT_STATES, PlanState
from geo.errors import Forbidden, OwnPlan, Unauthenticated, WrongStep
from geo.services import plan_drafts as drafting
from geo.services.plan_drafts import Drafts

_DECIDING = {PlanState.APPROVED, PlanState.RETURNED}


def possible_steps(actor: Actor, record: PlanRecord) -> Mapping[str, bool]:
    """Tell what an actor may do with a plan as it stands.

    Parameters
    ----------
    actor : Actor
        Who asks.
    record : PlanRecord
        The plan.
    """
    following = NEXT_STATES[record.plan.state]
    writes, approves = _may(actor, Action.WRITE_PLANS), _may(actor, Action.APPROVE_PLANS)
    return {
        "edit": writes and record.plan.state.is_editable,
        "submit": writes and PlanState.SUBMITTED in following,
        "withdraw": writes and PlanState.DRAFT in following,
        "approve": approves and PlanState.APPROVED in following and actor.name not in record.authors,
        "return": approves and PlanState.RETURNED in following,
        "publish": _may(actor, Action.PUBLISH_PLANS) and PlanState.PUBLISHED in following,
        "archive": writes and PlanState.ARCHIVED in following,
    }


def _may(actor: Actor, action: Action) -> bool:
    try:
        actor.jurisdiction(action)
    except (Forbidden, Unauthenticated):
        return False
    return True


def take_step(
    actor: Actor,
    uow: UnitOfWork,
    drafts: Drafts,
    plan_id: int,
    *,
    revision: int,
    to: PlanState,
    reason: str | None,
) -> PlanRecord:
    """Let a plan go to another state, short of publication.

    Parameters
    ----------
    actor : Actor
        Who does it: those who approve return and approve, the others go to those who write plans.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    plan_id : int
        Which plan.
    revision : int
        The revision of the plan, which has to be the newest.
    to : PlanState
        Where it goes.
    reason : str or None
        Why; nothing is returned without.

    Returns
    -------
    PlanRecord
        The plan in its new state.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not do so where the plan divides ground.
    OwnPlan
        If the actor made a part of the plan that is to be approved.
    NotFound
        If there is no such plan.
    StaleRevision
        If somebody has changed it since.
    WrongStep, BadValue
        If no step leads there, or a reason is missing.
    """
    action = Action.APPROVE_PLANS if to in _DECIDING else Action.WRITE_PLANS
    actor.jurisdiction(action)
    record, draft = drafting.locked(uow, drafts, plan_id, revision)
    drafting.require(actor, action, draft, composed(one.effect for one in draft.plan.done))
    if to is PlanState.APPROVED and actor.name in record.authors:
        raise OwnPlan(plan=plan_id, action=action)
    if to is PlanState.PUBLISHED:
        raise WrongStep(state=draft.plan.state, to=to, possible=sorted(NEXT_STATES[draft.plan.state]))
    later = draft.plan.stepped(to, note=reason)
    drafting.keep(actor, uow, draft.plan, later, {"state": to, "reason": reason})
    return replace(record, plan=later)
