"""Records that a supervisor should look at, and what explains them."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from geo.db import suspicions as rows
from geo.db.photos import seen_before
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.filters import Filter
from geo.domain.issues import Issue
from geo.domain.measures import Period
from geo.domain.photos import SeenBefore
from geo.domain.suspicions import Suspicion, SuspicionKind
from geo.errors import NotFound
from geo.services.patrols import VISITS
from geo.services.privacy import Veils
from geo.services.profiles import profile_at, regimes


def suspicions(
    actor: Actor, uow: UnitOfWork, period: Period, wanted: Filter, timezone: str
) -> tuple[Suspicion, ...]:
    """Give what is suspicious among the visits of a period, where the actor supervises.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    period : Period
        When the visits were said to be.
    wanted : Filter
        In which grid, and of which ``kind``.
    timezone : str
        IANA name of the zone of the city: the rules of the last day of the period are asked.

    Returns
    -------
    tuple of Suspicion
        By regime; in each the latest first.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor supervises nobody.
    """
    jurisdiction = actor.jurisdiction(Action.READ_SUSPICIONS)
    day = (period.end - timedelta(microseconds=1)).astimezone(ZoneInfo(timezone)).date()
    found = (
        rows.suspicions(uow.connection, period, regime, wanted, jurisdiction)
        for regime in regimes(uow, day, day + timedelta(days=1))
    )
    return Veils(actor, uow, day).shown(one for part in found for one in part)


def photos_seen_before(actor: Actor, uow: UnitOfWork, issue: Issue, day: date) -> tuple[SeenBefore, ...]:
    """Give the photos of an issue that look like one that came sooner.

    Parameters
    ----------
    actor : Actor
        Who reads the issue.
    uow : UnitOfWork
        The transaction.
    issue : Issue
        The issue.
    day : date
        Today in the city, whose rules tell what is alike.

    Returns
    -------
    tuple of SeenBefore
        Each with the one most like it, where the actor supervises.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor supervises nobody.
    """
    jurisdiction = actor.jurisdiction(Action.READ_SUSPICIONS)
    bits = profile_at(uow, issue.grid_code, day).privacy.suspicious.photo_bits
    return () if bits is None else seen_before(uow.connection, issue.id, bits, jurisdiction)


def explain(
    actor: Actor,
    uow: UnitOfWork,
    kind: SuspicionKind,
    visit_id: int,
    other_visit_id: int | None,
    *,
    reason: str,
) -> None:
    """Keep why a record is as it should be, after all; once, and for good.

    Parameters
    ----------
    actor : Actor
        Who says so.
    uow : UnitOfWork
        The transaction.
    kind : SuspicionKind
        What was suspicious.
    visit_id, other_visit_id : int and int or None
        The record, and the one that it was compared with.
    reason : str
        Why.

    Raises
    ------
    NotFound
        If there is no such visit.
    AlreadyExists
        If it was explained before.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor doesn't supervise where the visit was.
    """
    actor.jurisdiction(Action.EXPLAIN_SUSPICIONS)
    for key in (visit_id, other_visit_id):
        if key is not None and VISITS.rows.one(uow.connection, key) is None:
            raise NotFound(kind="visit", key=key)
    actor.require(Action.EXPLAIN_SUSPICIONS, VISITS.rows.chain(uow.connection, visit_id))
    rows.insert_explanation(
        uow.connection, kind, visit_id, other_visit_id, reason=reason, explained_by=actor.name
    )
    change = {"kind": kind.value, "other_visit_id": other_visit_id, "reason": reason}
    uow.record(actor, "explain", "visit", visit_id, change)
