"""What became of issues: what the public may read, what reporters say, and the rates of it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256

from geo.db import issue_cases as rows
from geo.db.issues import append_event, id_of
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.grids import Level
from geo.domain.issue_cases import GridRates, PublicResult, Rating, Reporter
from geo.domain.issues import IssueState
from geo.domain.measures import Period
from geo.domain.pages import Page
from geo.domain.privacy import masked_numbers
from geo.domain.profiles.regulations import BEGINNING, ENDLESS
from geo.errors import NotFound, WrongStep
from geo.services.issues import ISSUES
from geo.services.privacy import Veils
from geo.services.profiles import regimes

_CODE_BYTES = 12


def public_results(actor: Actor, uow: UnitOfWork, *, zone: str, limit: int, after: int) -> Page[PublicResult]:
    """Give what everybody may read of the issues that were struck off where results are published.

    Parameters
    ----------
    actor : Actor
        Anybody.
    uow : UnitOfWork
        The transaction.
    zone : str
        IANA name of the zone of the city.
    limit, after : int
        At most so many, with lower ids; from the newest one with 0.

    Returns
    -------
    Page of PublicResult
        The newest first.
    """
    actor.jurisdiction(Action.READ_RESULTS)
    publishing = [
        regime for regime in regimes(uow, BEGINNING, ENDLESS) if regime.profile.issues.results_published.holds
    ]
    condition = rows.is_published(publishing, zone)
    page = rows.public_results(uow.connection, condition, zone=zone, limit=limit, after=after)
    return Page(tuple(map(_published, page.rows)), page.next)


def followed(actor: Actor, uow: UnitOfWork, number: str, *, code: str, zone: str) -> PublicResult:
    """Give where an issue stands to whoever reported it.

    Parameters
    ----------
    actor : Actor
        Anybody.
    uow : UnitOfWork
        The transaction.
    number : str
        Of the issue.
    code : str
        What the reporter was given.
    zone : str
        IANA name of the zone of the city.

    Returns
    -------
    PublicResult
        Whether results are published or not.

    Raises
    ------
    NotFound
        If there is no such issue, or this isn't the code of its reporter; nobody learns which.
    """
    actor.jurisdiction(Action.READ_RESULTS)
    _admit(uow, number, code)
    condition = rows.is_numbered(number)
    return _published(rows.public_results(uow.connection, condition, zone=zone, limit=1, after=0).rows[0])


def _published(found: PublicResult) -> PublicResult:
    """Give a result without numbers of anybody: whatever a profile lets see, they are not for everybody."""
    return replace(found, result=found.result and masked_numbers(found.result))


def welcome_reporter(actor: Actor, uow: UnitOfWork, key: int, *, revision: int, reporter: Reporter) -> str:
    """Keep who reported an issue, and give the code by which they follow and rate it.

    Parameters
    ----------
    actor : Actor
        Who keeps it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The issue and the revision that the actor has seen.
    reporter : Reporter
        Who it was.

    Returns
    -------
    str
        Kept nowhere in clear; a new one takes the place of the former.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    """
    ISSUES.locked(actor, uow, key, revision)
    code = secrets.token_urlsafe(_CODE_BYTES)
    rows.keep_reporter(uow.connection, key, reporter, _hashed(code))
    uow.record(actor, "change", "issue_reporter", key)
    return code


def reporter_of(actor: Actor, uow: UnitOfWork, key: int, day: date) -> Reporter:
    """Give who reported an issue, as far as the profile lets the actor see; the look leaves a trace.

    Parameters
    ----------
    actor : Actor
        Who looks.
    uow : UnitOfWork
        The transaction, which writes.
    key : int
        The issue.
    day : date
        Today in the city.

    Returns
    -------
    Reporter
        Name and phone, as far as they were given; masked where the profile lets others see them alone.

    Raises
    ------
    NotFound
        If there is no such issue, or nobody has kept who reported it.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor doesn't work on issues there.
    """
    issue = ISSUES.get(actor, uow, key)
    actor.require(Action.WRITE_ISSUES, ISSUES.rows.chain(uow.connection, issue.id))
    found = rows.reporter_of(uow.connection, key)
    if found is None:
        raise NotFound(kind="reporter", key=key)
    uow.record(actor, "look", "issue_reporter", key)
    return Veils(actor, uow, day).over(issue.grid_code).shown(found)


def rate(
    actor: Actor, uow: UnitOfWork, number: str, *, code: str, score: int, words: str | None, now: datetime
) -> Rating:
    """Keep what the reporter says of the outcome; the latest rating counts.

    Parameters
    ----------
    actor : Actor
        Anybody.
    uow : UnitOfWork
        The transaction.
    number : str
        Of the issue.
    code : str
        What the reporter was given.
    score : int
        From 1 to 5.
    words : str or None
        What else.
    now : datetime
        The present, aware.

    Returns
    -------
    Rating
        As it is kept.

    Raises
    ------
    NotFound
        If there is no such issue, or this isn't the code of its reporter; nobody learns which.
    WrongStep
        If it isn't struck off yet.
    """
    actor.jurisdiction(Action.RATE_RESULTS)
    key = _admit(uow, number, code)
    issue = ISSUES.rows.locked(uow.connection, key)
    if issue is None or issue.state is not IssueState.CLOSED:
        raise WrongStep(state=issue.state if issue else None, to="rated", possible=[])
    rating = Rating(score, words, now)
    rows.keep_rating(uow.connection, key, rating)
    append_event(uow.connection, key, at=now, actor="reporter", kind="rated", data={"score": score})
    uow.record(actor, "rate", "issue", key, {"score": score})
    return rating


def _admit(uow: UnitOfWork, number: str, code: str) -> int:
    key = id_of(uow.connection, number)
    known = rows.code_hash_of(uow.connection, key) if key is not None else None
    if not hmac.compare_digest(known or bytes(32), _hashed(code)) or key is None:
        raise NotFound(kind="issue", key=number)
    return key


def _hashed(code: str) -> bytes:
    return sha256(code.encode("utf-8", "replace")).digest()


def issue_rates(
    actor: Actor, uow: UnitOfWork, period: Period, now: datetime, *, level: Level | None = None
) -> tuple[GridRates, ...]:
    """Give what became of the issues that were reported in a period, by grid.

    Parameters
    ----------
    actor : Actor
        Who asks: sees the grids of their jurisdiction.
    uow : UnitOfWork
        The transaction.
    period : Period
        In which they were reported.
    now : datetime
        The present, aware.
    level : Level, optional
        The level of the grids; the leaves by default.

    Returns
    -------
    tuple of GridRates
        By code.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read measures.
    """
    return rows.rates(
        uow.connection, period, now, level=level, jurisdiction=actor.jurisdiction(Action.READ_MEASURES)
    )
