"""Rows of inspections, of subjects that need a check, and of those that leave the market."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Row,
    Select,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.expressions import in_box, lies_within, within_jurisdiction
from geo.db.photos import forget_contents
from geo.db.profiles import in_regime
from geo.db.tables import (
    assignment,
    deregistration,
    entity,
    grid,
    inspection,
    issue_transfer,
    licence,
    person,
    photo,
    visit,
    visit_person,
)
from geo.domain.actors import Jurisdiction
from geo.domain.filters import Filter
from geo.domain.inspections import (
    Acknowledgement,
    Answer,
    Answered,
    Deregistration,
    Due,
    Findings,
    Inspection,
    Licence,
)
from geo.domain.pages import Page
from geo.domain.profiles.inspections import InspectionRules, Periodic
from geo.domain.profiles.regulations import Regime
from geo.errors import NotFound

PERSONAL = ("subject_name", "subject_phone", "signature", "refusal_reason", "witness", "findings")
"""What is emptied when a record is made anonymous."""

_SAID = (
    "form",
    "result",
    "measures",
    "hazards",
    "correct_by",
    "findings",
    "subject_name",
    "subject_phone",
    "refusal_reason",
    "witness",
)

# records -------------------------------------------------------------------------------------------------


def insert_inspection(connection: Connection, values: Mapping[str, Any]) -> int:
    """Keep a version of a record; gives its id."""
    return int(connection.execute(insert(inspection).values(values).returning(inspection.c.id)).scalar_one())


def columns_of(said: Findings) -> dict[str, Any]:
    """Give what a record says by the names of its columns."""
    return {
        **{name: getattr(said, name) for name in _SAID},
        "measures": list(said.measures),
        "hazards": list(said.hazards),
        "answers": [{"item": a.item, "answer": a.answer.value, "note": a.note} for a in said.answers],
        "acknowledgement": said.acknowledgement.value,
        "signature": said.signature,
    }


def find_inspection(connection: Connection, key: int) -> Inspection:
    """Give a version of a record.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key : int
        Its id.

    Raises
    ------
    NotFound
        If there is none.
    """
    row = connection.execute(_inspections().where(inspection.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(kind="inspection", key=key)
    return _inspection(row)


def list_inspections(
    connection: Connection,
    wanted: Filter,
    jurisdiction: Jurisdiction,
    *,
    entity_id: int | None,
    limit: int,
    before: int | None,
) -> Page[Inspection]:
    """Give the newest version of each record, the latest filed first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    wanted : Filter
        Place, time, and the result by its key as ``state``.
    jurisdiction : Jurisdiction
        Where the actor may read.
    entity_id : int or None
        Only those of one subject.
    limit : int
        At most so many.
    before : int or None
        Only those with a lower id.
    """
    conditions = [_is_newest(), within_jurisdiction(visit.c.grid_id, jurisdiction)]
    if wanted.grid_code:
        conditions.append(lies_within(visit.c.grid_id, frozenset({wanted.grid_code})))
    if wanted.box:
        conditions.append(in_box(visit.c.geom, *wanted.box))
    if wanted.since:
        conditions.append(visit.c.visited_at >= wanted.since)
    if wanted.until:
        conditions.append(visit.c.visited_at < wanted.until)
    if wanted.state:
        conditions.append(inspection.c.result == wanted.state)
    if entity_id is not None:
        conditions.append(visit.c.entity_id == entity_id)
    if before is not None:
        conditions.append(inspection.c.id < before)
    statement = _inspections().where(*conditions).order_by(inspection.c.id.desc()).limit(limit + 1)
    rows = connection.execute(statement).all()
    found = tuple(map(_inspection, rows[:limit]))
    return Page(found, next=found[-1].id if len(rows) > limit else None)


def _inspections() -> Select[Any]:
    who = func.json_agg(aggregate_order_by(func.json_build_array(person.c.id, person.c.name), person.c.id))
    officers = (
        select(who)
        .join_from(visit_person, person, person.c.id == visit_person.c.person_id)
        .where(visit_person.c.visit_id == visit.c.id)
        .scalar_subquery()
    )
    later = inspection.alias()
    after = select(later.c.id).where(later.c.replaces_id == inspection.c.id).scalar_subquery()
    return select(
        *inspection.c,
        after.label("replaced_by_id"),
        visit.c.visited_at,
        entity.c.id.label("entity_id"),
        entity.c.name.label("entity_name"),
        entity.c.address.label("entity_address"),
        grid.c.code.label("grid_code"),
        func.ST_X(visit.c.geom).label("lon"),
        func.ST_Y(visit.c.geom).label("lat"),
        officers.label("officers"),
    ).select_from(
        inspection.join(visit, visit.c.id == inspection.c.visit_id)
        .join(entity, entity.c.id == visit.c.entity_id)
        .outerjoin(grid, grid.c.id == visit.c.grid_id)
    )


def _is_newest() -> ColumnElement[bool]:
    later = inspection.alias()
    return ~exists().where(later.c.replaces_id == inspection.c.id)


def _inspection(row: Row[Any]) -> Inspection:
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    said = Findings(
        **{name: found.pop(name) for name in _SAID if name not in {"measures", "hazards"}},
        measures=tuple(found.pop("measures")),
        hazards=tuple(found.pop("hazards")),
        answers=tuple(Answered(a["item"], Answer(a["answer"]), a.get("note")) for a in found.pop("answers")),
        acknowledgement=Acknowledgement(found.pop("acknowledgement")),
        signature=_strokes(found.pop("signature")),
    )
    officers = tuple((key, name) for key, name in found.pop("officers") or ())
    return Inspection(**found, said=said, officers=officers)


def _strokes(kept: list[list[list[int]]] | None) -> tuple[tuple[tuple[int, int], ...], ...] | None:
    return None if kept is None else tuple(tuple((x, y) for x, y in stroke) for stroke in kept)


# what is inspected ---------------------------------------------------------------------------------------


def called(wanted: str) -> ColumnElement[bool]:
    """Hold for entities that are there, with a text in their name, their address, or as their key."""
    return and_(
        entity.c.state != "closed",
        or_(
            entity.c.ref == wanted,
            entity.c.name.icontains(wanted, autoescape=True),
            entity.c.address.icontains(wanted, autoescape=True),
        ),
    )


# what the rules ask about --------------------------------------------------------------------------------


def licence_of(connection: Connection, entity_id: int) -> Licence:
    """Give since when a subject is there and may work, as far as it is known."""
    row = connection.execute(select(licence).where(licence.c.entity_id == entity_id)).one_or_none()
    return Licence() if row is None else Licence(row.founded_on, row.licensed_on)


def keep_licence(connection: Connection, entity_id: int, known: Licence) -> None:
    """Keep since when a subject is there and may work."""
    dates = {"founded_on": known.founded_on, "licensed_on": known.licensed_on}
    connection.execute(
        upsert(licence)
        .values(entity_id=entity_id, **dates)
        .on_conflict_do_update(index_elements=["entity_id"], set_=dates)
    )


def in_service(
    connection: Connection, people: Collection[int], chain: Collection[str], day: date
) -> frozenset[int]:
    """Name those people who hold a post in one of some grids on a day.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    people : collection of int
        Who is asked about.
    chain : collection of str
        Codes of a grid and of those above it.
    day : date
        The day.
    """
    return frozenset(
        connection.scalars(
            select(assignment.c.person_id).where(
                assignment.c.person_id.in_(set(people)),
                assignment.c.grid_code.in_(chain),
                assignment.c.valid_from <= day,
                or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day),
            )
        )
    )


def officers_of(connection: Connection, chain: Collection[str], day: date) -> tuple[tuple[int, str], ...]:
    """Give ids and names of those who hold a post in one of some grids on a day, by name."""
    rows = connection.execute(
        select(person.c.id, person.c.name)
        .distinct()
        .join(assignment, assignment.c.person_id == person.c.id)
        .where(
            assignment.c.grid_code.in_(chain),
            assignment.c.valid_from <= day,
            or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day),
        )
        .order_by(person.c.name, person.c.id)
    )
    return tuple((row.id, row.name) for row in rows)


# what needs a check by itself ----------------------------------------------------------------------------


def ruled(regime: Regime, wanted: Filter, jurisdiction: Jurisdiction) -> ColumnElement[bool]:
    """Hold for entities that a regime rules, and that are wanted where the actor may read."""
    found = [in_regime(entity.c.grid_id, regime), within_jurisdiction(entity.c.grid_id, jurisdiction)]
    if wanted.grid_code:
        found.append(lies_within(entity.c.grid_id, frozenset({wanted.grid_code})))
    if wanted.box:
        found.append(in_box(entity.c.geom, *wanted.box))
    return and_(*found)


def only(entity_id: int) -> ColumnElement[bool]:
    """Hold for one entity."""
    return entity.c.id == entity_id


def due(
    connection: Connection, rules: InspectionRules, day: date, timezone: str, where: ColumnElement[bool]
) -> tuple[Due, ...]:
    """Give the active subjects that need a check by themselves on a day, those with the nearest end first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    rules : InspectionRules
        What calls for a check, and by when.
    day : date
        The day, in the city.
    timezone : str
        IANA name of the zone whose days count.
    where : ColumnElement
        Which entities: `ruled`, or `only` one.

    Notes
    -----
    A check is a visit of the kind that the rules name, after what calls for it.
    """
    if not rules.periodic:
        return ()
    end = _begin_of(literal(day, Date) + 1, timezone)
    happened = union_all(*(_HAPPENED[one.reason](rules, one, timezone) for one in rules.periodic)).cte(
        "event"
    )
    checked = exists().where(
        visit.c.entity_id == happened.c.entity_id,
        visit.c.kind == rules.kind,
        visit.c.visited_at > happened.c.at,
        visit.c.visited_at < end,
    )
    rows = connection.execute(
        select(
            entity.c.id,
            entity.c.name,
            entity.c.category,
            entity.c.address,
            func.ST_X(entity.c.geom),
            func.ST_Y(entity.c.geom),
            grid.c.code,
            happened.c.reason,
            _day_of(happened.c.at, timezone).label("since"),
            happened.c.due_by,
        )
        .select_from(
            happened.join(entity, entity.c.id == happened.c.entity_id).outerjoin(
                grid, grid.c.id == entity.c.grid_id
            )
        )
        .where(happened.c.at < end, entity.c.state == "active", where, ~checked)
        .order_by(happened.c.due_by.asc().nulls_last(), happened.c.at, entity.c.id, happened.c.reason)
    )
    return tuple(Due(*row) for row in rows)


def _licensed(rules: InspectionRules, periodic: Periodic, timezone: str) -> Select[Any]:  # noqa: ARG001 - all are called alike
    begun = _begin_of(licence.c.licensed_on, timezone)
    return _event(periodic, licence.c.entity_id, begun, _later(licence.c.licensed_on, periodic)).where(
        licence.c.licensed_on.is_not(None)
    )


def _correction_ordered(rules: InspectionRules, periodic: Periodic, timezone: str) -> Select[Any]:
    orders = [measure.key for measure in rules.measures if measure.orders_correction]
    at = visit.c.visited_at
    by = func.coalesce(inspection.c.correct_by, _later(_day_of(at, timezone), periodic))
    return (
        _event(periodic, visit.c.entity_id, at, by)
        .join_from(visit, inspection, inspection.c.visit_id == visit.c.id)
        .where(_is_newest(), inspection.c.measures.op("&&")(cast(orders, ARRAY(TEXT))))
    )


def _case_closed(rules: InspectionRules, periodic: Periodic, timezone: str) -> Select[Any]:  # noqa: ARG001 - all are called alike
    at = issue_transfer.c.outcome_at
    return (
        _event(periodic, visit.c.entity_id, at, _later(_day_of(at, timezone), periodic))
        .join_from(visit, inspection, inspection.c.visit_id == visit.c.id)
        .join(issue_transfer, issue_transfer.c.number == inspection.c.case_number)
        .where(_is_newest(), at.is_not(None))
    )


_HAPPENED = {
    "licensed": _licensed,
    "correction_ordered": _correction_ordered,
    "case_closed": _case_closed,
}
"""Where each reason for a check is found."""


def _event(
    periodic: Periodic, entity_id: ColumnElement[int], at: ColumnElement[Any], due_by: ColumnElement[Any]
) -> Select[Any]:
    reason = literal(periodic.reason).label("reason")
    return select(entity_id.label("entity_id"), reason, at.label("at"), due_by.label("due_by"))


def _later(day: ColumnElement[Any], periodic: Periodic) -> ColumnElement[Any]:
    if periodic.within_months is None:
        return cast(null(), Date)
    return cast(day + func.make_interval(0, periodic.within_months), Date)


def _day_of(moment: ColumnElement[Any], timezone: str) -> ColumnElement[Any]:
    return cast(func.timezone(timezone, moment), Date)


def _begin_of(day: ColumnElement[Any], timezone: str) -> ColumnElement[Any]:
    return func.timezone(timezone, cast(day, DateTime))


# what leaves the market ----------------------------------------------------------------------------------


def begin_deregistration(connection: Connection, entity_id: int, visit_id: int) -> None:
    """Let a subject be taken off the register; one that is under way goes on."""
    connection.execute(
        upsert(deregistration)
        .values(entity_id=entity_id, visit_id=visit_id)
        .on_conflict_do_nothing(index_elements=["entity_id"], index_where=deregistration.c.ended_at.is_(None))
    )


def list_deregistrations(connection: Connection, jurisdiction: Jurisdiction) -> tuple[Deregistration, ...]:
    """Give what is under way where an actor may read, the oldest first."""
    rows = connection.execute(
        _deregistrations()
        .where(deregistration.c.ended_at.is_(None), within_jurisdiction(entity.c.grid_id, jurisdiction))
        .order_by(deregistration.c.id)
    )
    return tuple(Deregistration(*row) for row in rows)


def find_deregistration(connection: Connection, key: int) -> Deregistration:
    """Give a deregistration.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key : int
        Its id.

    Raises
    ------
    NotFound
        If there is none.
    """
    row = connection.execute(_deregistrations().where(deregistration.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(kind="deregistration", key=key)
    return Deregistration(*row)


def _deregistrations() -> Select[Any]:
    return select(
        deregistration.c.id,
        deregistration.c.entity_id,
        deregistration.c.visit_id,
        entity.c.name,
        grid.c.code,
        deregistration.c.begun_at,
        deregistration.c.ended_at,
        deregistration.c.outcome,
    ).select_from(
        deregistration.join(entity, entity.c.id == deregistration.c.entity_id).outerjoin(
            grid, grid.c.id == entity.c.grid_id
        )
    )


def end_deregistration(connection: Connection, key: int, outcome: str, ended_by: str) -> bool:
    """Let a deregistration end; tells whether it was still under way."""
    ended = connection.execute(
        update(deregistration)
        .where(deregistration.c.id == key, deregistration.c.ended_at.is_(None))
        .values(outcome=outcome, ended_by=ended_by, ended_at=func.now())
    )
    return ended.rowcount == 1


# the end of a record's time ------------------------------------------------------------------------------


def expired(connection: Connection, day: date, at_end: str) -> tuple[int, ...]:
    """Name the records whose time is up on a day and that still say who somebody is, by id.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    day : date
        The day, in the city.
    at_end : str
        Only those to which this happens at their end.
    """
    return tuple(
        connection.scalars(
            select(inspection.c.id)
            .where(
                inspection.c.keep_until <= day,
                inspection.c.at_end == at_end,
                inspection.c.anonymised_at.is_(None),
            )
            .order_by(inspection.c.id)
        )
    )


def delete_records(connection: Connection, keys: Collection[int]) -> None:
    """Let records be gone with their photos; the visits that they were stay."""
    _lift_the_guard(connection)
    _delete_photos(connection, keys)
    connection.execute(delete(inspection).where(inspection.c.id.in_(keys)))


def anonymise_records(connection: Connection, keys: Collection[int]) -> None:
    """Let records tell of nobody any more; their photos are gone."""
    _lift_the_guard(connection)
    _delete_photos(connection, keys)
    item = func.jsonb_array_elements(inspection.c.answers).column_valued("item")
    without_notes = select(
        func.coalesce(func.jsonb_agg(item.op("-")("note")), text("'[]'"))
    ).scalar_subquery()
    emptied = {**dict.fromkeys(PERSONAL, null()), "answers": without_notes, "anonymised_at": func.now()}
    connection.execute(update(inspection).where(inspection.c.id.in_(keys)).values(emptied))


def _lift_the_guard(connection: Connection) -> None:
    connection.execute(text("SET LOCAL wangge.retention = 'on'"))


def _delete_photos(connection: Connection, keys: Collection[int]) -> None:
    visits = select(inspection.c.visit_id).where(inspection.c.id.in_(keys))
    gone = delete(photo).where(photo.c.visit_id.in_(visits)).returning(photo.c.sha256)
    forget_contents(connection, set(connection.scalars(gone)))
