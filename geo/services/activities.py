"""Use cases of trainings, meetings, check-ins and logs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from geo.db import activities as rows
from geo.db.jurisdictions import chains
from geo.db.patrols import known_people
from geo.db.people import is_known_code
from geo.db.unit_of_work import UnitOfWork
from geo.domain.activities import Activity, Presence
from geo.domain.actors import Action, Actor
from geo.domain.filters import Filter
from geo.domain.grids import GridName
from geo.domain.pages import Page
from geo.domain.profiles.duties import Record
from geo.errors import BadValue, NotFound, StaleRevision
from geo.services.located import readable
from geo.services.patrols import CLOCK_TOLERANCE
from geo.services.privacy import Veils
from geo.services.profiles import profile_at


def find_activities(
    actor: Actor,
    uow: UnitOfWork,
    wanted: Filter,
    day: date,
    *,
    person_id: int | None,
    limit: int,
    after: int,
) -> Page[Activity]:
    """Give activities that are wanted, where the actor may read.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    wanted : Filter
        Grid, time and kind.
    day : date
        Today in the city.
    person_id : int or None
        Only those that this person was to attend.
    limit, after : int
        At most so many, with greater ids.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read any.
    """
    conditions = rows.conditions(wanted, person_id, actor.jurisdiction(Action.READ_ACTIVITIES))
    page = rows.activities(uow.connection, conditions, limit=limit, after=after)
    return Page(Veils(actor, uow, day).shown(page.rows), page.next)


def read_activity(actor: Actor, uow: UnitOfWork, key: int, day: date) -> Activity:
    """Give an activity.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    key : int
        Which.
    day : date
        Today in the city.

    Raises
    ------
    NotFound
        If there is none.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read it.
    """
    found = _admitted(actor, uow, Action.READ_ACTIVITIES, key)
    return Veils(actor, uow, day).one(found)


def report_activity(
    actor: Actor,
    uow: UnitOfWork,
    *,
    values: Mapping[str, Any],
    attendances: Mapping[int, Presence],
    now: datetime,
    zone: ZoneInfo,
) -> Activity:
    """Keep a new activity, attended by the actor's own person where nobody is named.

    Parameters
    ----------
    actor : Actor
        Who reports it.
    uow : UnitOfWork
        The transaction.
    values : mapping
        Columns of the activity, with ``place`` as a pair of lon and lat in degrees or None.
    attendances : mapping of int to Presence
        Who was to be there, and whether they were.
    now : datetime
        The present, aware.
    zone : ZoneInfo
        Of the city: the profile of the day says which kinds there are.

    Returns
    -------
    Activity
        What is kept.

    Raises
    ------
    BadValue
        If it lies in the future, ends before it begins, or is of a kind that the profile doesn't have.
    NotFound
        If the grid or one of the people isn't there.
    AlreadyExists
        If its key is taken.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not report activities of this grid.
    """
    actor.jurisdiction(Action.WRITE_ACTIVITIES)
    code = values["grid_code"]
    actor.require(Action.WRITE_ACTIVITIES, chains(uow.connection, {code})[code])
    if not is_known_code(uow.connection, code):
        raise NotFound(kind="grid", key=code)
    _check_times(values["starts_at"], values["ends_at"], now)
    _check_kind(uow, values["kind"], code, values["starts_at"].astimezone(zone))
    own = {} if actor.person_id is None else {actor.person_id: Presence.PRESENT}
    states = dict(attendances) or own
    _check_people(uow, states)
    key = rows.insert_activity(uow.connection, {**values, "created_by": actor.name})
    rows.set_attendance(uow.connection, key, states)
    uow.record(actor, "create", "activity", key, {**readable(values), "attendances": _told(states)})
    return read_activity(actor, uow, key, now.astimezone(zone).date())


def correct_attendance(
    actor: Actor, uow: UnitOfWork, key: int, day: date, *, revision: int, attendances: Mapping[int, Presence]
) -> Activity:
    """Change who was at an activity.

    Parameters
    ----------
    actor : Actor
        Who changes it.
    uow : UnitOfWork
        The transaction.
    key : int
        The activity.
    day : date
        Today in the city.
    revision : int
        The revision that the actor has seen.
    attendances : mapping of int to Presence
        By number of the person; whoever isn't named stays as they are.

    Returns
    -------
    Activity
        What is kept now.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        If it isn't there, was changed by somebody else, or the actor may not change it.
    """
    _locked(actor, uow, key, revision)
    _check_people(uow, attendances)
    rows.set_attendance(uow.connection, key, attendances)
    rows.count_up(uow.connection, key)
    uow.record(actor, "change", "activity", key, {"attendances": _told(attendances)})
    return read_activity(actor, uow, key, day)


def make_up(
    actor: Actor, uow: UnitOfWork, key: int, day: date, *, revision: int, person_id: int, made_up_in: int
) -> Activity:
    """Let somebody who was absent have made it up in another activity of the same kind, held later.

    Parameters
    ----------
    actor : Actor
        Who writes it down.
    uow : UnitOfWork
        The transaction.
    key : int
        The activity that was missed.
    day : date
        Today in the city.
    revision : int
        The revision that the actor has seen.
    person_id : int
        Who missed it.
    made_up_in : int
        The activity in which it was made up: one that they need not have attended anyway.

    Returns
    -------
    Activity
        The one that was missed, as it is kept now.

    Raises
    ------
    BadValue
        If the person wasn't absent, or the other activity is of another kind, was held before, or was one
        that they had to attend for its own sake.
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        If one of both isn't there, was changed by somebody else, or the actor may not change it.
    """
    missed = _locked(actor, uow, key, revision)
    later = _admitted(actor, uow, Action.WRITE_ACTIVITIES, made_up_in)
    if later.kind != missed.kind or later.starts_at <= missed.starts_at:
        expected = f"{missed.kind} > {missed.starts_at.isoformat()}"
        raise BadValue(field="made_up_in", value=made_up_in, expected=expected)
    if person_id in {one.person_id for one in later.attendances}:
        raise BadValue(field="person_id", value=person_id, expected=f"not in {made_up_in}")
    if not rows.make_up(uow.connection, key, person_id, made_up_in):
        raise BadValue(field="person_id", value=person_id, expected=Presence.ABSENT.value)
    rows.count_up(uow.connection, key)
    uow.record(actor, "make_up", "activity", key, {"person_id": person_id, "made_up_in": made_up_in})
    return read_activity(actor, uow, key, day)


def grids_within(actor: Actor, uow: UnitOfWork, action: Action) -> tuple[GridName, ...]:
    """Give the grids of all levels in which the actor may take an action, the widest first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    action : Action
        What is to be done there.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may do it nowhere.
    """
    return rows.grids_within(uow.connection, actor.jurisdiction(action))


def team_of(actor: Actor, uow: UnitOfWork, code: str, day: date) -> tuple[tuple[int, str], ...]:
    """Give number and name of those who serve in a grid or below it, for who reports that they were there.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    code : str
        Code of a grid of any level.
    day : date
        Today in the city.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not report activities of this grid.
    """
    actor.jurisdiction(Action.WRITE_ACTIVITIES)
    actor.require(Action.WRITE_ACTIVITIES, chains(uow.connection, {code})[code])
    return Veils(actor, uow, day).over(code).value("person.name", rows.team_of(uow.connection, code, day))


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    for field, at in (("starts_at", starts_at), ("ends_at", ends_at)):
        if at > now + CLOCK_TOLERANCE:
            raise BadValue(field=field, value=at.isoformat(), expected=f"<= {now.isoformat()}")
    if ends_at < starts_at:
        raise BadValue(field="ends_at", value=ends_at.isoformat(), expected=f">= {starts_at.isoformat()}")


def _check_kind(uow: UnitOfWork, key: str, code: str, at: datetime) -> None:
    kinds = profile_at(uow, code, at.date()).duties.kinds
    known = [kind.key for kind in kinds if kind.record is Record.ACTIVITY]
    if key not in known:
        raise BadValue(field="kind", value=key, expected=" | ".join(known))


def _check_people(uow: UnitOfWork, states: Mapping[int, Presence]) -> None:
    for who, state in states.items():
        if state is Presence.MADE_UP:
            raise BadValue(field="attendances", value=who, expected="present | absent")
    missing = sorted(set(states) - known_people(uow.connection, list(states)))
    if missing:
        raise NotFound(kind="person", key=missing[0])


def _locked(actor: Actor, uow: UnitOfWork, key: int, revision: int) -> Activity:
    actor.jurisdiction(Action.WRITE_ACTIVITIES)
    rows.lock(uow.connection, key)
    present = _admitted(actor, uow, Action.WRITE_ACTIVITIES, key)
    if present.revision != revision:
        raise StaleRevision(kind="activity", key=key, revision=revision, current=present.revision)
    return present


def _admitted(actor: Actor, uow: UnitOfWork, action: Action, key: int) -> Activity:
    actor.jurisdiction(action)
    found = _one(uow, key)
    actor.require(action, chains(uow.connection, {found.grid_code})[found.grid_code])
    return found


def _one(uow: UnitOfWork, key: int) -> Activity:
    found = rows.activities(uow.connection, rows.one(key), limit=1, after=0).rows
    if not found:
        raise NotFound(kind="activity", key=key)
    return found[0]


def _told(states: Mapping[int, Presence]) -> dict[str, str]:
    return {str(who): state.value for who, state in sorted(states.items())}
