"""What happens to issues between their stages: levels, people, waiting, feedback, duplicates."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from geo.db import issue_flow as rows
from geo.db.issues import append_event, miss_deadlines
from geo.db.profiles import in_regime
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor, Jurisdiction
from geo.domain.issue_deadlines import next_level
from geo.domain.issue_flow import Duplicate, Named, Pause, Untold, over_ceiling
from geo.domain.issues import Issue, IssueState
from geo.domain.photos import NO_PHOTOS, StepPhotos
from geo.domain.profiles.issues import IssueRules, Stage
from geo.domain.profiles.regulations import Regime
from geo.domain.working_days import Calendar
from geo.errors import (
    BadValue,
    ClockRuns,
    FirstAskedStays,
    HighestLevel,
    ReasonMissing,
    WrongStep,
)
from geo.services.issue_rules import follow, resume_clock, rules_of, zone_of
from geo.services.issues import ISSUES
from geo.services.photos import attach_to_step
from geo.services.privacy import Veils
from geo.services.profiles import regimes
from geo.services.working_days import city_calendar

MOST_PAIRS = 200
MOST_UNTOLD = 1_000


def escalate(
    actor: Actor, uow: UnitOfWork, key: int, *, revision: int, reason: str | None, now: datetime
) -> Issue:
    """Take an issue to the next level, because it is beyond its present one.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    reason : str or None
        Why.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Issue
        On the next level, with its deadline there and whoever sees to it.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    WrongStep
        If nothing is left to be done.
    HighestLevel
        If no level is above.
    ReasonMissing
        If the profile asks for an explanation.
    """
    present, rules = _unresolved(actor, uow, key, revision, now)
    above = next_level(rules, present.level)
    if above is None:
        raise HighestLevel(field="level", rules=rules.escalation.rules, level=present.level)
    if rules.handing_on_explains.holds and not reason:
        raise ReasonMissing(field="reason", rules=rules.handing_on_explains.rules)
    miss_deadlines(uow.connection, now, rows.is_issue(key))
    _append(actor, uow, key, "escalated", now, note=reason, from_level=present.level, to_level=above.key)
    changed = ISSUES.change(actor, uow, key, {"level": above.key, "level_since": now})
    follow(actor, uow, key, rules, level_key=changed.level, now=now)
    return ISSUES.get(actor, uow, key)


def wait(actor: Actor, uow: UnitOfWork, key: int, *, revision: int, reason: str, now: datetime) -> Issue:
    """Let the clock of an issue stand while its reporter is waited for.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    reason : str
        What is waited for.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Issue
        Without a deadline until its clock goes on.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    WrongStep
        If nothing is left to be done, or its clock stands already.
    ClockRuns
        If the profile lets no clock stand.
    """
    present, rules = _unresolved(actor, uow, key, revision, now)
    if not rules.clock_stops.holds:
        raise ClockRuns(field="reason", rules=rules.clock_stops.rules)
    if present.waiting_since is not None:
        raise WrongStep(state="waiting", to="waiting", possible=[])
    rows.begin_pause(uow.connection, key, at=now, reason=reason, due_at=present.due_at)
    _append(actor, uow, key, "paused", now, note=reason)
    return ISSUES.change(actor, uow, key, {})


def resume(actor: Actor, uow: UnitOfWork, key: int, *, revision: int, now: datetime) -> Issue:
    """Let the clock of an issue go on; the time in which it stood isn't counted.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Issue
        With its new deadline.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    WrongStep
        If its clock doesn't stand.
    """
    present, rules = _unresolved(actor, uow, key, revision, now)
    if present.waiting_since is None:
        raise WrongStep(state=present.state, to="resumed", possible=[])
    resume_clock(uow, present, rules, now)
    _append(actor, uow, key, "resumed", now)
    return ISSUES.change(actor, uow, key, {})


def tell_reporter(
    actor: Actor,
    uow: UnitOfWork,
    key: int,
    *,
    revision: int,
    stage: Stage,
    note: str,
    photos: StepPhotos = NO_PHOTOS,
    now: datetime,
) -> Issue:
    """Keep what the reporter was told of a stage (阶段反馈).

    Parameters
    ----------
    actor : Actor
        Who told it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    stage : Stage
        Of which stage.
    note : str
        What was told.
    photos : StepPhotos, optional
        Pictures that were uploaded for it.
    now : datetime
        The present, aware.

    Returns
    -------
    Issue
        At the next revision.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    """
    ISSUES.locked(actor, uow, key, revision)
    event = _append(actor, uow, key, "feedback", now, note=note, stage=stage)
    attach_to_step(actor, uow, event, photos)
    return ISSUES.change(actor, uow, key, {})


def name_person(
    actor: Actor, uow: UnitOfWork, key: int, *, revision: int, charge: str, person_id: int, now: datetime
) -> Issue:
    """Let one person be named for a charge of an issue; whoever was asked first stays until it is struck off.

    Parameters
    ----------
    actor : Actor
        Who names them.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    charge : str
        ``first_asked``, ``handling``, or a charge of the profile.
    person_id : int
        Who.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Issue
        At the next revision.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    BadValue
        If the profile doesn't have the charge.
    FirstAskedStays
        If somebody else was asked first, and the issue isn't struck off.
    StillInUse
        If there is no such person.
    """
    present = ISSUES.locked(actor, uow, key, revision)
    rules = rules_of(uow, present, zone_of(now))
    known = (rows.FIRST_ASKED, rows.HANDLING, *(one.key for one in rules.charges))
    if charge not in known:
        raise BadValue(field="charge", value=charge, expected=", ".join(known))
    _check_first_asked(uow, present, rules, charge, person_id)
    rows.name_person(uow.connection, key, charge, person_id, at=now, actor=actor.name)
    _append(actor, uow, key, "named", now, charge=charge, person_id=person_id)
    return ISSUES.change(actor, uow, key, {})


def _check_first_asked(
    uow: UnitOfWork, present: Issue, rules: IssueRules, charge: str, person_id: int
) -> None:
    others = {
        one.person_id
        for one in rows.people_of(uow.connection, present.id)
        if one.charge == rows.FIRST_ASKED and one.person_id != person_id
    }
    if charge == rows.FIRST_ASKED and others and rules.first_asked.holds and present.is_unresolved:
        raise FirstAskedStays(field=charge, rules=rules.first_asked.rules)


def merge(actor: Actor, uow: UnitOfWork, key: int, *, revision: int, into: int, now: datetime) -> Issue:
    """Give up an issue as the duplicate of another one, which goes its way for both.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The duplicate and the revision that the actor has seen.
    into : int
        The issue that it is a duplicate of.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Issue
        The duplicate, void.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`; of both issues.
    BadValue
        If it would be merged into itself.
    WrongStep
        If something is left to be done of neither.
    """
    if key == into:
        raise BadValue(field="into", value=into, expected=f"!= {key}")
    present, rules = _unresolved(actor, uow, key, revision, now)
    kept = ISSUES.get(actor, uow, into)
    if not kept.is_unresolved:
        raise WrongStep(state=kept.state, to="merged", possible=[])
    if present.waiting_since is not None:
        resume_clock(uow, present, rules, now)
    append_event(
        uow.connection,
        key,
        at=now,
        actor=actor.name,
        kind="merged",
        from_state=present.state,
        to_state=IssueState.VOID,
        data={"into": into, "number": kept.number},
    )
    _append(actor, uow, into, "absorbed", now, issue=key, number=present.number)
    return ISSUES.change(actor, uow, key, {"state": IssueState.VOID, "merged_into_id": into})


def duplicates(actor: Actor, uow: UnitOfWork, *, key: int | None, now: datetime) -> tuple[Duplicate, ...]:
    """Give pairs of unresolved issues that are likely about one matter, the nearest first.

    Parameters
    ----------
    actor : Actor
        Who asks: sees those whose later issue lies in their jurisdiction.
    uow : UnitOfWork
        The transaction.
    key : int or None
        Only duplicates of others that this issue is; of all issues by default.
    now : datetime
        The present, aware, in the zone of the city: by the rules that hold today.

    Returns
    -------
    tuple of Duplicate
        At most `MOST_PAIRS`.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read issues.
    """
    jurisdiction = actor.jurisdiction(Action.READ_ISSUES)
    chosen = [] if key is None else [rows.is_issue(key)]
    found = [
        pair
        for regime in regimes(uow, now.date(), now.date() + timedelta(days=1))
        for pair in rows.duplicates(
            uow.connection,
            jurisdiction,
            in_regime(rows.GRID, regime),
            *chosen,
            within_m=regime.profile.issues.duplicates.within_m,
            within_days=regime.profile.issues.duplicates.within_days,
            limit=MOST_PAIRS,
        )
    ]
    return tuple(sorted(found, key=lambda pair: (pair.distance_m, pair.id))[:MOST_PAIRS])


def untold_stages(actor: Actor, uow: UnitOfWork, now: datetime) -> tuple[Untold, ...]:
    """Give the stages of which reporters were not told although their issue takes longer than it may.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the issues of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    tuple of Untold
        At most `MOST_UNTOLD`, of unresolved issues, by id and stage.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read issues.
    """
    jurisdiction = actor.jurisdiction(Action.READ_ISSUES)
    since = rows.first_report(uow.connection, str(now.tzinfo))
    if since is None:
        return ()
    china = city_calendar(uow)
    found = [
        untold
        for regime in regimes(uow, since, now.date() + timedelta(days=1))
        for untold in _untold(uow, china, jurisdiction, regime, now)
    ]
    return tuple(sorted(found, key=lambda one: (one.id, one.stage))[:MOST_UNTOLD])


def _untold(
    uow: UnitOfWork, china: Calendar, jurisdiction: Jurisdiction, regime: Regime, now: datetime
) -> tuple[Untold, ...]:
    zone, rules = str(now.tzinfo), regime.profile.issues
    if rules.ceiling is None:
        return ()
    standing = rows.standing(
        uow.connection,
        zone,
        in_regime(rows.GRID, regime),
        rows.reported_within(regime.since, regime.until, zone),
    )
    over = over_ceiling(china, rules, standing, np.datetime64(now.replace(tzinfo=None), "us"))
    return rows.missing_feedback(
        uow.connection, jurisdiction, over.ids.tolist(), rules.ceiling.feedback, limit=MOST_UNTOLD
    )


def people_of(actor: Actor, uow: UnitOfWork, key: int, day: date) -> tuple[Named, ...]:
    """Give who is named for an issue, in the order in which they were; see `Things.get`."""
    place = ISSUES.get(actor, uow, key).grid_code
    return Veils(actor, uow, day).over(place).shown(rows.people_of(uow.connection, key))


def pauses_of(actor: Actor, uow: UnitOfWork, key: int) -> tuple[Pause, ...]:
    """Give when the clock of an issue stood, the first time first; see `Things.get`."""
    ISSUES.get(actor, uow, key)
    return rows.pauses_of(uow.connection, key)


def _unresolved(
    actor: Actor, uow: UnitOfWork, key: int, revision: int, now: datetime
) -> tuple[Issue, IssueRules]:
    present = ISSUES.locked(actor, uow, key, revision)
    if not present.is_unresolved:
        raise WrongStep(state=present.state, to="unresolved", possible=[])
    return present, rules_of(uow, present, zone_of(now))


def _append(
    actor: Actor,
    uow: UnitOfWork,
    key: int,
    kind: str,
    now: datetime,
    *,
    note: str | None = None,
    **data: object,
) -> int:
    return append_event(uow.connection, key, at=now, actor=actor.name, kind=kind, note=note, data=data)
