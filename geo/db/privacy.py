"""Rows of key people and of looks at them, and the posts that let somebody see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from geo.db.jurisdictions import code_within
from geo.db.tables import assignment, key_person, look
from geo.domain.actors import Jurisdiction
from geo.domain.pages import Page
from geo.domain.privacy import KeyCount, KeyPerson, Look
from geo.errors import NotFound, StaleRevision


def posts_held(connection: Connection, person_id: int, day: date) -> list[tuple[str, str]]:
    """Give the posts that somebody holds on a day, each as code of the grid and key of the post."""
    rows = connection.execute(
        select(assignment.c.grid_code, assignment.c.post).where(
            assignment.c.person_id == person_id,
            assignment.c.valid_from <= day,
            or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > day),
        )
    )
    return [(row.grid_code, row.post) for row in rows]


def places_of(connection: Connection, people: Collection[int]) -> dict[int, list[str]]:
    """Give the codes of the grids in which people serve, have served or will; without those who never do."""
    rows = connection.execute(
        select(assignment.c.person_id, func.array_agg(assignment.c.grid_code.distinct()).label("codes"))
        .where(assignment.c.person_id == func.any(list(people)))
        .group_by(assignment.c.person_id)
    )
    return {row.person_id: row.codes for row in rows}


# the register --------------------------------------------------------------------------------------------


def _key_person(row: Row[Any]) -> KeyPerson:
    return KeyPerson(
        row.id, row.revision, row.kind, row.grid_code, row.name, row.phone, row.id_number, row.note
    )


def list_key_people(
    connection: Connection,
    jurisdiction: Jurisdiction,
    *,
    grid_code: str | None,
    kind: str | None,
    after: int,
    limit: int,
) -> Page[KeyPerson]:
    """Give those on the register of a jurisdiction, in the order of their numbers.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Where the actor may read.
    grid_code, kind : str or None
        Only those in this grid and below, only those of this kind.
    after : int
        Only those with a higher number.
    limit : int
        At most so many.
    """
    conditions = [code_within(key_person.c.grid_code, jurisdiction), key_person.c.id > after]
    if grid_code is not None:
        conditions.append(code_within(key_person.c.grid_code, Jurisdiction(frozenset({grid_code}))))
    if kind is not None:
        conditions.append(key_person.c.kind == kind)
    rows = connection.execute(
        select(key_person).where(*conditions).order_by(key_person.c.id).limit(limit + 1)
    ).all()
    found = tuple(map(_key_person, rows[:limit]))
    return Page(found, next=found[-1].id if len(rows) > limit else None)


def count_key_people(connection: Connection, jurisdiction: Jurisdiction) -> tuple[KeyCount, ...]:
    """Count those on the register of a jurisdiction, by grid and kind."""
    rows = connection.execute(
        select(key_person.c.grid_code, key_person.c.kind, func.count())
        .where(code_within(key_person.c.grid_code, jurisdiction))
        .group_by(key_person.c.grid_code, key_person.c.kind)
        .order_by(key_person.c.grid_code, key_person.c.kind)
    )
    return tuple(KeyCount(*row) for row in rows)


def find_key_person(connection: Connection, key: int) -> KeyPerson:
    """Give somebody on the register.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key : int
        Number on the register.

    Raises
    ------
    NotFound
        If there is nobody with this number.
    """
    row = connection.execute(select(key_person).where(key_person.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(kind="key_person", key=key)
    return _key_person(row)


def insert_key_person(connection: Connection, values: Mapping[str, Any]) -> KeyPerson:
    """Put somebody on the register."""
    return _key_person(connection.execute(insert(key_person).values(values).returning(*key_person.c)).one())


def update_key_person(
    connection: Connection, key: int, revision: int, values: Mapping[str, Any]
) -> KeyPerson:
    """Give what is kept of somebody now that it was changed, if nobody else has since it was read.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key, revision : int
        Who, and the revision that the change is based on.
    values : Mapping[str, Any]
        New values by name of the column.

    Raises
    ------
    NotFound
        If there is nobody with this number.
    StaleRevision
        If somebody has changed it since.
    """
    row = connection.execute(
        update(key_person)
        .where(key_person.c.id == key, key_person.c.revision == revision)
        .values({**values, "revision": key_person.c.revision + 1, "updated_at": func.now()})
        .returning(*key_person.c)
    ).one_or_none()
    if row is None:
        raise _stale(connection, key, revision)
    return _key_person(row)


def delete_key_person(connection: Connection, key: int, revision: int) -> None:
    """Take somebody off the register, if nobody has changed it since it was read.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key, revision : int
        Who, and the revision that was read.

    Raises
    ------
    NotFound
        If there is nobody with this number.
    StaleRevision
        If somebody has changed it since.
    """
    gone = connection.execute(
        delete(key_person).where(key_person.c.id == key, key_person.c.revision == revision)
    )
    if gone.rowcount == 0:
        raise _stale(connection, key, revision)


def _stale(connection: Connection, key: int, revision: int) -> StaleRevision:
    current = find_key_person(connection, key).revision
    return StaleRevision(kind="key_person", key=key, revision=revision, current=current)


# looks ---------------------------------------------------------------------------------------------------


def insert_look(connection: Connection, values: Mapping[str, Any]) -> None:
    """Append the trace of a look."""
    connection.execute(insert(look).values(values))


def list_looks(
    connection: Connection, jurisdiction: Jurisdiction, *, before: int | None, limit: int
) -> Page[Look]:
    """Give looks at people of a jurisdiction, the latest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    jurisdiction : Jurisdiction
        Where the actor may read.
    before : int or None
        Only those with a lower number.
    limit : int
        At most so many.
    """
    conditions = [code_within(look.c.grid_code, jurisdiction)]
    if before is not None:
        conditions.append(look.c.id < before)
    rows = connection.execute(
        select(look).where(*conditions).order_by(look.c.id.desc()).limit(limit + 1)
    ).all()
    found = tuple(
        Look(row.id, row.at, row.actor, row.key_person_id, row.grid_code, row.reason) for row in rows[:limit]
    )
    return Page(found, next=found[-1].id if len(rows) > limit else None)
