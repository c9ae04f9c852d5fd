"""One grid, one ledger."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from geo.db import backlog, coverage
from geo.db import ledgers as rows
from geo.db.jurisdictions import chains
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor, Jurisdiction
from geo.domain.backlog import Count
from geo.domain.grids import Grid
from geo.domain.ledgers import COUNTED_IN_ATTRIBUTES, Ledger
from geo.domain.measures import Period, Share
from geo.services.grids import get_grid, get_history
from geo.services.people import responsible
from geo.services.profiles import profile_at


def read_ledger(actor: Actor, uow: UnitOfWork, code: str, period: Period, *, timezone: str) -> Ledger:
    """Give the ledger of a grid.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    code : str
        Code of a grid in force, of any level.
    period : Period
        In which visits, issues and changes count.
    timezone : str
        IANA name of the zone of the city.

    Returns
    -------
    Ledger
        Key people are counted, never named.

    Raises
    ------
    NotFound
        If there is no such grid.
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may read measures there.
    """
    actor.jurisdiction(Action.READ_MEASURES)
    grid = get_grid(actor, uow, code, at=None)
    actor.require(Action.READ_MEASURES, chains(uow.connection, {code})[code])
    last_day = period.end.astimezone(ZoneInfo(timezone)).date()
    connection = uow.connection
    profile = profile_at(uow, code, last_day)
    basics = rows.basics(connection, code, COUNTED_IN_ATTRIBUTES)
    subjects = rows.subjects(connection, code)
    return Ledger(
        grid=grid,
        period=period,
        rule=profile.statistics.ledger,
        names={
            **{kind.key: kind.name for kind in profile.duties.kinds},
            **{result.key: result.name for result in profile.inspections.results},
        },
        basics={
            **basics,
            "key_people": rows.key_people(connection, code),
            "subjects": sum(tally.count for tally in subjects),
        },
        subjects=subjects,
        responsible=responsible(actor, uow, code, last_day),
        posts=rows.posts(connection, code, last_day),
        visited=_visited(uow, grid, period),
        visits=rows.visits(connection, code, period),
        backlog=_backlog(uow, grid, period.end),
        issues=rows.issues(connection, code, period),
        changes=rows.changes(connection, code, period),
        lineage=get_history(actor, uow, code).successions,
    )


def _visited(uow: UnitOfWork, grid: Grid, period: Period) -> Share:
    """Give the same figure as the map of coverage."""
    measured = coverage.subject_coverage(
        uow.connection, period, level=grid.level, kind=None, jurisdiction=_only(grid)
    )
    return measured.total


def _backlog(uow: UnitOfWork, grid: Grid, at: datetime) -> Count:
    """Give the same figures as the map of issues."""
    return backlog.backlog(
        uow.connection, at, reported=None, level=grid.level, category=None, jurisdiction=_only(grid)
    ).total


def _only(grid: Grid) -> Jurisdiction:
    return Jurisdiction(frozenset({grid.code}))
