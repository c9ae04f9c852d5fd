"""What was kept for as long as the profile says is deleted or made anonymous, and that leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geo.db import inspections as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor


@dataclass(frozen=True, slots=True)
class Expired:
    """Records whose time is up.

    Attributes
    ----------
    deleted, anonymised : tuple of int
        Ids of records of inspections, by what happens to them.
    """

    deleted: tuple[int, ...]
    anonymised: tuple[int, ...]


def expired(actor: Actor, uow: UnitOfWork, day: date) -> Expired:
    """Give the records whose time is up on a day.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    day : date
        The day, in the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may retire records of the whole city.
    """
    actor.require(Action.RETIRE_RECORDS, ())
    return Expired(
        rows.expired(uow.connection, day, "delete"), rows.expired(uow.connection, day, "anonymise")
    )


def retire(actor: Actor, uow: UnitOfWork, day: date) -> Expired:
    """Delete the records whose time is up on a day, or make them anonymous, as their profile said.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    day : date
        The day, in the city.

    Returns
    -------
    Expired
        What was done to which; the audit log names them too.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may retire records of the whole city.

    Notes
    -----
    Photos go with their records. The visit itself stays: it is work that was done, and statistics count it.
    """
    found = expired(actor, uow, day)
    for done, keys, retired in (
        ("delete", found.deleted, rows.delete_records),
        ("anonymise", found.anonymised, rows.anonymise_records),
    ):
        if keys:
            retired(uow.connection, keys)
            uow.record(actor, done, "inspection", day, {"count": len(keys), "ids": list(keys)})
    return found
