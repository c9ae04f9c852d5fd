"""Rows of activities with who was there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import shapely
from shapely import Point
from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.expressions import in_force, within_jurisdiction
from geo.db.jurisdictions import code_within
from geo.db.lineage import standing, stands_within
from geo.db.located import point
from geo.db.tables import activity, assignment, attendance, grid, grid_within, level, person
from geo.domain.activities import Activity, Attendance, Presence
from geo.domain.actors import Jurisdiction
from geo.domain.assessment import Fact
from geo.domain.filters import Filter
from geo.domain.grids import GridName, Level
from geo.domain.measures import Period, Share
from geo.domain.pages import Page

_OWN = ("id", "revision", "ref", "kind", "title", "starts_at", "ends_at", "grid_code", "note", "created_by")


def conditions(
    wanted: Filter, person_id: int | None, jurisdiction: Jurisdiction
) -> list[ColumnElement[bool]]:
    """Give what holds for the activities that are wanted and may be seen.

    Parameters
    ----------
    wanted : Filter
        Grid, time and kind.
    person_id : int or None
        Only those that this person was to attend.
    jurisdiction : Jurisdiction
        Where the actor may read.
    """
    found = [code_within(activity.c.grid_code, jurisdiction)]
    if wanted.grid_code:
        found.append(code_within(activity.c.grid_code, Jurisdiction(frozenset({wanted.grid_code}))))
    if wanted.kind:
        found.append(activity.c.kind == wanted.kind)
    if wanted.since:
        found.append(activity.c.starts_at >= wanted.since)
    if wanted.until:
        found.append(activity.c.starts_at < wanted.until)
    if person_id is not None:
        mine = select(attendance.c.activity_id).where(attendance.c.person_id == person_id)
        found.append(activity.c.id.in_(mine))
    return found


def activities(
    connection: Connection, where: Sequence[ColumnElement[bool]], *, limit: int, after: int
) -> Page[Activity]:
    """Give activities by id.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    where : sequence of ColumnElement
        What holds for them.
    limit, after : int
        At most so many, with greater ids.
    """
    rows = connection.execute(
        select(
            *(activity.c[name] for name in _OWN),
            activity.c.attributes,
            func.ST_AsBinary(activity.c.geom).label("wkb"),
        )
        .where(*where, activity.c.id > after)
        .order_by(activity.c.id)
        .limit(limit + 1)
    ).all()
    shown = rows[:limit]
    of_activity = _attendances(connection, [row.id for row in shown])
    found = tuple(
        Activity(
            **{name: getattr(row, name) for name in _OWN},
            geometry=_point(row.wkb),
            attendances=tuple(of_activity.get(row.id, ())),
            attributes=row.attributes,
        )
        for row in shown
    )
    return Page(found, found[-1].id if len(rows) > limit else None)


def _point(wkb: Any) -> Point | None:
    return None if wkb is None else cast("Point", shapely.from_wkb(bytes(wkb)))


def _attendances(connection: Connection, ids: Sequence[int]) -> dict[int, list[Attendance]]:
    rows = connection.execute(
        select(attendance, person.c.name)
        .join(person, person.c.id == attendance.c.person_id)
        .where(attendance.c.activity_id.in_(ids))
        .order_by(attendance.c.activity_id, attendance.c.person_id)
    )
    found: dict[int, list[Attendance]] = {}
    for row in rows:
        one = Attendance(row.person_id, row.name, Presence(row.state), row.made_up_in)
        found.setdefault(row.activity_id, []).append(one)
    return found


def one(key: int) -> list[ColumnElement[bool]]:
    """Give what holds for one activity."""
    return [activity.c.id == key]


def attended(
    connection: Connection,
    period: Period,
    jurisdiction: Jurisdiction,
    *,
    grid_code: str | None,
    person_id: int | None,
    limit: int,
    at: datetime | None = None,
) -> tuple[Fact, ...]:
    """Give what `attendance_shares` counts, the newest first.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    period : Period
        In which activities began.
    jurisdiction : Jurisdiction
        Where the actor may read.
    grid_code : str or None
        Only what was held for this grid or below.
    person_id : int or None
        Only who this person is.
    limit : int
        At most so many.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.
    """
    where = [activity.c.starts_at >= period.start, stands_within(activity.c.grid_code, jurisdiction, at)]
    if grid_code is not None:
        where.append(stands_within(activity.c.grid_code, Jurisdiction(frozenset({grid_code})), at))
    if person_id is not None:
        where.append(attendance.c.person_id == person_id)
    rows = connection.execute(
        select(activity.c.id, activity.c.title, activity.c.starts_at, attendance, person.c.name)
        .join(activity, activity.c.id == attendance.c.activity_id)
        .join(person, person.c.id == attendance.c.person_id)
        .where(*where, activity.c.starts_at < period.end)
        .order_by(activity.c.starts_at.desc(), activity.c.id.desc(), attendance.c.person_id)
        .limit(limit)
    )
    return tuple(_attended(row) for row in rows)


def _attended(row: Any) -> Fact:
    who = Attendance(row.person_id, row.name, Presence(row.state), row.made_up_in)
    was_there = int(who.state is not Presence.ABSENT)
    return Fact("activity", row.id, row.title, row.starts_at, was_there, 1, attendance=who)


def attendance_shares(
    connection: Connection, period: Period, jurisdiction: Jurisdiction, at: datetime | None = None
) -> tuple[dict[str, Share], dict[int, Share]]:
    """Count who was there, out of those who were to be, by grid of any level (with all below) and by person.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    period : Period
        In which activities began.
    jurisdiction : Jurisdiction
        Where the actor may read.
    at : datetime, optional
        By the grids of the division that held then; by those in force by default.

    Returns
    -------
    tuple of dict
        By code of the grid, and by number of the person; who made it up was there.
    """
    stands = standing(at)
    was_there = func.count().filter(attendance.c.state != Presence.ABSENT)
    where = (
        activity.c.starts_at >= period.start,
        activity.c.starts_at < period.end,
        stands_within(activity.c.grid_code, jurisdiction, at),
    )
    of_grids = connection.execute(
        select(grid.c.code, was_there, func.count())
        .select_from(attendance)
        .join(activity, activity.c.id == attendance.c.activity_id)
        .join(stands, stands.c.code == activity.c.grid_code)
        .join(grid_within, grid_within.c.grid_id == stands.c.grid_id)
        .join(grid, grid.c.id == grid_within.c.ancestor_id)
        .where(*where)
        .group_by(grid.c.code)
    )
    of_people = connection.execute(
        select(attendance.c.person_id, was_there, func.count())
        .join(activity, activity.c.id == attendance.c.activity_id)
        .where(*where)
        .group_by(attendance.c.person_id)
    )
    return (
        {code: Share(there, asked) for code, there, asked in of_grids},
        {who: Share(there, asked) for who, there, asked in of_people},
    )


def lock(connection: Connection, key: int) -> None:
    """Keep an activity from others until the end of the transaction."""
    connection.execute(select(activity.c.id).where(activity.c.id == key).with_for_update())


def insert_activity(connection: Connection, values: Mapping[str, Any]) -> int:
    """Write an activity; gives its id.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    values : mapping
        Columns, with ``place`` as a pair of lon and lat in degrees (EPSG:4326) or None.
    """
    columns = {name: value for name, value in values.items() if name != "place"}
    place = values.get("place")
    written = columns | {"geom": None if place is None else point(*place)}
    return int(connection.execute(insert(activity).values(written).returning(activity.c.id)).scalar_one())


def set_attendance(connection: Connection, key: int, states: Mapping[int, Presence]) -> None:
    """Let it be known who was there; whoever isn't named stays as they are.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key : int
        The activity.
    states : mapping of int to Presence
        By number of the person.
    """
    if not states:
        return
    rows = [{"activity_id": key, "person_id": who, "state": state} for who, state in sorted(states.items())]
    statement = upsert(attendance)
    changed = {"state": statement.excluded.state, "made_up_in": None}
    connection.execute(
        statement.on_conflict_do_update(index_elements=attendance.primary_key, set_=changed), rows
    )


def make_up(connection: Connection, key: int, person_id: int, made_up_in: int) -> bool:
    """Tell whether somebody was absent, and let them have made it up if they were.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    key, person_id : int
        The activity that was missed, and by whom.
    made_up_in : int
        The activity in which it was made up.
    """
    changed = connection.execute(
        update(attendance)
        .where(
            attendance.c.activity_id == key,
            attendance.c.person_id == person_id,
            attendance.c.state == Presence.ABSENT,
        )
        .values(state=Presence.MADE_UP, made_up_in=made_up_in)
    )
    return changed.rowcount == 1


def count_up(connection: Connection, key: int) -> None:
    """Count the revision of an activity up."""
    connection.execute(
        update(activity)
        .where(activity.c.id == key)
        .values(revision=activity.c.revision + 1, updated_at=func.now())
    )


def grids_within(connection: Connection, jurisdiction: Jurisdiction) -> tuple[GridName, ...]:
    """Give the grids of all levels that lie in a jurisdiction, the widest first."""
    rows = connection.execute(
        select(grid.c.code, grid.c.name, grid.c.level)
        .join(level, level.c.key == grid.c.level)
        .where(
            grid.c.generation_id == in_force().scalar_subquery(), within_jurisdiction(grid.c.id, jurisdiction)
        )
        .order_by(level.c.depth, grid.c.code.collate("C"))
    )
    return tuple(GridName(row.code, row.name, Level(row.level)) for row in rows)


def team_of(connection: Connection, code: str, day: date) -> tuple[tuple[int, str], ...]:
    """Give number and name of everybody who holds a post in a grid or below it on a day.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    code : str
        Code of a grid of any level.
    day : date
        When.
    """
    rows = connection.execute(
        select(person.c.id, person.c.name)
        .join(assignment, assignment.c.person_id == person.c.id)
        .where(
            code_within(assignment.c.grid_code, Jurisdiction(frozenset({code}))),
            assignment.c.valid_from <= day,
            assignment.c.valid_to.is_(None) | (assignment.c.valid_to > day),
        )
        .distinct()
        .order_by(person.c.id)
    )
    return tuple((row.id, row.name) for row in rows)
