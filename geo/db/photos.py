"""Photos and their bytes, each kept once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.expressions import within_jurisdiction
from geo.db.located import point
from geo.db.tables import issue, issue_event, photo, photo_content, visit
from geo.domain.actors import Jurisdiction
from geo.domain.photos import Photo, SeenBefore, Shows
from geo.errors import NotFound


def keep_content(
    connection: Connection, sha256: str, content: bytes, *, width: int, height: int, likeness: int
) -> None:
    """Keep the bytes of a picture, once however often they come.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    sha256 : str
        Of the bytes.
    content : bytes
        JPEG.
    width, height : int
        In pixels.
    likeness : int
        See `geo.domain.photos.likeness`.

    Notes
    -----
    Bytes that are there already are locked until the end of the transaction, so that nobody who forgets what
    no photo names (`forget_contents`) takes them away before this one is named.
    """
    values = {"content": content, "media_type": "image/jpeg", "width": width, "height": height}
    made = upsert(photo_content).values(sha256=sha256, likeness=likeness, **values)
    connection.execute(
        made.on_conflict_do_update(index_elements=["sha256"], set_={"media_type": made.excluded.media_type})
    )


def insert_photo(
    connection: Connection,
    sha256: str,
    *,
    taken_at: datetime | None,
    place: tuple[float, float] | None,
    uploaded_by: str,
) -> int:
    """Keep that somebody has taken a picture; gives its id."""
    values = {"sha256": sha256, "taken_at": taken_at, "uploaded_by": uploaded_by}
    geom = None if place is None else point(*place)
    return int(
        connection.execute(insert(photo).values(geom=geom, **values).returning(photo.c.id)).scalar_one()
    )


def attach(
    connection: Connection, photos: Collection[int], uploaded_by: str, **home: int | Shows | None
) -> int:
    """Let photos belong to a visit, or to a step of an issue.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    photos : collection of int
        Their ids; those of others, and those that belong somewhere, stay as they are.
    uploaded_by : str
        Username.
    **home : int or Shows
        ``visit_id``, or ``issue_event_id`` and ``shows``.

    Returns
    -------
    int
        How many do now.
    """
    own = and_(photo.c.id.in_(photos), photo.c.uploaded_by == uploaded_by, _is_unattached())
    return int(connection.execute(update(photo).where(own).values(**home)).rowcount)


def find_photo(connection: Connection, key: int) -> tuple[Photo, str]:
    """Give a photo, and who has uploaded it.

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
    row = connection.execute(_photos().where(photo.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(kind="photo", key=key)
    return _photo(row), row.uploaded_by


def photos_of(connection: Connection, visit_id: int) -> tuple[Photo, ...]:
    """Give the photos of a visit, in the order in which they came."""
    return _in_order(connection, photo.c.visit_id == visit_id)


def photos_of_issue(connection: Connection, issue_id: int) -> tuple[Photo, ...]:
    """Give the photos of all steps of an issue, in the order in which they came."""
    steps = select(issue_event.c.id).where(issue_event.c.issue_id == issue_id)
    return _in_order(connection, photo.c.issue_event_id.in_(steps))


def difference(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    """Count the bits in which two pictures differ.

    Parameters
    ----------
    one, other : ColumnElement
        Their likenesses.

    Returns
    -------
    ColumnElement
        Of 64.
    """
    return func.bit_count(cast(one.op("#")(other), BIT(64)))


def seen_before(
    connection: Connection, issue_id: int, bits: int, jurisdiction: Jurisdiction
) -> tuple[SeenBefore, ...]:
    """Give the photos of an issue that look like one that came sooner, each with the one most like it.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    issue_id : int
        The issue. Of its own photos only one of after that looks like one of before is told.
    bits : int
        Pictures that differ in so many of 64 bits, or fewer, are alike.
    jurisdiction : Jurisdiction
        Where the issue or the visit lies that the earlier one belongs to.
    """
    earlier, content, earlier_content = photo.alias(), photo_content.alias(), photo_content.alias()
    step, earlier_step = issue_event.alias(), issue_event.alias()
    differing = difference(content.c.likeness, earlier_content.c.likeness)
    is_undone = and_(photo.c.shows == Shows.AFTER, earlier.c.shows == Shows.BEFORE)
    pairs = connection.execute(
        select(
            photo.c.id,
            earlier.c.id.label("earlier_id"),
            differing.label("bits"),
            issue.c.number,
            func.coalesce(issue.c.reported_at, visit.c.visited_at).label("at"),
        )
        .distinct(photo.c.id)
        .select_from(
            photo.join(step, step.c.id == photo.c.issue_event_id)
            .join(content, content.c.sha256 == photo.c.sha256)
            .join(earlier, earlier.c.id < photo.c.id)
            .join(earlier_content, earlier_content.c.sha256 == earlier.c.sha256)
            .outerjoin(earlier_step, earlier_step.c.id == earlier.c.issue_event_id)
            .outerjoin(issue, issue.c.id == earlier_step.c.issue_id)
            .outerjoin(visit, visit.c.id == earlier.c.visit_id)
        )
        .where(
            step.c.issue_id == issue_id,
            differing <= bits,
            or_(visit.c.id.is_not(None), issue.c.id != issue_id, is_undone),
            within_jurisdiction(func.coalesce(issue.c.grid_id, visit.c.grid_id), jurisdiction),
        )
        .order_by(photo.c.id, differing, earlier.c.id)
    ).all()
    ids = {key for pair in pairs for key in (pair.id, pair.earlier_id)}
    known = {one.id: one for one in _in_order(connection, photo.c.id.in_(ids))}
    return tuple(
        SeenBefore(known[pair.id], known[pair.earlier_id], pair.bits, pair.number, pair.at) for pair in pairs
    )


def issue_of(connection: Connection, issue_event_id: int) -> int:
    """Give the issue whose step this is."""
    found = select(issue_event.c.issue_id).where(issue_event.c.id == issue_event_id)
    return int(connection.execute(found).scalar_one())


def content_of(connection: Connection, sha256: str) -> bytes:
    """Give the bytes of a picture that is kept."""
    found = select(photo_content.c.content).where(photo_content.c.sha256 == sha256)
    return bytes(connection.execute(found).scalar_one())


def delete_unattached(connection: Connection, older_than: datetime) -> tuple[int, ...]:
    """Let photos be gone that belong nowhere and came before some time.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    older_than : datetime
        Aware.

    Returns
    -------
    tuple of int
        Their ids, in order.
    """
    gone = delete(photo).where(_is_unattached(), photo.c.uploaded_at < older_than)
    rows = connection.execute(gone.returning(photo.c.id, photo.c.sha256)).all()
    forget_contents(connection, {row.sha256 for row in rows})
    return tuple(sorted(row.id for row in rows))


def forget_contents(connection: Connection, hashes: Collection[str]) -> None:
    """Let those of some bytes be gone that no photo names any more.

    Parameters
    ----------
    connection : Connection
        The connection of the unit of work.
    hashes : collection of str
        SHA-256 of each.

    Notes
    -----
    Whoever uploads the same picture holds its bytes (`keep_content`): the lock waits for them, and the
    statement after it sees the photo that they have named.
    """
    wanted = photo_content.c.sha256.in_(hashes)
    connection.execute(
        select(photo_content.c.sha256).where(wanted).order_by(photo_content.c.sha256).with_for_update()
    )
    named = exists().where(photo.c.sha256 == photo_content.c.sha256)
    connection.execute(delete(photo_content).where(wanted, ~named))


def _is_unattached() -> ColumnElement[bool]:
    return and_(photo.c.visit_id.is_(None), photo.c.issue_event_id.is_(None))


def _in_order(connection: Connection, condition: ColumnElement[bool]) -> tuple[Photo, ...]:
    return tuple(map(_photo, connection.execute(_photos().where(condition).order_by(photo.c.id))))


def _photos() -> Select[Any]:
    return select(
        photo.c.id,
        photo.c.sha256,
        photo_content.c.width,
        photo_content.c.height,
        photo.c.visit_id,
        photo.c.issue_event_id,
        photo.c.shows,
        photo.c.taken_at,
        photo.c.uploaded_at,
        photo.c.uploaded_by,
    ).join(photo_content, photo_content.c.sha256 == photo.c.sha256)


def _photo(row: Row[Any]) -> Photo:
    return Photo(
        row.id,
        row.sha256,
        row.width,
        row.height,
        row.visit_id,
        row.issue_event_id,
        row.shows and Shows(row.shows),
        row.taken_at,
        row.uploaded_at,
    )
