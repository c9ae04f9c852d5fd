"""The append-only trail of changes, read."""

from __future__ import annotations

from operator import eq, ge, lt

from sqlalchemy import ColumnElement, Connection, select, tuple_

from geo.db.pages import by_time, place_of
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
        Only entries that come before the one with this number.
    limit : int
        At most so many.

    Raises
    ------
    NotFound
        If there is no entry with that number.
    """
    order = by_time(audit_log.c.at)
    statement = select(audit_log).where(*_conditions(wanted)).limit(limit + 1)
    statement = statement.order_by(*(column.desc() for column in order))
    if before is not None:
        statement = statement.where(tuple_(*order) < place_of(connection, audit_log.c.at, before))
    rows = connection.execute(statement).all()
    entries = tuple(
        AuditEntry(row.id, row.at, row.actor, row.action, row.kind, row.key, row.change)
        for row in rows[:limit]
    )
    return Page(entries, next=entries[-1].id if len(rows) > limit else None)


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    kept = audit_log.c
    narrowed = (
        (eq, kept.actor, wanted.actor),
        (eq, kept.kind, wanted.kind),
        (eq, kept.key, wanted.key),
        (ge, kept.at, wanted.since),
        (lt, kept.at, wanted.until),
    )
    return [compare(column, value) for compare, column, value in narrowed if value is not None]
