"""Use cases of visits and tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.db import patrols as rows
from geo.db.bulk import measured_line_texts
from geo.db.households import building_of
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.filters import Filter
from geo.domain.pages import Page
from geo.domain.patrols import Track, Visit
from geo.errors import AlreadyExists, BadValue, NotFound, OutsideJurisdiction
from geo.services.entities import ENTITIES
from geo.services.located import Things
from geo.services.privacy import Veils

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the clock of a phone may be ahead."""

VISITS = Things("visit", rows.VISITS, Action.READ_PATROLS, Action.WRITE_PATROLS)
"""Visits are found and read as they are; `report_visit` and `correct_visit` write them."""


def report_visit(
    actor: Actor, uow: UnitOfWork, *, values: Mapping[str, Any], people: Sequence[int], now: datetime
) -> Visit:
    """Keep a new visit, by the actor's own person where nobody is named.

    Parameters
    ----------
    actor : Actor
        Who reports it.
    uow : UnitOfWork
        The transaction.
    values : mapping
        Columns of the visit, with ``place`` as a pair of lon and lat in degrees or None.
    people : sequence of int
        Ids of the people who went.
    now : datetime
        The present, aware.

    Returns
    -------
    Visit
        What is kept.

    Raises
    ------
    BadValue
        If it lies in the future, is neither at a place nor at an entity, or its household is of another one.
    NotFound
        If the entity or one of the people isn't there.
    AlreadyExists
        If the key of its source is taken.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not report visits there, or not of that entity.
    """
    _check_visit(actor, uow, values, now)
    if values.get("place") is None and values.get("entity_id") is None:
        raise BadValue(field="place", value=None, expected="lon,lat | entity_id")
    own = () if actor.person_id is None else (actor.person_id,)
    key = VISITS.create(actor, uow, values)
    _set_people(actor, uow, key, people or own)
    return VISITS.get(actor, uow, key)


def correct_visit(
    actor: Actor,
    uow: UnitOfWork,
    key: int,
    *,
    revision: int,
    values: Mapping[str, Any],
    people: Sequence[int] | None,
    now: datetime,
) -> Visit:
    """Change what is kept of a visit.

    Parameters
    ----------
    actor : Actor
        Who changes it.
    uow : UnitOfWork
        The transaction.
    key, revision : int
        The visit and the revision that the actor has seen.
    values : mapping
        The columns that change.
    people : sequence of int or None
        Who went, if that changes.
    now : datetime
        The present, aware.

    Returns
    -------
    Visit
        What is kept now.

    Raises
    ------
    NotFound, StaleRevision, Unauthenticated, Forbidden, OutsideJurisdiction
        See `Things.locked`.
    BadValue
        If it would lie in the future, or nowhere.
    """
    present = VISITS.locked(actor, uow, key, revision)
    _check_visit(actor, uow, values, now)
    entity_id = values.get("entity_id", present.entity_id)
    if values.get("place", present.geometry) is None and entity_id is None:
        raise BadValue(field="place", value=None, expected="lon,lat | entity_id")
    if people is not None:
        _set_people(actor, uow, key, people)
    return VISITS.change(actor, uow, key, Veils(actor, uow, now.date()).returned(values, present))


def _check_visit(actor: Actor, uow: UnitOfWork, values: Mapping[str, Any], now: datetime) -> None:
    at = values.get("visited_at")
    if at is not None and at > now + CLOCK_TOLERANCE:
        raise BadValue(field="visited_at", value=at.isoformat(), expected=f"<= {now.isoformat()}")
    entity_id = values.get("entity_id")
    if entity_id is not None:
        ENTITIES.get(actor, uow, entity_id)
        actor.require(Action.WRITE_PATROLS, ENTITIES.rows.chain(uow.connection, entity_id))
    household_id = values.get("household_id")
    if household_id is not None and entity_id != (building := building_of(uow.connection, household_id)):
        raise BadValue(field="entity_id", value=entity_id, expected=building)


def _set_people(actor: Actor, uow: UnitOfWork, key: int, people: Sequence[int]) -> None:
    _require_known(uow, people)
    rows.set_people(uow.connection, key, people)
    uow.record(actor, "change", "visit", key, {"people": sorted(people)})


def _require_known(uow: UnitOfWork, people: Sequence[int]) -> None:
    missing = sorted(set(people) - rows.known_people(uow.connection, people))
    if missing:
        raise NotFound(kind="person", key=missing[0])


def find_tracks(
    actor: Actor, uow: UnitOfWork, wanted: Filter, *, person_id: int | None, limit: int, after: int
) -> Page[Track]:
    """Give tracks that are wanted and pass through where the actor may read.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    wanted : Filter
        Which ones.
    person_id : int or None
        Only those of one person.
    limit, after : int
        At most so many, after the one with this id.

    Returns
    -------
    Page of Track
        By the time at which they begin, with the cursor to the next page.

    Raises
    ------
    NotFound
        If the one that they come after has gone.
    Unauthenticated, Forbidden
        If the actor may not read any.
    """
    jurisdiction = actor.jurisdiction(Action.READ_PATROLS)
    conditions = rows.track_conditions(wanted, person_id, jurisdiction)
    return rows.tracks(uow.connection, conditions, limit=limit, after=after, jurisdiction=jurisdiction)


def record_track(
    actor: Actor,
    uow: UnitOfWork,
    *,
    ref: str | None,
    person_id: int | None,
    fixes: NDArray[np.float64],
    now: datetime,
) -> Track:
    """Keep a track, of the actor's own person where nobody is named.

    Parameters
    ----------
    actor : Actor
        Who records it.
    uow : UnitOfWork
        The transaction.
    ref : str or None
        A key that the phone made, so that sending it twice keeps it once.
    person_id : int or None
        Who went.
    fixes : NDArray[float64], shape (n, 3)
        lon, lat in degrees (EPSG:4326) and seconds since 1970-01-01 UTC.
    now : datetime
        The present, aware.

    Returns
    -------
    Track
        What is kept.

    Raises
    ------
    BadValue
        If there are fewer than two fixes, their times don't ascend or lie in the future.
    AlreadyExists
        If a track with this key was kept before.
    NotFound
        If there is no such person.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not record tracks where it passes.
    """
    jurisdiction = actor.jurisdiction(Action.WRITE_PATROLS)
    seconds = fixes[:, 2]
    if len(fixes) < 2 or (np.diff(seconds) <= 0).any():
        raise BadValue(field="fixes", value=len(fixes), expected=">= 2, at ascending")
    if seconds[-1] > (now + CLOCK_TOLERANCE).timestamp():
        raise BadValue(field="fixes", value=float(seconds[-1]), expected=f"<= {now.isoformat()}")
    if ref is not None and rows.track_is_known(uow.connection, ref):
        raise AlreadyExists(kind="track", key=ref)
    who = actor.person_id if person_id is None else person_id
    _require_known(uow, () if who is None else (who,))
    line = measured_line_texts(fixes, np.array([len(fixes)]))[0]
    key = rows.insert_track(uow.connection, ref, who, line, seconds.tolist())
    only = rows.one_track(key, jurisdiction)
    found = rows.tracks(uow.connection, only, limit=1, after=0, jurisdiction=jurisdiction).rows
    if not found:
        raise OutsideJurisdiction(action=Action.WRITE_PATROLS, grid=None)
    uow.record(actor, "create", "track", key, {"ref": ref, "fixes": len(fixes)})
    return found[0]
