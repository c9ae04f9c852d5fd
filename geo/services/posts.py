"""Posts of grids: who is missing, who stands in for whom, who is away."""

from __future__ import annotations

from datetime import date, timedelta

from geo.db import posts
from geo.db.principles import passed
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.pages import Page
from geo.domain.posts import Leave, Partnership, Staffing
from geo.domain.principles import PrincipleHeld
from geo.domain.profiles.regulations import Regime
from geo.errors import NotAdjacent
from geo.services.grids import find_neighbours
from geo.services.people import announce, require_in, require_person
from geo.services.profiles import regimes


def staffing(
    actor: Actor, uow: UnitOfWork, day: date, grid_code: str | None = None
) -> tuple[tuple[Regime, tuple[Staffing, ...]], ...]:
    """Give how each post is held in each grid in which the profile asks for it.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    day : date
        Who holds a post on this day counts, by what holds on this day.
    grid_code : str or None, optional
        Only in this grid and below.

    Returns
    -------
    tuple of (Regime, tuple of Staffing)
        By regime, then by code and rank, where the actor may read people.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may read nobody.
    """
    jurisdiction = actor.jurisdiction(Action.READ_PEOPLE)
    holding = regimes(uow, day, day + timedelta(days=1), grid_code)
    return tuple((one, posts.staffing(uow.connection, day, one, jurisdiction)) for one in holding)


def principles(
    actor: Actor, uow: UnitOfWork, day: date, grid_code: str | None = None
) -> tuple[PrincipleHeld, ...]:
    """Give how far the principles of the division hold, where the actor may read people.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    day : date
        By what holds on this day.
    grid_code : str or None, optional
        Only in this grid and below.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may read nobody.
    """
    jurisdiction = actor.jurisdiction(Action.READ_PEOPLE)
    return tuple(
        PrincipleHeld(regime.profile.key, principle, held)
        for regime in regimes(uow, day, day + timedelta(days=1), grid_code)
        for principle, held in zip(
            regime.profile.division.principles,
            passed(uow.connection, day, regime, jurisdiction),
            strict=True,
        )
    )


# partnerships --------------------------------------------------------------------------------------------


def list_partnerships(
    actor: Actor, uow: UnitOfWork, *, grid_code: str | None, after: int, limit: int
) -> Page[Partnership]:
    """Give the partnerships of grids where the actor may read people, each from both sides.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    grid_code : str or None
        Only of this grid.
    after, limit : int
        At most so many, with greater numbers.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may read nobody.
    """
    jurisdiction = actor.jurisdiction(Action.READ_PEOPLE)
    return posts.list_partnerships(
        uow.connection, jurisdiction, grid_code=grid_code, after=after, limit=limit
    )


def pair(
    actor: Actor,
    uow: UnitOfWork,
    *,
    post: str,
    grid_code: str,
    partner_code: str,
    valid_from: date,
    valid_to: date | None = None,
) -> Partnership:
    """Let the holders of a post in two neighbouring grids stand in for each other.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    post : str
        Key of the post.
    grid_code, partner_code : str
        The grids.
    valid_from, valid_to : date
        Half-open; without ``valid_to`` until it is ended.

    Returns
    -------
    Partnership
        As it stands now, with its id, from the side of ``grid_code``.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may write people in both grids.
    NotFound
        If one of the grids isn't there.
    NotAdjacent
        If they have no border in common.
    AlreadyExists
        If one of them has a partner for this post at the time.
    StillInUse
        If there is no such post.
    BadValue
        If it ends before it begins.
    """
    require_in(actor, uow, grid_code, partner_code)
    around = {neighbour.grid.code for neighbour in find_neighbours(actor, uow, grid_code, at=None)}
    if partner_code not in around:
        raise NotAdjacent(grids=[grid_code, partner_code])
    values = {
        "post": post,
        "grid_code": grid_code,
        "partner_code": partner_code,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    made = posts.insert_partnership(uow.connection, values)
    announce(actor, uow, "create", "partnership", made)
    return made


def part(actor: Actor, uow: UnitOfWork, partnership_id: int, revision: int, valid_to: date) -> Partnership:
    """Let two grids be partners no longer than until a day.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    partnership_id, revision : int
        Which partnership, and the revision that the change is based on.
    valid_to : date
        The first day on which it doesn't hold any more.

    Returns
    -------
    Partnership
        As it stands now, at the next revision.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may write people in both grids.
    NotFound
        If there is none with this number.
    StaleRevision
        If somebody has changed it since.
    BadValue
        If it ends before it begins.
    """
    actor.jurisdiction(Action.WRITE_PEOPLE)
    present = posts.PARTNERSHIPS.find(uow.connection, partnership_id)
    require_in(actor, uow, present.grid_code, present.partner_code)
    ended = posts.end_partnership(uow.connection, present, revision, valid_to)
    announce(actor, uow, "change", "partnership", ended)
    return ended


# leave ---------------------------------------------------------------------------------------------------


def list_leave(actor: Actor, uow: UnitOfWork, person_id: int, day: date) -> tuple[Leave, ...]:
    """Give when a person is away, the latest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    person_id : int
        Who.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person serves where the actor may read people.
    NotFound
        If there is nobody with this number.
    """
    require_person(actor, uow, Action.READ_PEOPLE, person_id, day)
    return posts.list_leave(uow.connection, person_id)


def take_leave(
    actor: Actor, uow: UnitOfWork, person_id: int, day: date, *, valid_from: date, valid_to: date
) -> Leave:
    """Let a person be away; whoever stands in serves meanwhile.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    person_id : int
        Who.
    day : date
        Today in the city.
    valid_from, valid_to : date
        Half-open.

    Returns
    -------
    Leave
        As it stands now, with its id.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person serves where the actor may write people.
    NotFound
        If there is nobody with this number.
    AlreadyExists
        If the person is away on one of these days already.
    BadValue
        If it ends before it begins.
    """
    require_person(actor, uow, Action.WRITE_PEOPLE, person_id, day)
    values = {"person_id": person_id, "valid_from": valid_from, "valid_to": valid_to}
    taken = posts.LEAVE.insert(uow.connection, values)
    announce(actor, uow, "create", "leave", taken)
    return taken


def end_leave(
    actor: Actor, uow: UnitOfWork, leave_id: int, day: date, *, revision: int, valid_to: date
) -> Leave:
    """Let a person be back on a day.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    leave_id : int
        Which leave.
    day : date
        Today in the city.
    revision : int
        The revision that the change is based on.
    valid_to : date
        The first day on which the person is back.

    Returns
    -------
    Leave
        As it stands now, at the next revision.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person serves where the actor may write people.
    NotFound
        If there is none with this number.
    StaleRevision
        If somebody has changed it since.
    AlreadyExists
        If the person is away on one of the new days already.
    BadValue
        If it ends before it begins.
    """
    actor.jurisdiction(Action.WRITE_PEOPLE)
    present = posts.LEAVE.find(uow.connection, leave_id)
    require_person(actor, uow, Action.WRITE_PEOPLE, present.person_id, day)
    ended = posts.LEAVE.change(uow.connection, leave_id, revision, {"valid_to": valid_to})
    announce(actor, uow, "change", "leave", ended)
    return ended
