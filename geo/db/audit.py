"""The append-only trail of changes, read."""

from __future__ import annotations

from operator import eq, ge, lt

from sqlalchemy import ColumnElement, Connection, select

from geo.db.tables import audit_log
from geo.domain.audit import AuditEntry, AuditFilter
from geo.domain.pages import Page


def list_audit(
    connection: Connection, wanted: AuditFilter, *, before: int | None, limit: int
) -> Page[AuditEntry]:
    """Give entries of the audit log, newest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    wanted : AuditFilter
        Which entries.
    before : int or None
        Only entries with a lower number.
    limit : int
        At most so many.
    """
    rows = connection.execute(
        select(audit_log).where(*_conditions(wanted, before)).order_by(audit_log.c.id.desc()).limit(limit + 1)
    ).all()
    entries = tuple(
        AuditEntry(row.id, row.at, row.actor, row.action, row.kind, row.key, row.change)
        for row in rows[:limit]
    )
    return Page(entries, next=entries[-1].id if len(rows) > limit else None)


def _conditions(wanted: AuditFilter, before: int | None) -> list[ColumnElement[bool]]:
    kept = audit_log.c
    narrowed = (
        (eq, kept.actor, wanted.actor),
        (eq, kept.kind, wanted.kind),
        (eq, kept.key, wanted.key),
        (ge, kept.at, wanted.since),
        (lt, kept.at, wanted.until),
        (lt, kept.id, before),
    )
    return [compare(column, value) for compare, column, value in narrowed if value is not None]
