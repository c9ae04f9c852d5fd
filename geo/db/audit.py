"""The append-only trail of changes, read."""

from __future__ import annotations

from sqlalchemy import Connection, select

from geo.db.tables import audit_log
from geo.domain.audit import AuditEntry
from geo.domain.pages import Page


def list_audit(
    connection: Connection, *, kind: str | None, key: str | None, before: int | None, limit: int
) -> Page[AuditEntry]:
    """Give entries of the audit log, newest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    kind, key : str or None
        Only of this kind of thing, only of this one.
    before : int or None
        Only entries with a lower number.
    limit : int
        At most so many.
    """
    conditions = [
        column == value
        for column, value in ((audit_log.c.kind, kind), (audit_log.c.key, key))
        if value is not None
    ]
    if before is not None:
        conditions.append(audit_log.c.id < before)
    rows = connection.execute(
        select(audit_log).where(*conditions).order_by(audit_log.c.id.desc()).limit(limit + 1)
    ).all()
    entries = tuple(
        AuditEntry(row.id, row.at, row.actor, row.action, row.kind, row.key, row.change)
        for row in rows[:limit]
    )
    return Page(entries, next=entries[-1].id if len(rows) > limit else None)
