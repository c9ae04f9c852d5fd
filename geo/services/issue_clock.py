"""The clock of the issues: deadlines follow the rules, and what has run out goes to the next level."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from geo.db import issue_flow as rows
from geo.db.profiles import in_regime
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.issue_flow import Standing, due_by_rules, raised
from geo.domain.profiles.issues import IssueRules
from geo.domain.profiles.regulations import Regime
from geo.domain.working_days import Calendar
from geo.services.profiles import regimes
from geo.services.working_days import city_calendar


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the clock has done.

    Attributes
    ----------
    redated : int
        Issues with another deadline than before, because the calendar or the rules have changed.
    escalated : int
        Issues that went to the next level because their time had run out.
    """

    redated: int
    escalated: int

    def __add__(self, other: Run) -> Run:
        return Run(self.redated + other.redated, self.escalated + other.escalated)


def run_clock(actor: Actor, uow: UnitOfWork, now: datetime) -> Run:
    """Let all deadlines follow the rules, and what has run out go to its next level; twice does it once.

    Parameters
    ----------
    actor : Actor
        Who runs it.
    uow : UnitOfWork
        The transaction.
    now : datetime
        The present, aware, in the zone of the city.

    Returns
    -------
    Run
        What was done.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not write issues of the whole city.
    """
    actor.require(Action.WRITE_ISSUES, ())
    rows.lock_clock(uow.connection)
    since = rows.first_report(uow.connection, str(now.tzinfo))
    if since is None:
        return Run(0, 0)
    china = city_calendar(uow)
    done = Run(0, 0)
    for regime in regimes(uow, since, now.date() + timedelta(days=1)):
        done += _run_regime(actor, uow, china, regime, now)
    if done != Run(0, 0):
        uow.record(actor, "run", "issue_clock", now.isoformat(), asdict(done))
    return done


def _run_regime(actor: Actor, uow: UnitOfWork, china: Calendar, regime: Regime, now: datetime) -> Run:
    zone, rules = str(now.tzinfo), regime.profile.issues
    standing = rows.standing(
        uow.connection,
        zone,
        in_regime(rows.GRID, regime),
        rows.reported_within(regime.since, regime.until, zone),
    )
    due = due_by_rules(china, rules, standing)
    redated = rows.write_due(uow.connection, standing.ids.tolist(), due, zone)
    if not rules.escalation.when_overdue:
        return Run(redated, 0)
    late = raised(rules, replace(standing, due=due), _clock(now))
    rows.raise_levels(uow.connection, late.ids.tolist(), late.levels.tolist(), at=now, actor=actor.name)
    rows.write_due(uow.connection, late.ids.tolist(), due_by_rules(china, rules, late), zone)
    _route(actor, uow, rules, late, now)
    return Run(redated, len(late.ids))


def _route(actor: Actor, uow: UnitOfWork, rules: IssueRules, late: Standing, now: datetime) -> None:
    for level in rules.levels:
        ids = late.ids[late.levels == level.key].tolist()
        if ids and level.post is not None:
            rows.route_to_post(uow.connection, ids, level.post, at=now, actor=actor.name)


def _clock(now: datetime) -> np.datetime64:
    return np.datetime64(now.replace(tzinfo=None), "us")
