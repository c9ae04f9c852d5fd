"""Photos and their bytes, each kept once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geo.db.located import point
from geo.db.tables import photo, photo_content
from geo.domain.inspections import Photo
from geo.errors import NotFound


def keep_content(
    connection: Connection, sha256: str, content: bytes, *, width: int, height: int, likeness: int
) -> None:
    """Keep the bytes of a picture, once however often they come."""
    values = {"content": content, "media_type": "image/jpeg", "width": width, "height": height}
    connection.execute(
        upsert(photo_content).values(sha256=sha256, likeness=likeness, **values).on_conflict_do_nothing()
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


def attach(connection: Connection, photos: Collection[int], visit_id: int, uploaded_by: str) -> int:
    """Let photos belong to a visit; gives how many did: not those of others, nor those of other visits."""
    attached = connection.execute(
        update(photo)
        .where(photo.c.id.in_(photos), photo.c.uploaded_by == uploaded_by, photo.c.visit_id.is_(None))
        .values(visit_id=visit_id)
    )
    return int(attached.rowcount)


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
    rows = connection.execute(_photos().where(photo.c.visit_id == visit_id).order_by(photo.c.id))
    return tuple(map(_photo, rows))


def content_of(connection: Connection, sha256: str) -> bytes:
    """Give the bytes of a picture that is kept."""
    found = select(photo_content.c.content).where(photo_content.c.sha256 == sha256)
    return bytes(connection.execute(found).scalar_one())


def _photos() -> Select[Any]:
    return select(
        photo.c.id,
        photo.c.sha256,
        photo_content.c.width,
        photo_content.c.height,
        photo.c.visit_id,
        photo.c.taken_at,
        photo.c.uploaded_at,
        photo.c.uploaded_by,
    ).join(photo_content, photo_content.c.sha256 == photo.c.sha256)


def _photo(row: Row[Any]) -> Photo:
    return Photo(row.id, row.sha256, row.width, row.height, row.visit_id, row.taken_at, row.uploaded_at)
