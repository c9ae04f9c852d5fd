"""Who changed what."""

from __future__ import annotations

from geo.db import audit
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.audit import AuditEntry, AuditFilter
from geo.domain.pages import Page


def list_entries(
    actor: Actor, uow: UnitOfWork, wanted: AuditFilter, *, before: int | None, limit: int
) -> Page[AuditEntry]:
    """Give entries of the audit log, newest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    wanted : AuditFilter
        Which entries.
    before : int or None
        Only entries with a lower number.
    limit : int
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read the log of the whole city: its entries aren't kept by grid.
    """
    actor.require(Action.READ_AUDIT, ())
    return audit.list_audit(uow.connection, wanted, before=before, limit=limit)
