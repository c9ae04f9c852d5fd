"""Use cases of issues: reported, changed, taken from state to state, never losing a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo.db import issues as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.filters import Filter
from geo.domain.issues import NEXT_STATES, Issue, IssueEvent, IssueState
from geo.domain.pages import Page
from geo.errors import BadValue, WrongStep
from geo.services.located import Things

ISSUES = Things("issue", rows.ISSUES, Action.READ_ISSUES, Action.WRITE_ISSUES)
"""Issues are found and read as they are; the functions below write them."""


@dataclass(frozen=True, slots=True)
class Pending:
    """Which issues are wanted by what remains to be done.

    Attributes
    ----------
    unresolved, overdue : bool
        Only those with something left to be done; only those of them whose deadline has passed.
    now : datetime
        The present, aware.
    """

    unresolved: bool
    overdue: bool
    now: datetime


def find_issues(
    actor: Actor, uow: UnitOfWork, wanted: Filter, pending: Pending, *, limit: int, after: int
) -> Page[Issue]:
    """Give issues that are wanted and lie where the actor may read.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    wanted : Filter
        Which ones by place, time, category and state.
    pending : Pending
        Which ones by what remains to be done.
    limit, after : int
        At most so many, with greater ids.

    Returns
    -------
    Page of Issue
        By id, with the cursor to the next page.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read any.
    """
    conditions = ISSUES.rows.conditions(wanted, actor.jurisdiction(ISSUES.reading))
    if pending.unresolved:
        conditions.append(rows.is_unresolved())
    if pending.overdue:
        conditions.append(rows.is_overdue(pending.now))
    return ISSUES.rows.page(uow.connection, conditions, limit=limit, after=after)


def report_issue(actor: Actor, uow: UnitOfWork, *, values: Mapping[str, Any], now: datetime) -> Issue:
    """Keep a new issue, with the first step of its history.

    Parameters
    ----------
    actor : Actor
        Who reports it.
    uow : UnitOfWork
        The transaction.
    values : mapping
        Columns of the issue, with ``place`` as a pair of lon and lat in degrees or None.
    now : datetime
        The present, aware.

    Returns
    -------
    Issue
        What is kept.

    Raises
    ------
    BadValue
        If its deadline lies before its report, or its report in the future.
    AlreadyExists
        If its number is taken.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not report issues there.
    """
    reported_at = values.get("reported_at") or now
    if reported_at > now:
        raise BadValue(field="reported_at", value=reported_at.isoformat(), expected=f"<= {now.isoformat()}")
    _check_deadline(reported_at, values.get("due_at"))
    key = ISSUES.create(actor, uow, {**values, "reported_at": reported_at})
    rows.append_event(
        uow.connection, key, at=now, actor=actor.name, kind="created", to_state=IssueState.REPORTED
    )
    return ISSUES.get(actor, uow, key)


def change_issue(
    actor: Actor, uow: UnitOfWork, key: int, *, revision: int, values: Mapping[str, Any], now: datetime
) -> Issue:
    """Change what is known of an issue; its state changes by `take_step` alone.

    Parameters
    ----------
    actor : Actor
        Who changes it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    values : mapping
        The columns that change.
    now : datetime
        The present, aware.

    Returns
    -------
    Issue
        What is kept now.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    BadValue
        If its deadline would lie before its report.
    """
    present = ISSUES.locked(actor, uow, key, revision)
    _check_deadline(present.reported_at, values.get("due_at"))
    rows.append_event(uow.connection, key, at=now, actor=actor.name, kind="changed")
    return ISSUES.change(actor, uow, key, values)


def take_step(
    actor: Actor,
    uow: UnitOfWork,
    key: int,
    *,
    revision: int,
    to_state: IssueState,
    note: str | None,
    now: datetime,
) -> Issue:
    """Take an issue to another state, and append that to its history.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    to_state : IssueState
        Where it is to stand.
    note : str or None
        The reason.
    now : datetime
        The present, aware.

    Returns
    -------
    Issue
        What is kept now; ``closed_at`` is set if and only if it is closed.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    WrongStep
        If no step leads there from its present state.
    """
    present = ISSUES.locked(actor, uow, key, revision)
    if to_state not in NEXT_STATES[present.state]:
        raise WrongStep(state=present.state, to=to_state, possible=sorted(NEXT_STATES[present.state]))
    rows.append_event(
        uow.connection,
        key,
        at=now,
        actor=actor.name,
        kind="state",
        from_state=present.state,
        to_state=to_state,
        note=note,
    )
    closed_at = now if to_state is IssueState.CLOSED else None
    return ISSUES.change(actor, uow, key, {"state": to_state, "closed_at": closed_at})


def history(actor: Actor, uow: UnitOfWork, key: int) -> tuple[IssueEvent, ...]:
    """Give the history of an issue.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    key : int
        The issue.

    Returns
    -------
    tuple of IssueEvent
        First step first.

    Raises
    ------
    NotFound, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.get`.
    """
    ISSUES.get(actor, uow, key)
    return rows.events(uow.connection, key)


def _check_deadline(reported_at: datetime, due_at: datetime | None) -> None:
    if due_at is not None and due_at < reported_at:
        raise BadValue(field="due_at", value=due_at.isoformat(), expected=f">= {reported_at.isoformat()}")
