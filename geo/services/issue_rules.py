"""What the regulation profile says of issues: their kind, their level, who sees to them, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

import numpy as np

from geo.db import issue_flow as rows
from geo.db.issues import miss_deadlines
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.issue_deadlines import Pauses, first_level, kind_of, level_of
from geo.domain.issue_flow import Standing, due_by_rules
from geo.domain.issues import Issue
from geo.domain.profiles.issues import IssueKind, IssueRules
from geo.domain.profiles.rules import Words
from geo.errors import NotFound
from geo.services.profiles import profile_at, regimes
from geo.services.working_days import city_calendar


def rules_of(uow: UnitOfWork, issue: Issue, zone: tzinfo) -> IssueRules:
    """Give the rules that held at the place of an issue on the day of its report.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    issue : Issue
        The issue.
    zone : tzinfo
        Of the city.

    Returns
    -------
    IssueRules
        Without any rule in a city that has never been settled with a profile.
    """
    try:
        return profile_at(uow, issue.grid_code, issue.reported_at.astimezone(zone).date()).issues
    except NotFound:
        return IssueRules()


def levels_called(uow: UnitOfWork, since: date, until: date, grid_code: str | None) -> dict[str, Words]:
    """Give what the levels of all rules that held in some days are called, by key.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    since, until : date
        The days in the city, half-open.
    grid_code : str or None
        Only of what holds in this grid and below.
    """
    held = regimes(uow, since, until, grid_code)
    return {level.key: level.name for regime in held for level in regime.profile.issues.levels}


def deadlines(
    actor: Actor, uow: UnitOfWork, categories: Sequence[str], now: datetime
) -> dict[str, datetime | None]:
    """Give until when an issue of each category has to be dealt with if the actor reports it now.

    Parameters
    ----------
    actor : Actor
        Who would report it; the rules are those of the first place where they may.
    uow : UnitOfWork
        The transaction.
    categories : sequence of str
        The categories.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    dict
        By category, aware, in the zone of the city; None without a deadline.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may report nothing.
    """
    places = actor.jurisdiction(Action.WRITE_ISSUES).grid_codes
    try:
        rules = profile_at(uow, min(places) if places else None, now.date()).issues
    except NotFound:
        return dict.fromkeys(categories)
    kinds = [kind_of(rules, category) for category in categories]
    levels = [first_level(rules, category, kind) for category, kind in zip(categories, kinds, strict=True)]
    begun = np.full(len(categories), now.replace(tzinfo=None), dtype="datetime64[us]")
    standing = Standing(
        ids=np.arange(len(categories)),
        categories=np.array(categories, dtype=object),
        kinds=np.array([kind and kind.key for kind in kinds], dtype=object),
        levels=np.array([level and level.key for level in levels], dtype=object),
        counted_since=begun,
        level_since=begun,
        due=np.full(len(categories), np.datetime64("NaT"), dtype="datetime64[us]"),
        pauses=Pauses.none(),
    )
    due = due_by_rules(city_calendar(uow), rules, standing).tolist()
    return {
        category: moment and moment.replace(tzinfo=now.tzinfo)
        for category, moment in zip(categories, due, strict=True)
    }


def kind_in(rules: IssueRules, issue: Issue) -> IssueKind | None:
    """Give the kind of an issue, or None where it is of none that the profile has."""
    return next((kind for kind in rules.kinds if kind.key == issue.kind), None)


def begin(
    actor: Actor, uow: UnitOfWork, issue: Issue, *, given_kind: str | None, now: datetime
) -> IssueRules:
    """Let an issue go its way: of a kind, on a level, with a deadline, and with whoever was asked first.

    Parameters
    ----------
    actor : Actor
        Who reports it.
    uow : UnitOfWork
        The transaction.
    issue : Issue
        As it was reported.
    given_kind : str or None
        Key of the kind where somebody has chosen it.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    IssueRules
        The rules that it follows.

    Raises
    ------
    BadValue
        If the profile doesn't have the kind that was chosen.
    """
    rules = rules_of(uow, issue, zone_of(now))
    kind = kind_of(rules, issue.category, given_kind)
    level = first_level(rules, issue.category, kind)
    rows.set_columns(
        uow.connection,
        issue.id,
        kind=kind.key if kind else None,
        level=level.key if level else None,
        counted_since=issue.reported_at,
        level_since=issue.reported_at,
        due_is_given=issue.due_at is not None,
    )
    if actor.person_id is not None:
        rows.name_person(
            uow.connection, issue.id, rows.FIRST_ASKED, actor.person_id, at=now, actor=actor.name
        )
    follow(actor, uow, issue.id, rules, level_key=level.key if level else None, now=now)
    return rules


def follow(
    actor: Actor, uow: UnitOfWork, key: int, rules: IssueRules, *, level_key: str | None, now: datetime
) -> None:
    """Let an issue have the deadline and whoever sees to it on its level.

    Parameters
    ----------
    actor : Actor
        Who brought it there.
    uow : UnitOfWork
        The transaction.
    key : int
        The issue.
    rules : IssueRules
        The rules that it follows.
    level_key : str or None
        The level.
    now : datetime
        The present, aware, in the zone of the city.
    """
    redate(uow, key, rules, zone_of(now))
    level = level_of(rules, level_key)
    if level is not None and level.post is not None:
        rows.route_to_post(uow.connection, [key], level.post, at=now, actor=actor.name)


def resume_clock(uow: UnitOfWork, issue: Issue, rules: IssueRules, now: datetime) -> None:
    """Let the clock of an issue go on; a deadline that somebody gave is as much later as it stood.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    issue : Issue
        Its clock stands.
    rules : IssueRules
        The rules that it follows.
    now : datetime
        The present, aware, in the zone of the city.
    """
    pause = rows.end_pause(uow.connection, issue.id, at=now)
    if issue.due_is_given and pause.due_at is not None:
        rows.set_columns(uow.connection, issue.id, due_at=pause.due_at + (now - pause.paused_at))
    redate(uow, issue.id, rules, zone_of(now))


def restart(uow: UnitOfWork, issue: Issue, rules: IssueRules, now: datetime) -> None:
    """Let the time of an issue that was reopened be counted from now on.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    issue : Issue
        As it was closed; a deadline that had passed by then stays missed.
    rules : IssueRules
        The rules that it follows.
    now : datetime
        The present, aware, in the zone of the city.
    """
    if issue.closed_at is not None:
        miss_deadlines(uow.connection, issue.closed_at, rows.is_issue(issue.id))
    rows.set_columns(uow.connection, issue.id, counted_since=now, level_since=now, delay_reason=None)
    redate(uow, issue.id, rules, zone_of(now))


def redate(uow: UnitOfWork, key: int, rules: IssueRules, zone: tzinfo) -> None:
    """Let the deadline of an issue follow the rules, unless somebody gave it or its clock stands."""
    standing = rows.standing(uow.connection, str(zone), rows.is_issue(key))
    due = due_by_rules(city_calendar(uow), rules, standing)
    rows.write_due(uow.connection, standing.ids.tolist(), due, str(zone))


def zone_of(now: datetime) -> tzinfo:
    """Give the zone of the city from its present."""
    assert now.tzinfo is not None, "the present of the city is aware"  # noqa: S101 - tells mypy
    return now.tzinfo
