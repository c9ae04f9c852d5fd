"""Lets the issues of the demo city go their way: kinds, levels, deadlines, results, what reporters say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from geo.db import issue_flow as rows
from geo.db.demo import close_issues
from geo.db.profiles import in_regime
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Actor
from geo.domain.issue_deadlines import first_level, kind_of
from geo.domain.profiles.regulations import Regime
from geo.services.issue_clock import run_clock
from geo.services.profiles import regimes

LATELY = timedelta(days=10)
"""Issues reported since follow the rules; older ones keep the deadline that they were made with."""


def follow_rules(actor: Actor, uow: UnitOfWork, categories: Iterable[str], now: datetime) -> None:
    """Let the latest issues follow the rules that hold at their place, and the closed ones have a result.

    Parameters
    ----------
    actor : Actor
        Who loads the demo.
    uow : UnitOfWork
        The transaction.
    categories : iterable of str
        Those of the issues.
    now : datetime
        The end of the history, aware, in the zone of the city.
    """
    close_issues(uow.connection)
    named = tuple(categories)
    for regime in regimes(uow, (now - LATELY).date(), now.date() + timedelta(days=1)):
        _begin(actor, uow, regime, named, now)
    run_clock(actor, uow, now)


def _begin(actor: Actor, uow: UnitOfWork, regime: Regime, categories: tuple[str, ...], now: datetime) -> None:
    rules = regime.profile.issues
    ruled = (
        in_regime(rows.GRID, regime),
        rows.reported_within(regime.since, regime.until, str(now.tzinfo)),
    )
    for category in categories:
        kind = kind_of(rules, category)
        level = first_level(rules, category, kind)
        if kind is None or level is None:
            continue
        begun = rows.begin_all(uow.connection, category, kind, level, *ruled)
        if level.post is not None:
            rows.route_to_post(uow.connection, begun, level.post, at=now, actor=actor.name)
