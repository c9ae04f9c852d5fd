"""Cases that go to a section (案件移交): handed over with a form, and their outcome brought back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geo.db import issue_cases as rows
from geo.db.issue_flow import flow_of
from geo.db.issues import append_event
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.issue_cases import Case
from geo.domain.issues import Issue, IssueState, way_of
from geo.domain.profiles.issues import IssueRules, Section
from geo.errors import CaseOpen, NotFound, UnknownSection, WrongStep
from geo.services.issue_rules import kind_in, rules_of, zone_of
from geo.services.issues import ISSUES


def transfer(
    actor: Actor, uow: UnitOfWork, key: int, *, revision: int, section: str, facts: str, now: datetime
) -> Case:
    """Hand an issue over to a section of the profile.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    section : str
        Key of the section.
    facts : str
        What was found.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Case
        With its number; the issue is dispatched, where its kind passes through that.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    UnknownSection
        If the profile has no such section.
    CaseOpen
        If the outcome of another case is not told yet.
    WrongStep
        If nothing is left to be done.
    """
    present = ISSUES.locked(actor, uow, key, revision)
    rules = rules_of(uow, present, zone_of(now))
    to = _section(rules, section)
    open_number = flow_of(uow.connection, key).open_case
    if open_number is not None:
        raise CaseOpen(field="section", rules=to.rules, number=open_number)
    if not present.is_unresolved:
        raise WrongStep(state=present.state, to="transferred", possible=[])
    case = rows.open_case(uow.connection, key, to, facts=facts, at=now, actor=actor.name)
    dispatched = IssueState.DISPATCHED in way_of(kind_in(rules, present))[present.state]
    append_event(
        uow.connection,
        key,
        at=now,
        actor=actor.name,
        kind="transferred",
        from_state=present.state if dispatched else None,
        to_state=IssueState.DISPATCHED if dispatched else None,
        note=facts,
        data={"section": to.key, "number": case.number},
    )
    ISSUES.change(actor, uow, key, {"state": IssueState.DISPATCHED} if dispatched else {})
    return case


def _section(rules: IssueRules, key: str) -> Section:
    found = next((section for section in rules.sections if section.key == key), None)
    if found is None:
        numbers = {number for section in rules.sections for number in section.rules}
        known = [section.key for section in rules.sections]
        raise UnknownSection(field="section", rules=sorted(numbers), value=key, known=known)
    return found


def record_outcome(
    actor: Actor, uow: UnitOfWork, key: int, *, revision: int, outcome: str, now: datetime
) -> Issue:
    """Keep what became of the open case of an issue, as its result.

    Parameters
    ----------
    actor : Actor
        Who records it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    outcome : str
        What became of it.
    now : datetime
        The present, aware.

    Returns
    -------
    Issue
        At the next revision.

    Raises
    ------
    NotFound
        If there is no such issue, or no open case of it.
    StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    """
    ISSUES.locked(actor, uow, key, revision)
    case = rows.record_outcome(uow.connection, key, outcome, at=now, actor=actor.name)
    if case is None:
        raise NotFound(kind="case", key=key)
    data: dict[str, Any] = {"section": case.section, "number": case.number}
    append_event(uow.connection, key, at=now, actor=actor.name, kind="outcome", note=outcome, data=data)
    return ISSUES.change(actor, uow, key, {"result": outcome})


def cases_of(actor: Actor, uow: UnitOfWork, key: int) -> tuple[Case, ...]:
    """Give the cases of an issue, the first one first; see `Things.get`."""
    ISSUES.get(actor, uow, key)
    return rows.cases_of(uow.connection, key)


def case_of(actor: Actor, uow: UnitOfWork, key: int, case_id: int) -> tuple[Issue, Case]:
    """Give an issue and one of its cases.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    key : int
        The issue.
    case_id : int
        The case.

    Returns
    -------
    issue : Issue
        What is kept of it.
    case : Case
        As it was handed over.

    Raises
    ------
    NotFound, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.get`; also if the issue has no such case.
    """
    issue = ISSUES.get(actor, uow, key)
    found = next((case for case in rows.cases_of(uow.connection, key) if case.id == case_id), None)
    if found is None:
        raise NotFound(kind="case", key=case_id)
    return issue, found
