"""People, their posts, and who is responsible for a grid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from geo.db import people
from geo.db.jurisdictions import chains
from geo.db.posts import responsible_people
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.pages import Page
from geo.domain.people import Assignment, Person, Responsible
from geo.domain.posts import Leave, Partnership
from geo.domain.privacy import unveiled
from geo.errors import NotFound, OutsideJurisdiction
from geo.services.privacy import Veils
from geo.services.profiles import regimes

CHANNEL = "wangge_people"
"""Where processes hear that responsibilities may have changed."""


@dataclass(frozen=True, slots=True)
class PersonData:
    """All that can be changed of a person; see `Person`."""

    name: str
    ref: str | None = None
    phone: str | None = None
    organisation: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def list_people(
    actor: Actor, uow: UnitOfWork, day: date, *, name: str | None, after: int, limit: int
) -> Page[Person]:
    """Give the people who serve where the actor may read people.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    day : date
        Today in the city: posts that have ended don't count.
    name : str or None
        Only people whose name contains this, of those whose name the actor sees: to search is to see.
    after : int
        Only people with a higher number.
    limit : int
        At most so many.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may read nobody.
    """
    jurisdiction = actor.jurisdiction(Action.READ_PEOPLE)
    veils = Veils(actor, uow, day)
    among = (
        None
        if name is None
        else _with_seen_name(veils, people.called(uow.connection, name, jurisdiction, day))
    )
    page = people.list_people(uow.connection, jurisdiction, day, among=among, after=after, limit=limit)
    return Page(veils.people(page.rows, lambda one: one.id), page.next)


def _with_seen_name(veils: Veils, found: Collection[int]) -> set[int]:
    return {person for person, veil in veils.of_people(found).items() if veil.sees("person.name")}


def get(actor: Actor, uow: UnitOfWork, person_id: int, day: date) -> Person:
    """Give a person.

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
    found = require_person(actor, uow, Action.READ_PEOPLE, person_id, day)
    return _veiled(actor, uow, day, (found,))[0]


def name_of(actor: Actor, uow: UnitOfWork, person_id: int, *, since: date, day: date) -> str:
    """Give what somebody is called who serves, or has served since a day, where the actor may read people.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    person_id : int
        Who.
    since : date
        Posts that ended by this day don't count.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person has served where the actor may read people.
    NotFound
        If there is nobody with this number.
    """
    found = require_person(actor, uow, Action.READ_PEOPLE, person_id, since)
    return _veiled(actor, uow, day, (found,))[0].name


def create(actor: Actor, uow: UnitOfWork, data: PersonData) -> Person:
    """Make a person known.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    data : PersonData
        Who it is.

    Returns
    -------
    Person
        As it stands now, with its id.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may write people of the whole city: nobody serves anywhere to begin with.
    AlreadyExists
        If somebody has this ``ref``.
    """
    actor.require(Action.WRITE_PEOPLE, ())
    person = people.PEOPLE.insert(uow.connection, asdict(data))
    uow.record(actor, "create", "person", person.id, asdict(data))
    return person


def change(
    actor: Actor, uow: UnitOfWork, person_id: int, day: date, *, revision: int, data: PersonData
) -> Person:
    """Let a person be what is told now.

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
    revision : int
        The revision that the change is based on.
    data : PersonData
        All that can be changed.

    Returns
    -------
    Person
        As it stands now, at the next revision.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person serves where the actor may write people.
    NotFound
        If there is nobody with this number.
    StaleRevision
        If somebody has changed the person since.
    AlreadyExists
        If somebody else has this ``ref``.

    Notes
    -----
    What comes back masked, as the actor sees it, stays what it is.
    """
    before = require_person(actor, uow, Action.WRITE_PEOPLE, person_id, day)
    data = unveiled(data, _veiled(actor, uow, day, (before,))[0], before)
    person = people.change_person(uow.connection, person_id, revision, asdict(data))
    uow.record(actor, "change", "person", person_id, asdict(data))
    uow.notify(CHANNEL, "")
    return _veiled(actor, uow, day, (person,))[0]


def _veiled(actor: Actor, uow: UnitOfWork, day: date, found: Iterable[Person]) -> tuple[Person, ...]:
    return Veils(actor, uow, day).people(found, lambda one: one.id)


def require_person(actor: Actor, uow: UnitOfWork, action: Action, person_id: int, day: date) -> Person:
    """Give a person, only if it serves where the actor may take an action.

    Parameters
    ----------
    actor : Actor
        Who acts.
    uow : UnitOfWork
        The open transaction.
    action : Action
        Reading or writing people.
    person_id : int
        Who.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person serves where the actor may do so.
    NotFound
        If there is nobody with this number.
    """
    jurisdiction = actor.jurisdiction(action)
    person = people.PEOPLE.find(uow.connection, person_id)
    if not people.serves(uow.connection, person_id, jurisdiction, day):
        raise OutsideJurisdiction(action=action, grid=None)
    return person


# posts ---------------------------------------------------------------------------------------------------


def list_assignments(actor: Actor, uow: UnitOfWork, person_id: int, day: date) -> tuple[Assignment, ...]:
    """Give the posts of a person where the actor may read people, the latest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The open transaction.
    person_id : int
        Whose.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the person serves where the actor may read people.
    NotFound
        If there is nobody with this number.
    """
    get(actor, uow, person_id, day)
    return people.list_assignments(uow.connection, person_id, actor.jurisdiction(Action.READ_PEOPLE))


def assign(
    actor: Actor,
    uow: UnitOfWork,
    person_id: int,
    *,
    grid_code: str,
    post: str,
    valid_from: date,
    valid_to: date | None = None,
) -> Assignment:
    """Let a person hold a post in a grid.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    person_id : int
        Who.
    grid_code : str
        Where.
    post : str
        Key of the post.
    valid_from, valid_to : date
        Half-open; without ``valid_to`` until it is ended.

    Returns
    -------
    Assignment
        As it stands now, with its id.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may write people in this grid.
    NotFound
        If there is nobody with this number, or no grid ever had this code.
    AlreadyExists
        If the person holds this very post at the time.
    StillInUse
        If there is no such post.
    BadValue
        If it ends before it begins.
    """
    require_in(actor, uow, grid_code)
    _require_code(uow, grid_code)
    people.PEOPLE.find(uow.connection, person_id)
    values = {
        "person_id": person_id,
        "grid_code": grid_code,
        "post": post,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    assignment = people.ASSIGNMENTS.insert(uow.connection, values)
    announce(actor, uow, "create", "assignment", assignment)
    return assignment


def end_assignment(
    actor: Actor, uow: UnitOfWork, assignment_id: int, revision: int, valid_to: date
) -> Assignment:
    """Let a person hold a post no longer than until a day.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    assignment_id, revision : int
        Which assignment, and the revision that the change is based on.
    valid_to : date
        The first day on which the post is not held any more.

    Returns
    -------
    Assignment
        As it stands now, at the next revision.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may write people in the grid of the assignment.
    NotFound
        If there is none with this number.
    StaleRevision
        If somebody has changed it since.
    BadValue
        If it ends before it begins.
    """
    actor.jurisdiction(Action.WRITE_PEOPLE)
    require_in(actor, uow, people.ASSIGNMENTS.find(uow.connection, assignment_id).grid_code)
    assignment = people.ASSIGNMENTS.change(uow.connection, assignment_id, revision, {"valid_to": valid_to})
    announce(actor, uow, "change", "assignment", assignment)
    return assignment


def require_in(actor: Actor, uow: UnitOfWork, *codes: str) -> None:
    """Go on only if the actor may write people in some grids.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The open transaction.
    *codes : str
        Codes of the grids.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may do so in each of them.
    """
    for chain in chains(uow.connection, codes).values():
        actor.require(Action.WRITE_PEOPLE, chain)


def announce(
    actor: Actor, uow: UnitOfWork, action: str, kind: str, term: Assignment | Partnership | Leave
) -> None:
    """Log what holds for some days, and let processes hear that responsibilities may have changed.

    Parameters
    ----------
    actor : Actor
        Who did it.
    uow : UnitOfWork
        The open transaction.
    action : str
        Key of what was done.
    kind : str
        Name of the table.
    term : Assignment, Partnership or Leave
        As it stands now.
    """
    told = {
        name.removesuffix("_code"): value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(term).items()
        if name not in {"id", "revision"}
    }
    uow.record(actor, action, kind, term.id, told)
    uow.notify(CHANNEL, "")


def responsible(actor: Actor, uow: UnitOfWork, grid_code: str, day: date) -> tuple[Responsible, ...]:
    """Give whom the public may turn to in a grid and in those above it, the widest grid first.

    Parameters
    ----------
    actor : Actor
        Who asks: anybody.
    uow : UnitOfWork
        The open transaction.
    grid_code : str
        The grid.
    day : date
        Who serves on this day counts: during leave those who stand in.

    Raises
    ------
    NotFound
        If no grid ever had this code.
    """
    actor.jurisdiction(Action.READ_GRIDS)
    _require_code(uow, grid_code)
    chain = chains(uow.connection, {grid_code})[grid_code]
    people_of = responsible_by_grid(uow, day, chain)
    return tuple(person for code in chain for person in people_of.get(code, ()))


def responsible_by_grid(
    uow: UnitOfWork, day: date, codes: Collection[str] | None = None
) -> dict[str, tuple[Responsible, ...]]:
    """Give whom the public may turn to on a day, by the code of the grid; the highest post first.

    Parameters
    ----------
    uow : UnitOfWork
        The open transaction.
    day : date
        Who serves on this day counts: during leave those who stand in.
    codes : collection of str, optional
        Only in these grids; in all of them by default.
    """
    holding = regimes(uow, day, day + timedelta(days=1))
    return responsible_people(uow.connection, day, holding, codes)


def _require_code(uow: UnitOfWork, grid_code: str) -> None:
    if not people.is_known_code(uow.connection, grid_code):
        raise NotFound(kind="grid", key=grid_code)
