"""Use cases of issues: reported, changed, taken from state to state, never losing a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geo.db import issues as rows
from geo.db.issue_flow import flow_of
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.filters import Filter
from geo.domain.issue_steps import check_step
from geo.domain.issues import Issue, IssueEvent, IssueState, Step, way_of
from geo.domain.pages import Page
from geo.domain.photos import NO_PHOTOS, StepPhotos
from geo.domain.profiles.issues import IssueRules
from geo.errors import BadValue, NotFound, WrongStep
from geo.services.issue_rules import begin, kind_in, restart, resume_clock, rules_of, zone_of
from geo.services.located import Things
from geo.services.photos import attach_to_step
from geo.services.privacy import Veils

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
        At most so many, after the one with this id.

    Returns
    -------
    Page of Issue
        By the time of the report, with the cursor to the next page.

    Raises
    ------
    NotFound
        If the one that they come after has gone.
    Unauthenticated, Forbidden
        If the actor may not read any.
    """
    jurisdiction = actor.jurisdiction(ISSUES.reading)
    conditions = ISSUES.rows.conditions(wanted, jurisdiction)
    if pending.unresolved:
        conditions.append(rows.is_unresolved())
    if pending.overdue:
        conditions.append(rows.is_overdue(pending.now))
    return ISSUES.rows.page(uow.connection, conditions, limit=limit, after=after, jurisdiction=jurisdiction)


def numbered(actor: Actor, uow: UnitOfWork, number: str) -> Issue:
    """Give the issue with a number.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    number : str
        As people quote it.

    Returns
    -------
    Issue
        What is kept.

    Raises
    ------
    NotFound, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.get`.
    """
    actor.jurisdiction(ISSUES.reading)
    key = rows.id_of(uow.connection, number)
    if key is None:
        raise NotFound(kind="issue", key=number)
    return ISSUES.get(actor, uow, key)


def report_issue(
    actor: Actor,
    uow: UnitOfWork,
    *,
    values: Mapping[str, Any],
    photos: StepPhotos = NO_PHOTOS,
    now: datetime,
) -> Issue:
    """Keep a new issue, with the first step of its history; with its result, it is closed on the spot.

    Parameters
    ----------
    actor : Actor
        Who reports it.
    uow : UnitOfWork
        The transaction.
    values : mapping
        Columns of the issue, with ``place`` as a pair of lon and lat in degrees or None; without ``number``
        it gets one, without ``due_at`` the deadline of the regulation profile.
    photos : StepPhotos, optional
        Pictures that were uploaded for it.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Issue
        What is kept.

    Raises
    ------
    BadValue
        If its deadline lies before its report, its report in the future, or the profile lacks its kind.
    AlreadyExists
        If its number is taken.
    NotFound
        If a photo isn't there, or isn't the actor's.
    RuleBroken
        If it is closed on the spot against a rule.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not report issues there.
    """
    reported_at = values.get("reported_at") or now
    if reported_at > now:
        raise BadValue(field="reported_at", value=reported_at.isoformat(), expected=f"<= {now.isoformat()}")
    _check_deadline(reported_at, values.get("due_at"))
    columns = {name: value for name, value in values.items() if name not in {"kind", "result"}}
    number = values.get("number") or rows.new_number(uow.connection, now)
    key = ISSUES.create(actor, uow, {**columns, "number": number, "reported_at": reported_at})
    event = rows.append_event(
        uow.connection, key, at=now, actor=actor.name, kind="created", to_state=IssueState.REPORTED
    )
    attach_to_step(actor, uow, event, photos)
    reported = ISSUES.get(actor, uow, key)
    rules = begin(actor, uow, reported, given_kind=values.get("kind"), now=now)
    reported = ISSUES.get(actor, uow, key)
    if values.get("result"):
        return _close_on_the_spot(actor, uow, reported, rules, result=values["result"], now=now)
    return reported


def _close_on_the_spot(
    actor: Actor, uow: UnitOfWork, issue: Issue, rules: IssueRules, *, result: str, now: datetime
) -> Issue:
    kind = kind_in(rules, issue)
    stages = kind.stages[1:] if kind else (IssueState.CLOSED,)
    for stage in map(IssueState, stages):
        issue = _stepped(actor, uow, issue, rules, Step(stage, result=result), now=now)
    return issue


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
    return ISSUES.change(actor, uow, key, Veils(actor, uow, now.date()).returned(values, present))


def take_step(actor: Actor, uow: UnitOfWork, key: int, *, revision: int, step: Step, now: datetime) -> Issue:
    """Take an issue to another state, and append that to its history.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    step : Step
        Where it is to stand, and what is told about that.
    now : datetime
        The present, aware, in the zone of the city.

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
    RuleBroken
        If a reason, a result, the outcome of a case or a named person is missing.
    """
    present = ISSUES.locked(actor, uow, key, revision)
    return _stepped(actor, uow, present, rules_of(uow, present, zone_of(now)), step, now=now)


def _stepped(
    actor: Actor, uow: UnitOfWork, present: Issue, rules: IssueRules, step: Step, *, now: datetime
) -> Issue:
    possible = way_of(kind_in(rules, present))[present.state]
    if step.to_state not in possible:
        raise WrongStep(state=present.state, to=step.to_state, possible=sorted(possible))
    flow = flow_of(uow.connection, present.id)
    check_step(rules, present, step, flow, now)
    if present.waiting_since is not None:
        resume_clock(uow, present, rules, now)
    event = rows.append_event(
        uow.connection,
        present.id,
        at=now,
        actor=actor.name,
        kind="state",
        from_state=present.state,
        to_state=step.to_state,
        note=step.note,
    )
    attach_to_step(actor, uow, event, step.photos)
    told = Veils(actor, uow, now.date()).returned(_told(step, now), present)
    changed = ISSUES.change(actor, uow, present.id, told)
    return _counted_anew(actor, uow, present, rules, now) if present.closed_at else changed


def _told(step: Step, now: datetime) -> dict[str, Any]:
    told = {
        "result": step.result,
        "public_result": step.public_result,
        "delay_reason": step.delay_reason,
    }
    return {
        "state": step.to_state,
        "closed_at": now if step.to_state is IssueState.CLOSED else None,
        **{name: value for name, value in told.items() if value},
    }


def _counted_anew(actor: Actor, uow: UnitOfWork, closed: Issue, rules: IssueRules, now: datetime) -> Issue:
    restart(uow, closed, rules, now)
    return ISSUES.get(actor, uow, closed.id)


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
