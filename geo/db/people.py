"""People and their posts in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, or_, select, true, update

from geo.db.jurisdictions import code_within
from geo.db.tables import assignment, grid_code, person
from geo.domain.actors import Jurisdiction
from geo.domain.pages import Page
from geo.domain.people import Assignment, Person
from geo.errors import NotFound, StaleRevision


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        revision=row.revision,
        ref=row.ref,
        name=row.name,
        phone=row.phone,
        organisation=row.organisation,
        attributes=row.attributes,
    )


def _assignment(row: Row[Any]) -> Assignment:
    return Assignment(
        id=row.id,
        revision=row.revision,
        person_id=row.person_id,
        grid_code=row.grid_code,
        post=row.post,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def serves_within(jurisdiction: Jurisdiction, day: date) -> ColumnElement[bool]:
    """Hold for people who have, or are going to have, a post within a jurisdiction; in the whole city: all.

    Parameters
    ----------
    jurisdiction : Jurisdiction
        Where the actor may act.
    day : date
        Posts that ended by this day don't count.
    """
    if jurisdiction.grid_codes is None:
        return true()
    held = assignment.alias()
    return exists().where(
        held.c.person_id == person.c.id,
        or_(held.c.valid_to.is_(None), held.c.valid_to > day),
        code_within(held.c.grid_code, jurisdiction),
    )


def list_people(
    connection: Connection,
    jurisdiction: Jurisdiction,
    day: date,
    *,
    name: str | None,
    after: int,
    limit: int,
) -> Page[Person]:
    """Give people in the order of their numbers.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Only people who serve there.
    day : date
        See `serves_within`.
    name : str or None
        Only people whose name contains this.
    after : int
        Only people with a higher number.
    limit : int
        At most so many.
    """
    conditions = [serves_within(jurisdiction, day), person.c.id > after]
    if name is not None:
        conditions.append(person.c.name.icontains(name, autoescape=True))
    rows = connection.execute(select(person).where(*conditions).order_by(person.c.id).limit(limit + 1)).all()
    people = tuple(map(_person, rows[:limit]))
    return Page(people, next=people[-1].id if len(rows) > limit else None)


def find_person(connection: Connection, person_id: int) -> Person:
    """Give a person.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    person_id : int
        Who.

    Raises
    ------
    NotFound
        If there is nobody with this number.
    """
    row = connection.execute(select(person).where(person.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFound(kind="person", key=person_id)
    return _person(row)


def serves(connection: Connection, person_id: int, jurisdiction: Jurisdiction, day: date) -> bool:
    """Tell whether a person serves within a jurisdiction.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    person_id : int
        Who.
    jurisdiction : Jurisdiction
        Where.
    day : date
        See `serves_within`.
    """
    found = select(person.c.id).where(person.c.id == person_id, serves_within(jurisdiction, day))
    return connection.execute(found).one_or_none() is not None


def insert_person(connection: Connection, values: Mapping[str, Any]) -> Person:
    """Keep a new person.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    values : Mapping[str, Any]
        Values by name of the column.

    Returns
    -------
    Person
        As it stands now, with its id.
    """
    return _person(connection.execute(insert(person).values(values).returning(*person.c)).one())


def update_person(connection: Connection, person_id: int, revision: int, values: Mapping[str, Any]) -> Person:
    """Change a person, if nobody has since it was read.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    person_id, revision : int
        Who, and the revision that the change is based on.
    values : Mapping[str, Any]
        New values by name of the column.

    Returns
    -------
    Person
        As it stands now, at the next revision.

    Raises
    ------
    NotFound
        If there is nobody with this number.
    StaleRevision
        If somebody has changed the person since.
    """
    row = connection.execute(
        update(person)
        .where(person.c.id == person_id, person.c.revision == revision)
        .values({**values, "revision": person.c.revision + 1, "updated_at": func.now()})
        .returning(*person.c)
    ).one_or_none()
    if row is None:
        current = find_person(connection, person_id).revision
        raise StaleRevision(kind="person", key=person_id, revision=revision, current=current)
    return _person(row)


# posts ---------------------------------------------------------------------------------------------------


def list_assignments(
    connection: Connection, person_id: int, jurisdiction: Jurisdiction
) -> tuple[Assignment, ...]:
    """Give the posts of a person within a jurisdiction, the latest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    person_id : int
        Whose.
    jurisdiction : Jurisdiction
        Where.
    """
    rows = connection.execute(
        select(assignment)
        .where(assignment.c.person_id == person_id, code_within(assignment.c.grid_code, jurisdiction))
        .order_by(assignment.c.valid_from.desc(), assignment.c.id)
    )
    return tuple(map(_assignment, rows))


def find_assignment(connection: Connection, assignment_id: int) -> Assignment:
    """Give an assignment.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    assignment_id : int
        Which.

    Raises
    ------
    NotFound
        If there is none with this number.
    """
    row = connection.execute(select(assignment).where(assignment.c.id == assignment_id)).one_or_none()
    if row is None:
        raise NotFound(kind="assignment", key=assignment_id)
    return _assignment(row)


def insert_assignment(connection: Connection, values: Mapping[str, Any]) -> Assignment:
    """Keep a new assignment.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    values : Mapping[str, Any]
        Values by name of the column.

    Returns
    -------
    Assignment
        As it stands now, with its id.
    """
    return _assignment(connection.execute(insert(assignment).values(values).returning(*assignment.c)).one())


def end_assignment(connection: Connection, assignment_id: int, revision: int, valid_to: date) -> Assignment:
    """Let an assignment end, if nobody has changed it since it was read.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    assignment_id, revision : int
        Which, and the revision that the change is based on.
    valid_to : date
        The first day on which the post is not held any more.

    Returns
    -------
    Assignment
        As it stands now, at the next revision.

    Raises
    ------
    NotFound
        If there is none with this number.
    StaleRevision
        If somebody has changed it since.
    """
    row = connection.execute(
        update(assignment)
        .where(assignment.c.id == assignment_id, assignment.c.revision == revision)
        .values(valid_to=valid_to, revision=assignment.c.revision + 1)
        .returning(*assignment.c)
    ).one_or_none()
    if row is None:
        current = find_assignment(connection, assignment_id).revision
        raise StaleRevision(kind="assignment", key=assignment_id, revision=revision, current=current)
    return _assignment(row)


def is_known_code(connection: Connection, code: str) -> bool:
    """Tell whether a grid has, or ever had, this code.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    code : str
        Code of a grid of any level.
    """
    return connection.execute(select(exists().where(grid_code.c.code == code))).scalar_one()
