"""All that somebody who works on an issue has to see of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from geo.db import issue_cases, issue_flow
from geo.db.issues import events
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.issue_deadlines import level_of, next_level
from geo.domain.issue_flow import Candidate, Listed, Shown
from geo.domain.issue_views import IssueView, due_date
from geo.domain.issues import Issue, way_of
from geo.errors import Forbidden
from geo.services.issue_flow import duplicates
from geo.services.issue_rules import kind_in, levels_called, rules_of, zone_of
from geo.services.issues import ISSUES
from geo.services.privacy import Veils
from geo.services.working_days import city_calendar

MOST_LISTED = 200
"""Longer lists are for the map, and for programs."""


def view_of(actor: Actor, uow: UnitOfWork, issue: Issue, now: datetime) -> IssueView:
    """Give all that the reader of an issue has to see of it.

    Parameters
    ----------
    actor : Actor
        Who reads it, and may.
    uow : UnitOfWork
        The transaction.
    issue : Issue
        What is kept.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    IssueView
        As this reader sees it, with the states that they may take it to.
    """
    zone = zone_of(now)
    rules = rules_of(uow, issue, zone)
    kind = kind_in(rules, issue)
    may_write = _may_write(actor, uow, issue)
    kept = IssueView(
        issue=issue,
        rules=rules,
        kind=kind,
        level=level_of(rules, issue.level),
        above=next_level(rules, issue.level) if issue.is_unresolved else None,
        due=due_date(city_calendar(uow), rules, issue, kind, zone),
        level_names=levels_called(
            uow, issue.reported_at.astimezone(zone).date(), now.date() + timedelta(days=1), issue.grid_code
        ),
        next_states=tuple(sorted(way_of(kind)[issue.state], key=str)) if may_write else (),
        history=events(uow.connection, issue.id),
        people=issue_flow.people_of(uow.connection, issue.id),
        pauses=issue_flow.pauses_of(uow.connection, issue.id),
        cases=issue_cases.cases_of(uow.connection, issue.id),
        rating=issue_cases.rating_of(uow.connection, issue.id),
        duplicates=duplicates(actor, uow, key=issue.id, now=now) if issue.is_unresolved else (),
        may_write=may_write,
    )
    return Veils(actor, uow, now.date()).over(issue.grid_code).shown(kept)


def _may_write(actor: Actor, uow: UnitOfWork, issue: Issue) -> bool:
    try:
        actor.require(ISSUES.writing, ISSUES.rows.chain(uow.connection, issue.id))
    except Forbidden:
        return False
    return True


def candidates(actor: Actor, uow: UnitOfWork, issue: Issue, day: date) -> tuple[Candidate, ...]:
    """Give who may be named for an issue to whoever may name them, the narrowest grid first.

    Parameters
    ----------
    actor : Actor
        Who names them.
    uow : UnitOfWork
        The transaction.
    issue : Issue
        The issue.
    day : date
        Today in the city.

    Returns
    -------
    tuple of Candidate
        Nobody for who doesn't work on the issue.
    """
    if not _may_write(actor, uow, issue):
        return ()
    return (
        Veils(actor, uow, day)
        .over(issue.grid_code)
        .shown(issue_flow.candidates(uow.connection, issue.id, day))
    )


def listed(actor: Actor, uow: UnitOfWork, shown: Shown, now: datetime) -> tuple[Listed, ...]:
    """Give the unresolved issues where the actor may read, the overdue first, then by deadline.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    shown : Shown
        Which ones; ``mine`` are those for which the person behind the account is named.
    now : datetime
        The present, aware.

    Returns
    -------
    tuple of Listed
        At most `MOST_LISTED`.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read issues.
    """
    found = issue_flow.listed(
        uow.connection,
        actor.jurisdiction(ISSUES.reading),
        shown,
        person_id=actor.person_id,
        now=now,
        limit=MOST_LISTED,
    )
    return Veils(actor, uow, now.date()).shown(found)
