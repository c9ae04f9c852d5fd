"""Rows of issues and their history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, DateTime, and_, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo.db.located import Located
from geo.db.photos import photos_of_issue
from geo.db.tables import issue, issue_event, issue_number, issue_pause
from geo.domain.issues import Issue, IssueEvent, IssueState
from geo.domain.photos import Photo

_WAITING_SINCE = (
    select(issue_pause.c.paused_at)
    .where(issue_pause.c.issue_id == issue.c.id, issue_pause.c.resumed_at.is_(None))
    .correlate(issue)
    .scalar_subquery()
)


def late_levels() -> ColumnElement[list[str]]:
    """Give the levels whose deadline issues missed, that on which they were closed too."""
    closed_late = and_(issue.c.closed_at > issue.c.due_at, issue.c.level.is_not(None))
    return _with_level(closed_late)


def _with_level(condition: ColumnElement[bool]) -> ColumnElement[list[str]]:
    levels = issue.c.missed_levels
    return case((condition, func.array_append(levels, issue.c.level)), else_=levels)


ISSUES = Located(
    issue,
    Issue,
    kind=issue.c.category,
    time=issue.c.reported_at,
    converted={"state": IssueState, "late_levels": tuple},
    derived={"waiting_since": _WAITING_SINCE, "late_levels": late_levels()},
)


def new_number(connection: Connection, now: datetime) -> str:
    """Give a number that no issue has: the day and a running number."""
    return f"{now:%Y%m%d}-{connection.execute(issue_number.next_value()).scalar_one():05d}"


def id_of(connection: Connection, number: str) -> int | None:
    """Give the id of the issue with a number, or None."""
    return connection.execute(select(issue.c.id).where(issue.c.number == number)).scalar_one_or_none()


def is_unresolved() -> ColumnElement[bool]:
    """Hold for issues with something left to be done."""
    return and_(issue.c.closed_at.is_(None), issue.c.state != IssueState.VOID)


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Hold for unresolved issues whose deadline has passed."""
    return and_(is_unresolved(), issue.c.due_at < now)


def judged_at() -> ColumnElement[datetime]:
    """Give the deadline by which issues are judged: the first that was not kept, or the one in force.

    An issue is closed on time if and only if it is closed by then, that is by every deadline on its way.
    """
    return func.least(issue.c.due_at, issue.c.missed_at)


def miss_deadlines(connection: Connection, at: datetime, *conditions: ColumnElement[bool]) -> None:
    """Let issues keep that their deadline had passed at a time, before they get another one.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    at : datetime
        When they leave their level, wait, or are opened again; aware.
    *conditions : ColumnElement
        Which of them.
    """
    connection.execute(
        update(issue)
        .where(issue.c.due_at < at, *conditions)
        .values(missed_at=judged_at(), missed_levels=_with_level(issue.c.level.is_not(None)))
    )


_ISO_8601 = r"^\d{4}-\d{2}-\d{2}T\d{2}:"
"""As the database writes times into JSON; files may know other ways."""


def miss_as_told(connection: Connection, ids: Sequence[int]) -> None:
    """Let issues keep the deadlines of levels that ran out of time according to their history.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    ids : sequence of int
        The issues.
    """
    data, level = issue_event.c.data, issue_event.c.data["from_level"].astext
    told = (
        select(
            issue_event.c.issue_id,
            func.min(cast(data["due_at"].astext, DateTime(timezone=True))).label("missed_at"),
            func.array_agg(aggregate_order_by(level, issue_event.c.id))
            .filter(level.is_not(None))
            .label("levels"),
        )
        .where(
            issue_event.c.issue_id.in_(ids),
            issue_event.c.kind == "escalated",
            data["because"].astext == "overdue",
            data["due_at"].astext.regexp_match(_ISO_8601),
        )
        .group_by(issue_event.c.issue_id)
        .subquery()
    )
    connection.execute(
        update(issue)
        .where(issue.c.id == told.c.issue_id)
        .values(missed_at=told.c.missed_at, missed_levels=func.coalesce(told.c.levels, issue.c.missed_levels))
    )


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
    columns = ("id", "issue_id", "at", "actor", "kind", "from_state", "to_state", "note", "data")
    rows = connection.execute(
        select(*(issue_event.c[name] for name in columns))
        .where(issue_event.c.issue_id == issue_id)
        .order_by(issue_event.c.id)
    )
    photos = photos_of_issue(connection, issue_id)
    return tuple(_event(row, tuple(one for one in photos if one.issue_event_id == row.id)) for row in rows)


def _event(row: Any, photos: tuple[Photo, ...]) -> IssueEvent:
    before, after = (IssueState(state) if state else None for state in (row.from_state, row.to_state))
    return IssueEvent(
        row.id, row.issue_id, row.at, row.actor, row.kind, before, after, row.note, row.data, photos
    )


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
    data: Mapping[str, Any] | None = None,
) -> int:
    """Append a step to the history of an issue, which can't be changed afterwards.

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
    data : mapping, optional
        What else belongs to it, JSON-ready.

    Returns
    -------
    int
        The id of the step.
    """
    appended = connection.execute(
        issue_event.insert()
        .values(
            issue_id=issue_id,
            at=at,
            actor=actor,
            kind=kind,
            from_state=from_state,
            to_state=to_state,
            note=note,
            data=dict(data or {}),
        )
        .returning(issue_event.c.id)
    )
    return int(appended.scalar_one())
