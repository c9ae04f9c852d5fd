"""Pictures: bounded before they are unpacked, re-encoded, and without what the camera wrote into them."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import ExifTags, Image

from geo.errors import LimitExceeded, UnknownFormat
from geo.services.photos import LONGEST_SIDE, picture

ZONE = "Asia/Shanghai"


def scene(seed=1, size=(640, 480)):
    """A picture with much in it."""
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def encoded(image, kind="JPEG", **options):
    made = BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def taken(content, pixels=10**7):
    return picture(content, pixels=pixels, timezone=ZONE)


def with_exif(offset=None):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Nobody's camera"
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = "2026:11:20 09:30:00"
    if offset:
        inner[ExifTags.Base.OffsetTimeOriginal] = offset
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (30.0, 30.0, 36.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "W", (120.0, 15.0, 0.0)
    return exif


def test_what_the_camera_wrote_is_taken_out_and_not_kept():
    kept = taken(encoded(scene(), exif=with_exif()))
    assert kept.taken_at == datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo(ZONE))
    assert kept.place == pytest.approx((-120.25, 30.51))
    assert b"Nobody" not in kept.content
    assert not Image.open(BytesIO(kept.content)).getexif()


def test_a_camera_that_names_its_zone_is_believed():
    kept = taken(encoded(scene(), exif=with_exif("+00:00")))
    assert kept.taken_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_the_same_picture_without_its_metadata_is_the_same():
    one, other = taken(encoded(scene(), "PNG")), taken(encoded(scene(), "PNG", exif=with_exif()))
    assert one.sha256 == other.sha256


def test_a_picture_lies_as_it_was_held():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    kept = taken(encoded(scene(), exif=exif))
    assert (kept.width, kept.height) == (480, 640)


def test_large_pictures_become_smaller_and_small_ones_stay():
    assert max(taken(encoded(scene(size=(4000, 1000)))).width, 0) == LONGEST_SIDE
    assert taken(encoded(scene())).width == 640


def differing(one, other):
    return ((one.likeness ^ other.likeness) & (2**64 - 1)).bit_count()


def test_pictures_that_look_alike_have_few_bits_that_differ_and_others_have_many():
    one = taken(encoded(scene(), quality=95))
    again = taken(encoded(scene().resize((500, 375)), quality=60))
    other = taken(encoded(scene(seed=2)))
    assert differing(one, again) <= 3
    assert differing(one, other) > 12


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + bytes(40),
        b"\xff\xd8\xff" + bytes(100),
        encoded(scene())[:500],
        encoded(scene(), "PNG")[:200],
        encoded(scene(), "TIFF"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=["nothing", "gif", "junk", "half a jpeg", "half a png", "tiff", "svg"],
)
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(UnknownFormat):
        taken(content)


def bomb(side):
    """A PNG of a few hundred bytes that says it has side × side pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [4_000, 11_000, 60_000])
def test_a_bomb_is_refused_by_its_header(side):
    with pytest.raises(LimitExceeded) as refusal:
        taken(bomb(side))
    assert refusal.value.fields["limit"] == "photo_pixels"


def test_without_the_limit_it_would_be_unpacked():
    with pytest.raises(UnknownFormat):
        taken(bomb(4_000), pixels=10**9)
