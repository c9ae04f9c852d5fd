"""Use cases of inspections: filed by the rules of the place and the day, corrected, due, and what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from geo.db import inspections as rows
from geo.db.photos import photos_of
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.entities import Entity, EntityState
from geo.domain.filters import Filter
from geo.domain.inspections import (
    Circumstances,
    Deregistration,
    Due,
    Findings,
    Inspection,
    Licence,
    breaches,
    offered_forms,
    result_of,
    taken,
)
from geo.domain.pages import Page
from geo.domain.patrols import Visit
from geo.domain.photos import Photo
from geo.domain.privacy import end_of_time, retention_of, unveiled
from geo.domain.profiles import Profile
from geo.domain.profiles.inspections import Form, InspectionRules, Result
from geo.errors import AgainstRule, AlreadyExists, WrongStep
from geo.services.entities import ENTITIES
from geo.services.issue_cases import transfer
from geo.services.issues import report_issue
from geo.services.patrols import VISITS, report_visit
from geo.services.photos import attach
from geo.services.privacy import Veils
from geo.services.profiles import profile_at, regimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What is filed on the spot.

    Attributes
    ----------
    entity_id : int
        The subject.
    visited_at : datetime
        When, aware.
    place : tuple of float, or None
        Where the record was made: lon, lat in degrees, EPSG:4326.
    officers : tuple of int
        Ids of those who inspected.
    photos : tuple of int
        Ids of pictures that the actor has uploaded.
    ref : str or None
        A key that the phone made, so that sending it twice keeps it once.
    said : Findings
        The record.
    """

    entity_id: int
    visited_at: datetime
    place: tuple[float, float] | None
    officers: tuple[int, ...]
    photos: tuple[int, ...] = ()
    ref: str | None = None
    said: Findings


@dataclass(frozen=True, slots=True)
class Blank:
    """A form as it is handed out for a subject on a day.

    Attributes
    ----------
    entity : Entity
        The subject.
    licence : Licence
        Since when it is there and may work.
    profile : Profile
        Whose rules hold there on that day.
    forms : tuple of Form
        Those in which it may be inspected.
    due : tuple of Due
        Why it needs a check by itself.
    officers : tuple of tuple of int and str
        Ids and names of those in service there.
    """

    entity: Entity
    licence: Licence
    profile: Profile
    forms: tuple[Form, ...]
    due: tuple[Due, ...]
    officers: tuple[tuple[int, str], ...]


MOST_SUBJECTS = 20
"""More than that nobody reads on a phone."""


def subjects(actor: Actor, uow: UnitOfWork, wanted: str) -> tuple[Entity, ...]:
    """Give the subjects that are called something and that the actor may inspect.

    Parameters
    ----------
    actor : Actor
        Who is about to inspect.
    uow : UnitOfWork
        The transaction.
    wanted : str
        Part of a name or of an address, or a key.

    Returns
    -------
    tuple of Entity
        At most `MOST_SUBJECTS`.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not inspect anything.
    """
    jurisdiction = actor.jurisdiction(Action.WRITE_INSPECTIONS)
    conditions = [*ENTITIES.rows.conditions(Filter(), jurisdiction), rows.called(wanted)]
    return ENTITIES.rows.page(
        uow.connection, conditions, limit=MOST_SUBJECTS, after=0, jurisdiction=jurisdiction
    ).rows


def rules_of(uow: UnitOfWork, found: Inspection, timezone: str) -> InspectionRules:
    """Give the rules by which a record was made.

    Parameters
    ----------
    uow : UnitOfWork
        The transaction.
    found : Inspection
        The record.
    timezone : str
        IANA name of the zone of the city.
    """
    day = found.visited_at.astimezone(ZoneInfo(timezone)).date()
    return profile_at(uow, found.grid_code, day).inspections


def blank(actor: Actor, uow: UnitOfWork, entity_id: int, day: date, timezone: str) -> Blank:
    """Give the form for a subject on a day.

    Parameters
    ----------
    actor : Actor
        Who is about to inspect.
    uow : UnitOfWork
        The transaction.
    entity_id : int
        The subject.
    day : date
        The day, in the city.
    timezone : str
        IANA name of the zone of the city.

    Raises
    ------
    NotFound
        If there is no such subject.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not inspect it.
    """
    subject, chain = _subject(actor, uow, entity_id)
    profile = profile_at(uow, subject.grid_code, day)
    rules, known = profile.inspections, rows.licence_of(uow.connection, entity_id)
    found = rows.due(uow.connection, rules, day, timezone, rows.only(entity_id))
    forms = offered_forms(rules, known, {one.reason for one in found}, day)
    veil = Veils(actor, uow, day).over(chain[-1] if chain else None)
    officers = veil.value("person.name", rows.officers_of(uow.connection, chain, day))
    return Blank(subject, known, profile, forms, found, officers)


def file_inspection(
    actor: Actor, uow: UnitOfWork, given: Filing, *, now: datetime, timezone: str
) -> Inspection:
    """Keep the record of an inspection, and let follow what follows from it.

    Parameters
    ----------
    actor : Actor
        Who files it.
    uow : UnitOfWork
        The transaction.
    given : Filing
        What is filed.
    now : datetime
        The present, aware.
    timezone : str
        IANA name of the zone of the city.

    Returns
    -------
    Inspection
        Its first version.

    Raises
    ------
    AgainstRule
        If the rules of the place and the day forbid it: the first of `geo.domain.inspections.breaches`.
    BadValue
        If it lies in the future.
    NotFound
        If the subject, an officer or a photo isn't there.
    AlreadyExists
        If it was sent before.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not inspect this subject, or not from there.
    """
    subject, chain = _subject(actor, uow, given.entity_id)
    day = given.visited_at.astimezone(ZoneInfo(timezone)).date()
    profile = profile_at(uow, subject.grid_code, day)
    rules, said = profile.inspections, given.said
    needed = rows.due(uow.connection, rules, day, timezone, rows.only(subject.id))
    around = Circumstances(
        visited_on=day,
        officers=given.officers,
        in_service=rows.in_service(uow.connection, given.officers, chain, day),
        licence=rows.licence_of(uow.connection, subject.id),
        reasons=frozenset(one.reason for one in needed),
    )
    _require_lawful(rules, said, around)
    visit = report_visit(actor, uow, values=_visit(rules, given), people=given.officers, now=now)
    attach(actor, uow, given.photos, visit_id=visit.id)
    kept = retention_of(profile.privacy, "inspections")
    to = next((one.transfers_to for one in taken(rules, said) if one.transfers_to), None)
    here = now.astimezone(ZoneInfo(timezone))
    key = rows.insert_inspection(
        uow.connection,
        {
            **rows.columns_of(said),
            "visit_id": visit.id,
            "version": 1,
            "profile": profile.key,
            "case_number": None if to is None else _transfer(actor, uow, subject, visit, to=to, now=here),
            "keep_until": end_of_time(kept, day),
            "at_end": kept and kept.then,
            "filed_by": actor.name,
        },
    )
    _follow_up(actor, uow, result_of(rules, said), subject, visit.id)
    uow.record(actor, "file", "inspection", key, {"visit_id": visit.id, "result": said.result})
    return rows.find_inspection(uow.connection, key)


def _subject(actor: Actor, uow: UnitOfWork, entity_id: int) -> tuple[Entity, tuple[str, ...]]:
    """Give a subject that the actor may inspect, and the codes of its grids."""
    actor.jurisdiction(Action.WRITE_INSPECTIONS)
    subject = ENTITIES.get(actor, uow, entity_id)
    chain = ENTITIES.rows.chain(uow.connection, entity_id)
    actor.require(Action.WRITE_INSPECTIONS, chain)
    return subject, chain


def _require_lawful(rules: InspectionRules, said: Findings, around: Circumstances) -> None:
    breach = next(breaches(rules, said, around), None)
    if breach:
        raise AgainstRule(
            field=breach.field,
            value=breach.value,
            expected=breach.expected,
            rules=list(breach.rule.rules),
            clause=breach.rule.clause,
        )


def _visit(rules: InspectionRules, given: Filing) -> dict[str, Any]:
    """Give the columns of the visit that an inspection is; results of visits are kept in their own words."""
    return {
        "ref": given.ref,
        "kind": rules.kind,
        "visited_at": given.visited_at,
        "entity_id": given.entity_id,
        "place": given.place,
        "result": result_of(rules, given.said).name.zh,
    }


def _transfer(actor: Actor, uow: UnitOfWork, subject: Entity, visit: Visit, *, to: str, now: datetime) -> str:
    """Hand what was found over to a section, as a case of an issue; gives the number of the case."""
    place = subject.geometry or visit.geometry
    values = {
        "category": visit.result,
        "description": subject.name,
        "address": subject.address,
        "place": place and (place.x, place.y),
        "attributes": {"visit_id": visit.id, "entity_id": subject.id},
    }
    issue = report_issue(actor, uow, values=values, now=now)
    facts = visit.result or subject.name
    return transfer(actor, uow, issue.id, revision=issue.revision, section=to, facts=facts, now=now).number


def _follow_up(actor: Actor, uow: UnitOfWork, result: Result, subject: Entity, visit_id: int) -> None:
    if result.suspends:
        _set_state(actor, uow, subject.id, EntityState.SUSPENDED)
    if result.deregisters:
        rows.begin_deregistration(uow.connection, subject.id, visit_id)


def _set_state(actor: Actor, uow: UnitOfWork, entity_id: int, state: EntityState) -> None:
    """Let a subject be in a state: it follows from what was found, whatever else the actor may write."""
    locked = ENTITIES.rows.locked(uow.connection, entity_id)
    if locked is not None and locked.state is not state:
        ENTITIES.rows.update(uow.connection, entity_id, {"state": state})
        uow.record(actor, "change", "entity", entity_id, {"state": state.value})


def to_correct(actor: Actor, uow: UnitOfWork, key: int, today: date) -> Inspection:
    """Give a record that the actor may correct, as far as the actor may see it.

    Parameters
    ----------
    actor : Actor
        Who is about to correct it.
    uow : UnitOfWork
        The transaction.
    key : int
        The version that is wrong.
    today : date
        In the city.

    Raises
    ------
    NotFound
        If there is no such record.
    AlreadyExists
        If this version was corrected before.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not inspect there.
    """
    return _veiled((_correctable(actor, uow, key),), Veils(actor, uow, today))[0]


def _correctable(actor: Actor, uow: UnitOfWork, key: int) -> Inspection:
    found = _admitted(actor, uow, key, Action.WRITE_INSPECTIONS)
    if found.replaced_by_id is not None:
        raise AlreadyExists(kind="inspection", key=found.replaced_by_id)
    return found


def correct_inspection(
    actor: Actor, uow: UnitOfWork, key: int, *, said: Findings, reason: str, today: date, timezone: str
) -> Inspection:
    """Keep a new version of a record, which names the one that it corrects; that one stays as it is.

    Parameters
    ----------
    actor : Actor
        Who corrects it.
    uow : UnitOfWork
        The transaction.
    key : int
        The version that was wrong.
    said : Findings
        All that the record says now.
    reason : str
        Why it was wrong.
    today : date
        In the city.
    timezone : str
        IANA name of the zone of the city.

    Returns
    -------
    Inspection
        The new version.

    Raises
    ------
    NotFound
        If there is no such record.
    AlreadyExists
        If this version was corrected before.
    AgainstRule
        If the rules of the place and the day of the inspection forbid it.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not inspect there.

    Notes
    -----
    Subject, day, officers and photos are what happened: they stay. A form once rightly chosen stays right.
    What the actor sees masked and sends back as it was seen stays what it is.
    """
    before = _correctable(actor, uow, key)
    said = unveiled(said, to_correct(actor, uow, key, today).said, before.said)
    day = before.visited_at.astimezone(ZoneInfo(timezone)).date()
    profile = profile_at(uow, before.grid_code, day)
    rules = profile.inspections
    officers = tuple(person for person, _ in before.officers)
    called_for = [form.reasons for form in rules.forms if form.key == before.said.form]
    around = Circumstances(
        visited_on=day,
        officers=officers,
        in_service=frozenset(officers),
        licence=rows.licence_of(uow.connection, before.entity_id),
        reasons=frozenset(reason for reasons in called_for for reason in reasons),
    )
    _require_lawful(rules, said, around)
    new = rows.insert_inspection(
        uow.connection,
        {
            **rows.columns_of(said),
            "visit_id": before.visit_id,
            "version": before.version + 1,
            "replaces_id": key,
            "reason": reason,
            "profile": profile.key,
            "case_number": before.case_number,
            "keep_until": before.keep_until,
            "at_end": before.at_end,
            "filed_by": actor.name,
        },
    )
    subject = ENTITIES.rows.one(uow.connection, before.entity_id)
    if subject is not None:
        _follow_up(actor, uow, result_of(rules, said), subject, before.visit_id)
    VISITS.rows.update(uow.connection, before.visit_id, {"result": result_of(rules, said).name.zh})
    uow.record(actor, "correct", "inspection", new, {"replaces": key})
    return rows.find_inspection(uow.connection, new)


def get(actor: Actor, uow: UnitOfWork, key: int, day: date) -> Inspection:
    """Give a version of a record, as far as the actor may see it.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    key : int
        Its id.
    day : date
        Today in the city.

    Raises
    ------
    NotFound
        If there is none.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read inspections there.
    """
    found = _admitted(actor, uow, key, Action.READ_INSPECTIONS)
    return _veiled((found,), Veils(actor, uow, day))[0]


def photos(actor: Actor, uow: UnitOfWork, found: Inspection) -> tuple[Photo, ...]:
    """Give the photos of a record that the actor may read."""
    actor.require(Action.READ_INSPECTIONS, VISITS.rows.chain(uow.connection, found.visit_id))
    return photos_of(uow.connection, found.visit_id)


def find(
    actor: Actor,
    uow: UnitOfWork,
    wanted: Filter,
    day: date,
    *,
    entity_id: int | None,
    limit: int,
    before: int | None,
) -> Page[Inspection]:
    """Give the newest versions of records where the actor may read, the latest filed first.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    wanted : Filter
        Which ones; ``state`` is the key of the result.
    day : date
        Today in the city.
    entity_id : int or None
        Only those of one subject.
    limit, before : int
        At most so many, with lower ids.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read any.
    """
    jurisdiction = actor.jurisdiction(Action.READ_INSPECTIONS)
    page = rows.list_inspections(
        uow.connection, wanted, jurisdiction, entity_id=entity_id, limit=limit, before=before
    )
    return Page(_veiled(page.rows, Veils(actor, uow, day)), page.next)


def _admitted(actor: Actor, uow: UnitOfWork, key: int, action: Action) -> Inspection:
    actor.jurisdiction(action)
    found = rows.find_inspection(uow.connection, key)
    actor.require(action, VISITS.rows.chain(uow.connection, found.visit_id))
    return found


def _veiled(found: Iterable[Inspection], veils: Veils) -> tuple[Inspection, ...]:
    return tuple(
        one
        if one.said.signature is None or veils.over(one.grid_code).sees("inspection.signature")
        else replace(one, said=replace(one.said, signature=None))
        for one in veils.shown(found)
    )


# what is due ---------------------------------------------------------------------------------------------


def due(actor: Actor, uow: UnitOfWork, wanted: Filter, day: date, timezone: str) -> tuple[Due, ...]:
    """Give the subjects that need a check by themselves on a day, where the actor may read.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    wanted : Filter
        In which grid or box.
    day : date
        The day, in the city.
    timezone : str
        IANA name of the zone of the city.

    Returns
    -------
    tuple of Due
        By regime; in each those with the nearest end first.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not read inspections anywhere.
    """
    jurisdiction = actor.jurisdiction(Action.READ_INSPECTIONS)
    found = (
        rows.due(
            uow.connection,
            regime.profile.inspections,
            day,
            timezone,
            rows.ruled(regime, wanted, jurisdiction),
        )
        for regime in regimes(uow, day, day + timedelta(days=1))
    )
    return tuple(one for part in found for one in part)


def set_licence(actor: Actor, uow: UnitOfWork, entity_id: int, known: Licence) -> Licence:
    """Give since when a subject is there and may work, as it is kept now.

    Parameters
    ----------
    actor : Actor
        Who knows it.
    uow : UnitOfWork
        The transaction.
    entity_id : int
        The subject.
    known : Licence
        What is known now.

    Raises
    ------
    NotFound
        If there is no such subject.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not inspect it.
    """
    _subject(actor, uow, entity_id)
    rows.keep_licence(uow.connection, entity_id, known)
    days = {"founded_on": known.founded_on, "licensed_on": known.licensed_on}
    change = {name: day and day.isoformat() for name, day in days.items()}
    uow.record(actor, "change", "licence", entity_id, change)
    return known


# what leaves the market ----------------------------------------------------------------------------------


def deregistrations(actor: Actor, uow: UnitOfWork) -> tuple[Deregistration, ...]:
    """Give the subjects that are to be taken off the register, where the actor may read, the oldest first."""
    return rows.list_deregistrations(uow.connection, actor.jurisdiction(Action.READ_INSPECTIONS))


def end_deregistration(actor: Actor, uow: UnitOfWork, key: int, outcome: EntityState) -> Deregistration:
    """Give a deregistration that has ended: the subject is gone, or there after all.

    Parameters
    ----------
    actor : Actor
        Who has found out.
    uow : UnitOfWork
        The transaction.
    key : int
        The deregistration.
    outcome : EntityState
        ``closed`` or ``active``.

    Raises
    ------
    NotFound
        If there is none.
    WrongStep
        If it has ended before.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not inspect there.
    """
    actor.jurisdiction(Action.WRITE_INSPECTIONS)
    found = rows.find_deregistration(uow.connection, key)
    actor.require(Action.WRITE_INSPECTIONS, ENTITIES.rows.chain(uow.connection, found.entity_id))
    if not rows.end_deregistration(uow.connection, key, outcome.value, actor.name):
        raise WrongStep(state=found.outcome, to=outcome.value, possible=[])
    _set_state(actor, uow, found.entity_id, outcome)
    uow.record(actor, "end", "deregistration", key, {"outcome": outcome.value})
    return rows.find_deregistration(uow.connection, key)
