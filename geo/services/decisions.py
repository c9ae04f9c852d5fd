"""What awaits those who lead."""

from __future__ import annotations

from datetime import datetime

from geo.db import issue_flow
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import WHOLE_CITY, Action, Actor, Jurisdiction
from geo.domain.decisions import Decisions, Pile
from geo.domain.issue_flow import DECIDED, Listed, Shown
from geo.domain.plan_drafts import PlanRecord, composed
from geo.domain.posts import Fault
from geo.services.plan_drafts import Drafts, read
from geo.services.plan_states import possible_steps
from geo.services.plans import list_plans
from geo.services.posts import staffing
from geo.services.privacy import Veils

MOST_LISTED = 20
"""Of each sort of issues; how many more there are is told."""


def decisions(actor: Actor, uow: UnitOfWork, drafts: Drafts, now: datetime) -> Decisions:
    """Give what awaits somebody who leads, where they do.

    Parameters
    ----------
    actor : Actor
        Who leads.
    uow : UnitOfWork
        The transaction.
    drafts : Drafts
        What this process has in memory.
    now : datetime
        The present, aware, in the zone of the city.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor leads nowhere: those do who may approve plans.
    """
    where = actor.jurisdiction(Action.APPROVE_PLANS)
    counts = issue_flow.counted(uow.connection, where, DECIDED, now)
    piles = tuple(
        Pile(shown, count, _first(actor, uow, where, shown, now)) for shown, count in counts.items() if count
    )
    submitted = (one for one in list_plans(actor, uow) if possible_steps(actor, one)["approve"])
    plans = tuple(one for one in submitted if _lies_within(where, uow, drafts, one))
    return Decisions(piles, plans, _vacancies(actor, uow, now))


def _lies_within(where: Jurisdiction, uow: UnitOfWork, drafts: Drafts, record: PlanRecord) -> bool:
    """Tell whether a plan divides ground in a part of the city alone; for all of it no draft is read."""
    if where == WHOLE_CITY:
        return True
    _, draft = read(uow, drafts, record)
    divided = composed(one.effect for one in draft.plan.done)
    return all(where.covers(chain) for chain in draft.chains_of(divided))


def _first(
    actor: Actor, uow: UnitOfWork, where: Jurisdiction, shown: Shown, now: datetime
) -> tuple[Listed, ...]:
    found = issue_flow.listed(uow.connection, where, shown, person_id=None, now=now, limit=MOST_LISTED)
    return Veils(actor, uow, now.date()).shown(found)


def _vacancies(actor: Actor, uow: UnitOfWork, now: datetime) -> int:
    held = (one for _, posts in staffing(actor, uow, now.date()) for one in posts)
    return sum(Fault.VACANT in one.faults for one in held)
