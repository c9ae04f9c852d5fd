"""Rows of issues and their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from geo.db.located import Located
from geo.db.tables import issue, issue_event
from geo.domain.issues import Issue, IssueEvent, IssueState

ISSUES = Located(
    issue, Issue, kind=issue.c.category, time=issue.c.reported_at, converted={"state": IssueState}
)


def is_unresolved() -> ColumnElement[bool]:
    """Hold for issues with something left to be done."""
    return and_(issue.c.closed_at.is_(None), issue.c.state != IssueState.VOID)


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Hold for unresolved issues whose deadline has passed."""
    return and_(is_unresolved(), issue.c.due_at < now)


def events(connection: Connection, issue_id: int) -> tuple[IssueEvent, ...]:
    """Give the history of an issue, first step first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    issue_id : int
        The issue.

    Returns
    -------
    tuple of IssueEvent
        Never empty for an issue that exists.
    """
    columns = ("id", "issue_id", "at", "actor", "kind", "from_state", "to_state", "note")
    rows = connection.execute(
        select(*(issue_event.c[name] for name in columns))
        .where(issue_event.c.issue_id == issue_id)
        .order_by(issue_event.c.id)
    )
    return tuple(map(_event, rows))


def _event(row: Any) -> IssueEvent:
    before, after = (IssueState(state) if state else None for state in (row.from_state, row.to_state))
    return IssueEvent(row.id, row.issue_id, row.at, row.actor, row.kind, before, after, row.note)


def append_event(
    connection: Connection,
    issue_id: int,
    *,
    at: datetime,
    actor: str,
    kind: str,
    from_state: IssueState | None = None,
    to_state: IssueState | None = None,
    note: str | None = None,
) -> None:
    """Append a step to the history of an issue; it can't be changed afterwards.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    issue_id : int
        The issue.
    at : datetime
        When, aware.
    actor : str
        Username of who did it.
    kind : str
        See `IssueEvent.kind`.
    from_state, to_state : IssueState, optional
        The states before and after, when they differ.
    note : str, optional
        The reason.
    """
    connection.execute(
        issue_event.insert().values(
            issue_id=issue_id,
            at=at,
            actor=actor,
            kind=kind,
            from_state=from_state,
            to_state=to_state,
            note=note,
        )
    )
