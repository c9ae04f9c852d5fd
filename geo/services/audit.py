"""Who changed what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from geo.db import audit
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.audit import AuditEntry, AuditFilter
from geo.domain.pages import Page
from geo.domain.personal import NUMBERS
from geo.domain.privacy import Veil
from geo.services.privacy import Veils


def list_entries(
    actor: Actor, uow: UnitOfWork, wanted: AuditFilter, day: date, *, before: int | None, limit: int
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
    day : date
        Today in the city.
    before : int or None
        Only entries that come before the one with this number.
    limit : int
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read the log of the whole city: its entries aren't kept by grid.
    NotFound
        If there is no entry with that number.
    """
    actor.require(Action.READ_AUDIT, ())
    page = audit.list_audit(uow.connection, wanted, before=before, limit=limit)
    veil = Veils(actor, uow, day).over(None)
    seen = (replace(one, change=_seen(veil, one)) for one in page.rows)
    return Page(tuple(seen), page.next)


def _seen(veil: Veil, entry: AuditEntry) -> dict[str, Any]:
    """Give what has changed as it is seen: what is told in words without numbers of anybody."""
    values = veil.values(entry.kind, entry.change)
    words = {name: veil.value(NUMBERS, value) for name, value in values.items() if isinstance(value, str)}
    return {**values, **words}
