"""Pictures come in through one gate: bounded, re-encoded, and without what the camera wrote into them."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from hashlib import sha256
from io import BytesIO
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
from PIL import ExifTags, Image, ImageOps

from geo.db import photos as rows
from geo.db.issues import ISSUES
from geo.db.patrols import VISITS
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor
from geo.domain.photos import SIDE, Photo, Shows, StepPhotos, likeness
from geo.errors import LimitExceeded, NotFound, UnknownFormat

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""What is read, by Pillow's own readers of these names alone."""

LONGEST_SIDE: Final = 1600
"""In pixels: enough to read a label, and small enough to keep."""

SMALL_SIDE: Final = 480
"""In pixels: enough for a thumbnail, and for a picture on paper."""

MOST_PRINTED: Final = 12
"""Photos on a form, two pages of them; the page of the issue shows all."""

_QUALITY = 82
_UNREADABLE = (OSError, SyntaxError, ValueError, struct.error, EOFError, KeyError, TypeError, IndexError)
"""What Pillow raises for files that aren't what they claim to be."""

_TOO_MANY_PIXELS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept.

    Attributes
    ----------
    content : bytes
        JPEG without any metadata.
    sha256 : str
        Of these bytes.
    width, height : int
        In pixels.
    likeness : int
        See `geo.domain.photos.likeness`.
    taken_at : datetime or None
        By the camera's clock, aware.
    place : tuple of float, or None
        lon, lat in degrees, EPSG:4326, where the camera thought it was.
    """

    content: bytes
    sha256: str
    width: int
    height: int
    likeness: int
    taken_at: datetime | None
    place: tuple[float, float] | None


def picture(content: bytes, *, pixels: int, timezone: str) -> Picture:
    """Give a picture as it is kept.

    Parameters
    ----------
    content : bytes
        A file in one of `FORMATS`.
    pixels : int
        How many it may have; asked of its header, before anything is unpacked.
    timezone : str
        IANA name of the zone of a camera that doesn't name its own.

    Raises
    ------
    UnknownFormat
        If it can't be read as one of `FORMATS`.
    LimitExceeded
        If it has more pixels than allowed.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > pixels:
                raise LimitExceeded(limit="photo_pixels", value=opened.width * opened.height, maximum=pixels)
            taken_at, place = _written_by_camera(opened, ZoneInfo(timezone))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except _TOO_MANY_PIXELS:
        raise LimitExceeded(limit="photo_pixels", value=f"> {pixels}", maximum=pixels) from None
    except _UNREADABLE:
        raise UnknownFormat(name="photo", formats=list(FORMATS)) from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    grey = np.asarray(upright.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX))
    kept = _encoded(Image.fromarray(np.asarray(upright)))
    return Picture(
        content=kept,
        sha256=sha256(kept).hexdigest(),
        width=upright.width,
        height=upright.height,
        likeness=likeness(grey),
        taken_at=taken_at,
        place=place,
    )


def _encoded(image: Image.Image) -> bytes:
    made = BytesIO()
    image.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue()


def _written_by_camera(
    opened: Image.Image, zone: tzinfo
) -> tuple[datetime | None, tuple[float, float] | None]:
    """Give when and where a picture was taken; a camera's nonsense is nothing."""
    try:
        exif = opened.getexif()
        return _taken_at(exif.get_ifd(ExifTags.IFD.Exif), zone), _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except (*_UNREADABLE, ZeroDivisionError, OverflowError):
        return None, None


def _taken_at(exif: Mapping[int, Any], zone: tzinfo) -> datetime | None:
    written = exif.get(ExifTags.Base.DateTimeOriginal)
    if written is None:
        return None
    offset = exif.get(ExifTags.Base.OffsetTimeOriginal)
    if offset is not None:
        return datetime.strptime(f"{written}{offset}", "%Y:%m:%d %H:%M:%S%z")
    return datetime.strptime(written, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    tags = ExifTags.GPS
    if tags.GPSLongitude not in gps or tags.GPSLatitude not in gps:
        return None
    lon = _degrees(gps[tags.GPSLongitude]) * (-1 if gps.get(tags.GPSLongitudeRef) == "W" else 1)
    lat = _degrees(gps[tags.GPSLatitude]) * (-1 if gps.get(tags.GPSLatitudeRef) == "S" else 1)
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _degrees(parts: tuple[Any, Any, Any]) -> float:
    degrees, minutes, seconds = map(float, parts)
    return degrees + minutes / 60 + seconds / 3600


def upload(actor: Actor, uow: UnitOfWork, taken: Picture) -> Photo:
    """Give a picture as it is kept for the record that the actor is about to file.

    Parameters
    ----------
    actor : Actor
        Who uploads it.
    uow : UnitOfWork
        The transaction.
    taken : Picture
        As `picture` gives it.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not upload any.
    """
    actor.jurisdiction(Action.WRITE_PHOTOS)
    key = keep(uow, taken, actor.name)
    uow.record(actor, "create", "photo", key, {"sha256": taken.sha256})
    return rows.find_photo(uow.connection, key)[0]


def keep(uow: UnitOfWork, taken: Picture, uploaded_by: str) -> int:
    """Keep a picture of somebody that belongs nowhere yet; gives its id."""
    rows.keep_content(
        uow.connection,
        taken.sha256,
        taken.content,
        width=taken.width,
        height=taken.height,
        likeness=taken.likeness,
    )
    return rows.insert_photo(
        uow.connection, taken.sha256, taken_at=taken.taken_at, place=taken.place, uploaded_by=uploaded_by
    )


def attach(actor: Actor, uow: UnitOfWork, photos: Collection[int], **home: int | Shows) -> None:
    """Let pictures that the actor has uploaded belong to what is filed with them.

    Parameters
    ----------
    actor : Actor
        Who files it, and may.
    uow : UnitOfWork
        The transaction.
    photos : collection of int
        Their ids.
    **home : int or Shows
        Where they belong: see `geo.db.photos.attach`.

    Raises
    ------
    NotFound
        If one of them isn't there, is somebody else's, or belongs somewhere.
    """
    different = set(photos)
    if rows.attach(uow.connection, different, actor.name, **home) != len(different):
        raise NotFound(kind="photo", key=", ".join(map(str, sorted(different))))


def attach_to_step(actor: Actor, uow: UnitOfWork, issue_event_id: int, taken: StepPhotos) -> None:
    """Let pictures belong to a step of an issue for good; see `attach`."""
    for shows, photos in ((Shows.BEFORE, taken.before), (Shows.AFTER, taken.after)):
        attach(actor, uow, photos, issue_event_id=issue_event_id, shows=shows)


def content(actor: Actor, uow: UnitOfWork, key: int) -> bytes:
    """Give the bytes of a photo: of what the actor may read, or of the actor's own upload.

    Parameters
    ----------
    actor : Actor
        Who asks.
    uow : UnitOfWork
        The transaction.
    key : int
        Id of the photo.

    Raises
    ------
    NotFound
        If there is none, or it is somebody else's and belongs to no record yet.
    Unauthenticated, Forbidden, OutsideJurisdiction
        If the actor may not read the inspection or the issue that it belongs to.
    """
    actor.jurisdiction(Action.READ_PHOTOS)
    found, uploaded_by = rows.find_photo(uow.connection, key)
    if found.visit_id is not None:
        actor.require(Action.READ_INSPECTIONS, VISITS.chain(uow.connection, found.visit_id))
    elif found.issue_event_id is not None:
        issue_id = rows.issue_of(uow.connection, found.issue_event_id)
        actor.require(Action.READ_ISSUES, ISSUES.chain(uow.connection, issue_id))
    elif uploaded_by != actor.name:
        raise NotFound(kind="photo", key=key)
    return rows.content_of(uow.connection, found.sha256)


def thumbnail(actor: Actor, uow: UnitOfWork, key: int) -> bytes:
    """Give the bytes of a photo made small, for lists and for paper; see `content`."""
    with Image.open(BytesIO(content(actor, uow, key)), formats=FORMATS) as opened:
        opened.thumbnail((SMALL_SIDE, SMALL_SIDE))
        return _encoded(opened)


def printed(actor: Actor, uow: UnitOfWork, issue_id: int) -> tuple[tuple[Photo, bytes], ...]:
    """Give the last photos of an issue that the actor may read, each made small; at most `MOST_PRINTED`."""
    last = rows.photos_of_issue(uow.connection, issue_id)[-MOST_PRINTED:]
    return tuple((photo, thumbnail(actor, uow, photo.id)) for photo in last)


def forget_unattached(actor: Actor, uow: UnitOfWork, older_than: datetime) -> int:
    """Give how many photos are gone that were uploaded for a record that nobody has filed.

    Parameters
    ----------
    actor : Actor
        Who does it.
    uow : UnitOfWork
        The transaction.
    older_than : datetime
        Only those that came before, aware; who files a record takes less than a day.

    Returns
    -------
    int
        The audit log names them.

    Raises
    ------
    Unauthenticated, Forbidden, OutsideJurisdiction
        Unless the actor may retire records of the whole city.
    """
    actor.require(Action.RETIRE_RECORDS, ())
    gone = rows.delete_unattached(uow.connection, older_than)
    if gone:
        uow.record(actor, "delete", "photo", older_than.isoformat(), {"count": len(gone), "ids": list(gone)})
    return len(gone)
