"""People and their posts in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select, true

from geo.db.jurisdictions import code_within
from geo.db.revised import Revised
from geo.db.tables import assignment, grid_code, person
from geo.domain.actors import Jurisdiction
from geo.domain.pages import Page
from geo.domain.people import Assignment, Person

PEOPLE = Revised(person, Person)
ASSIGNMENTS = Revised(assignment, Assignment)


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
    among: Collection[int] | None,
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
    among : collection of int or None
        Only people with these numbers.
    after : int
        Only people with a higher number.
    limit : int
        At most so many.
    """
    conditions = [serves_within(jurisdiction, day), person.c.id > after]
    if among is not None:
        conditions.append(person.c.id == func.any(list(among)))
    wanted = PEOPLE.select().where(*conditions).order_by(person.c.id).limit(limit + 1)
    rows = connection.execute(wanted).all()
    people = tuple(map(PEOPLE.make, rows[:limit]))
    return Page(people, next=people[-1].id if len(rows) > limit else None)


def called(connection: Connection, name: str, jurisdiction: Jurisdiction, day: date) -> set[int]:
    """Give the numbers of the people whose name contains something, of those who serve somewhere.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    name : str
        What names shall contain, in whatever case.
    jurisdiction : Jurisdiction
        Where.
    day : date
        See `serves_within`.
    """
    alike = person.c.name.icontains(name, autoescape=True)
    return set(connection.scalars(select(person.c.id).where(alike, serves_within(jurisdiction, day))))


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


def change_person(connection: Connection, person_id: int, revision: int, values: Mapping[str, Any]) -> Person:
    """Change a person, if nobody has since it was read; see `Revised.change`."""
    return PEOPLE.change(connection, person_id, revision, {**values, "updated_at": func.now()})


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
        ASSIGNMENTS.select()
        .where(assignment.c.person_id == person_id, code_within(assignment.c.grid_code, jurisdiction))
        .order_by(assignment.c.valid_from.desc(), assignment.c.id)
    )
    return tuple(map(ASSIGNMENTS.make, rows))


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
