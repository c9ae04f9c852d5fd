"""Findings of supervisors: recorded with a day and a reason, withdrawn with a reason, never changed."""

from __future__ import annotations

from datetime import date, datetime

from geo.db import findings as rows
from geo.db.jurisdictions import chains
from geo.db.people import PEOPLE
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.findings import Finding
from geo.domain.profiles.assessment import Tally
from geo.errors import BadValue, Conflict
from geo.services.grids import require_place
from geo.services.privacy import Veils


def record_finding(
    actor: Actor,
    uow: UnitOfWork,
    *,
    tally: Tally,
    happened_on: date,
    grid_code: str,
    person_id: int | None,
    note: str,
    today: date,
) -> Finding:
    """Keep a finding.

    Parameters
    ----------
    actor : Actor
        Who records it.
    uow : UnitOfWork
        The transaction.
    tally : Tally
        What it counts as.
    happened_on : date
        The day in the city on which it happened.
    grid_code : str
        The grid, of any level.
    person_id : int or None
        Whose it is; None where it is the grid's alone.
    note : str
        What was found.
    today : date
        The day in the city.

    Returns
    -------
    Finding
        What is kept.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not record findings in the grid.
    NotFound
        If there is no such grid or person.
    BadValue
        If it would happen in the future.
    """
    require_place(actor, uow, Action.WRITE_FINDINGS, grid_code)
    if happened_on > today:
        raise BadValue(field="happened_on", value=happened_on.isoformat(), expected=f"<= {today.isoformat()}")
    if person_id is not None:
        PEOPLE.find(uow.connection, person_id)
    kept = rows.insert_finding(
        uow.connection,
        tally=tally,
        happened_on=happened_on,
        person_id=person_id,
        grid_code=grid_code,
        note=note,
        recorded_by=actor.name,
    )
    uow.record(actor, "create", "finding", kept.id, {"tally": tally, "grid": grid_code, "person": person_id})
    return Veils(actor, uow, today).one(kept)


def withdraw_finding(
    actor: Actor, uow: UnitOfWork, finding_id: int, *, because: str, now: datetime
) -> Finding:
    """Give a finding that counts no longer; it stays where it is, with the reason.

    Parameters
    ----------
    actor : Actor
        Who withdraws it.
    uow : UnitOfWork
        The transaction.
    finding_id : int
        Which one.
    because : str
        Why.
    now : datetime
        The present, aware.

    Raises
    ------
    NotFound
        If there is no such finding.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not record findings in its grid.
    Conflict
        If it was withdrawn before.
    """
    actor.jurisdiction(Action.WRITE_FINDINGS)
    found = rows.find_finding(uow.connection, finding_id)
    actor.require(Action.WRITE_FINDINGS, chains(uow.connection, {found.grid_code})[found.grid_code])
    if not rows.withdraw(uow.connection, finding_id, by=actor.name, at=now, because=because):
        raise Conflict(kind="finding", key=finding_id)
    uow.record(actor, "withdraw", "finding", finding_id, {"because": because})
    return Veils(actor, uow, now.date()).one(rows.find_finding(uow.connection, finding_id))


def list_findings(
    actor: Actor, uow: UnitOfWork, since: date, until: date, *, day: date
) -> tuple[Finding, ...]:
    """Give the findings of a span of days where the actor may read assessments, the newest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    since, until : date
        The first day, and the first one after.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may read none.
    """
    found = rows.list_findings(uow.connection, since, until, actor.jurisdiction(Action.READ_ASSESSMENTS))
    return Veils(actor, uow, day).shown(found)
