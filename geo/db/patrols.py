"""Rows of visits and tracks, and the monthly partitions of tracks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import shapely
from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from geo.db.expressions import in_box, in_force
from geo.db.located import Located
from geo.db.pages import by_time, place_of
from geo.db.tables import grid, person, track, visit, visit_person
from geo.domain.actors import Jurisdiction
from geo.domain.filters import Filter
from geo.domain.pages import Page
from geo.domain.patrols import Track, Visit


def _people() -> ScalarSelect[Any]:
    """Select the ids of the people of a visit."""
    ids = func.array_agg(aggregate_order_by(visit_person.c.person_id, visit_person.c.person_id))
    return select(ids).where(visit_person.c.visit_id == visit.c.id).scalar_subquery()


VISITS = Located(
    visit,
    Visit,
    kind=visit.c.kind,
    time=visit.c.visited_at,
    derived={"people": _people()},
    converted={"people": lambda ids: tuple(ids or ())},
)


def set_people(connection: Connection, visit_id: int, people: Sequence[int]) -> None:
    """Let a visit be one of exactly these people.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    visit_id : int
        The visit.
    people : sequence of int
        Ids of people.
    """
    connection.execute(visit_person.delete().where(visit_person.c.visit_id == visit_id))
    if people:
        rows = [{"visit_id": visit_id, "person_id": person} for person in sorted(set(people))]
        connection.execute(insert(visit_person), rows)


def _passes(jurisdiction: Jurisdiction) -> ColumnElement[bool]:
    """Hold for tracks that pass through a jurisdiction."""
    if jurisdiction.grid_codes is None:
        return true()
    return passes_grids(jurisdiction.grid_codes)


def passes_grids(codes: frozenset[str]) -> ColumnElement[bool]:
    """Hold for tracks that pass through one of the grids with these codes, of any level.

    Parameters
    ----------
    codes : frozenset of str
        Codes of grids of the generation in force.

    Notes
    -----
    The first fix is asked about by itself: a line of somebody who stood still meets nothing.
    The index ``track_place`` finds those whose boxes meet.
    """
    shapes = track.c.geom, func.ST_StartPoint(track.c.geom)
    return exists().where(
        and_(
            grid.c.generation_id == in_force().scalar_subquery(),
            grid.c.code.in_(sorted(codes)),
            track.c.geom.bool_op("&&")(grid.c.geom),
            or_(*(func.ST_Intersects(grid.c.geom, shape) for shape in shapes)),
        )
    )


def track_conditions(
    wanted: Filter, person_id: int | None, jurisdiction: Jurisdiction
) -> list[ColumnElement[bool]]:
    """Give what holds for the tracks that are wanted and may be seen.

    Parameters
    ----------
    wanted : Filter
        Place and time; ``kind`` and ``state`` say nothing about tracks.
    person_id : int or None
        Only those of one person.
    jurisdiction : Jurisdiction
        Where the actor may read.
    """
    found = [_passes(jurisdiction)]
    if wanted.box:
        found.append(in_box(track.c.geom, *wanted.box))
    if wanted.grid_code:
        found.append(passes_grids(frozenset({wanted.grid_code})))
    if wanted.since:
        found.append(track.c.started_at >= wanted.since)
    if wanted.until:
        found.append(track.c.started_at < wanted.until)
    if person_id is not None:
        found.append(track.c.person_id == person_id)
    return found


def one_track(key: int, jurisdiction: Jurisdiction) -> list[ColumnElement[bool]]:
    """Give what holds for one track, if it passes through a jurisdiction."""
    return [track.c.id == key, _passes(jurisdiction)]


def _track(row: Any) -> Track:
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    found["geometry"] = shapely.from_wkb(bytes(found.pop("wkb")))
    return Track(**found)


def tracks(
    connection: Connection,
    conditions: list[ColumnElement[bool]],
    *,
    limit: int,
    after: int,
    jurisdiction: Jurisdiction,
) -> Page[Track]:
    """Give tracks by the time at which they begin.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    conditions : list of ColumnElement
        What holds for them.
    limit : int
        At most so many.
    after : int
        Only those that come after the one with this id; 0 from the beginning.
    jurisdiction : Jurisdiction
        Where the actor may read.

    Returns
    -------
    Page of Track
        With the cursor to the next page.

    Raises
    ------
    NotFound
        If that track has gone.
    """
    columns = ("id", "ref", "person_id", "started_at", "ended_at", "fixes", "length_m", "attributes")
    statement = (
        select(*(track.c[name] for name in columns), func.ST_AsBinary(track.c.geom).label("wkb"))
        .where(*conditions)
        .order_by(*by_time(track.c.started_at))
        .limit(limit + 1)
    )
    if after:
        place = place_of(connection, track.c.started_at, after, _passes(jurisdiction))
        statement = statement.where(tuple_(*by_time(track.c.started_at)) > place)
    rows = connection.execute(statement).all()
    more = len(rows) > limit
    return Page(tuple(map(_track, rows[:limit])), rows[limit - 1].id if more else None)


def insert_track(
    connection: Connection, ref: str | None, person_id: int | None, line: str, seconds: Sequence[float]
) -> int:
    """Write a track; its length is measured on the ellipsoid.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    ref : str or None
        Key in the system that it came from.
    person_id : int or None
        Who went.
    line : str
        The line as COPY takes it, M in seconds since 1970-01-01 UTC.
    seconds : sequence of float
        The measures of its fixes, ascending.

    Returns
    -------
    int
        Its id.
    """
    started, ended = (datetime.fromtimestamp(seconds[k], UTC) for k in (0, -1))
    make_track_months(connection, started, started)
    shape = func.ST_GeomFromEWKB(func.decode(line, "hex"))
    inserted = connection.execute(
        track.insert()
        .values(
            ref=ref,
            person_id=person_id,
            started_at=started,
            ended_at=ended,
            fixes=len(seconds),
            length_m=func.ST_Length(func.geography(func.ST_Force2D(shape))),
            geom=shape,
        )
        .returning(track.c.id)
    )
    return int(inserted.scalar_one())


def track_is_known(connection: Connection, ref: str) -> bool:
    """Tell whether there is a track with this key of its source, in any month."""
    return bool(connection.execute(select(exists().where(track.c.ref == ref))).scalar())


def known_people(connection: Connection, people: Sequence[int]) -> set[int]:
    """Give those ids of people that there are."""
    return set(connection.execute(select(person.c.id).where(person.c.id.in_(people))).scalars())


_MAKE = """
SELECT format('CREATE TABLE %I PARTITION OF track FOR VALUES FROM (%L) TO (%L)',
              'track_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month')
FROM generate_series(date_trunc('month', CAST(:first AS timestamptz)), :last, interval '1 month') AS month
WHERE to_regclass('track_' || to_char(month, 'YYYY_MM')) IS NULL
"""


def make_track_months(connection: Connection, first: datetime, last: datetime) -> None:
    """Make sure that each month of a time has its partition.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work; its time zone is UTC, and so are the months.
    first, last : datetime
        Times of the earliest and the latest track, aware.

    Notes
    -----
    Only who makes a month waits for others who make one: a long import doesn't hold up the phones.
    """
    missing = text(_MAKE).bindparams(first=first, last=last)
    if not connection.execute(missing).all():
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('track months'))"))
    for statement in connection.execute(missing).scalars().all():
        connection.exec_driver_sql(statement.replace("%", "%%"))
