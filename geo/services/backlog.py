"""What is not resolved yet, what is overdue, and what was closed too late."""

from __future__ import annotations

from datetime import datetime

from geo.db import backlog as rows
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.backlog import Backlog, OpenIssue
from geo.domain.grids import Level
from geo.domain.measures import Period

MOST_POINTS = 5_000
"""More points than that hide each other; the overdue come first."""


def backlog(
    actor: Actor,
    uow: UnitOfWork,
    at: datetime,
    *,
    reported: Period | None = None,
    level: Level | None = None,
    category: str | None = None,
    grids_at: datetime | None = None,
) -> Backlog:
    """Give how many issues were unresolved, overdue, closed and closed late at a moment, by grid.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    at : datetime
        The moment, aware.
    reported : Period, optional
        In which the issues were reported; by default all that were reported up to the moment.
    level : Level, optional
        The level of the grids; the leaves by default.
    category : str, optional
        The category of the issues; all by default.
    grids_at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Returns
    -------
    Backlog
        By code.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    """
    return rows.backlog(
        uow.connection,
        at,
        reported=reported,
        level=level,
        category=category,
        jurisdiction=actor.jurisdiction(Action.READ_MEASURES),
        grids_at=grids_at,
    )


def open_issues(
    actor: Actor,
    uow: UnitOfWork,
    at: datetime,
    *,
    reported: Period | None = None,
    category: str | None = None,
    limit: int = MOST_POINTS,
) -> tuple[OpenIssue, ...]:
    """Give the located issues that were unresolved at a moment, the overdue first.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the issues of the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    at : datetime
        The moment, aware.
    reported : Period, optional
        In which the issues were reported; by default all that were reported up to the moment.
    category : str, optional
        The category of the issues; all by default.
    limit : int, optional
        How many at most.

    Returns
    -------
    tuple of OpenIssue
        The overdue first, then by deadline.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read issues.
    """
    return rows.open_issues(
        uow.connection,
        at,
        reported=reported,
        category=category,
        limit=limit,
        jurisdiction=actor.jurisdiction(Action.READ_ISSUES),
    )


def categories(actor: Actor, uow: UnitOfWork) -> tuple[str, ...]:
    """Name the categories of the issues that an actor may see, in the order of the alphabet.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.

    Returns
    -------
    tuple of str
        Without repetition.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read issues.
    """
    return rows.categories(uow.connection, actor.jurisdiction(Action.READ_ISSUES))
