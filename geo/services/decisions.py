"""What awaits those who lead."""

from __future__ import annotations

from datetime import datetime

from geo.db import issue_flow
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor, Jurisdiction
from geo.domain.decisions import Decisions, Pile
from geo.domain.issue_flow import DECIDED, Listed, Shown
from geo.domain.posts import Fault
from geo.services.plan_states import possible_steps
from geo.services.plans import list_plans
from geo.services.posts import staffing
from geo.services.privacy import Veils

MOST_LISTED = 20
"""Of each sort of issues; how many more there are is told."""


def decisions(actor: Actor, uow: UnitOfWork, now: datetime) -> Decisions:
    """Give what awaits somebody who leads, where they do.

    Parameters
    ----------
    actor : Actor
        Who leads.
    uow : UnitOfWork
        The transaction.
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
    plans = tuple(one for one in list_plans(actor, uow) if possible_steps(actor, one)["approve"])
    return Decisions(piles, plans, _vacancies(actor, uow, now))


def _first(
    actor: Actor, uow: UnitOfWork, where: Jurisdiction, shown: Shown, now: datetime
) -> tuple[Listed, ...]:
    found = issue_flow.listed(uow.connection, where, shown, person_id=None, now=now, limit=MOST_LISTED)
    return Veils(actor, uow, now.date()).shown(found)


def _vacancies(actor: Actor, uow: UnitOfWork, now: datetime) -> int:
    held = (one for _, posts in staffing(actor, uow, now.date()) for one in posts)
    return sum(Fault.VACANT in one.faults for one in held)
