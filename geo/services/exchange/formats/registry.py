"""The allow-list: each format with its extensions, its first bytes, its reader and its writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geo.errors import UnknownFormat
from geo.services.exchange.formats import csv_text, geojson, geopackage, gpx, kml, parquet, shapefile, xlsx
from geo.services.exchange.formats.source import Source
from geo.services.exchange.table import Table


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Attributes
    ----------
    name : str
        What people ask for it by.
    extensions : tuple of str
        How names of such files end; the first one is that of exports.
    starts : Callable[[bytes], bool]
        Whether a file that begins like that can be of this format.
    read : Callable[[Source], Table]
        Gives the table of a file.
    write : Callable[[Table, Path], None]
        Makes a file of a table.
    media_type : str
        What the file is called over HTTP.
    """

    name: str
    extensions: tuple[str, ...]
    starts: Callable[[bytes], bool]
    read: Callable[[Source], Table]
    write: Callable[[Table, Path], None]
    media_type: str


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    def starts(head: bytes) -> bool:
        return head.startswith(marks)

    return starts


def _begins_with_text(*marks: bytes) -> Callable[[bytes], bool]:
    def starts(head: bytes) -> bool:
        return head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(marks)

    return starts


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


FORMATS = {
    one.name: one
    for one in (
        Format(
            "geojson",
            (".geojson", ".json"),
            _begins_with_text(b"{"),
            geojson.read,
            geojson.write,
            "application/geo+json",
        ),
        Format(
            "gpkg",
            (".gpkg",),
            _begins(b"SQLite format 3\0"),
            geopackage.read,
            geopackage.write,
            "application/geopackage+sqlite3",
        ),
        Format(
            "shapefile",
            (".zip", ".shp"),
            _begins(b"PK\3\4", b"\0\0\x27\x0a"),
            shapefile.read,
            shapefile.write,
            "application/zip",
        ),
        Format(
            "kml",
            (".kml", ".kmz"),
            lambda head: head.startswith(b"PK\3\4") or _begins_with_text(b"<")(head),
            kml.read,
            kml.write,
            "application/vnd.google-earth.kml+xml",
        ),
        Format("csv", (".csv", ".tsv", ".txt"), _is_text, csv_text.read, csv_text.write, "text/csv"),
        Format(
            "xlsx",
            (".xlsx",),
            _begins(b"PK\3\4"),
            xlsx.read,
            xlsx.write,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        Format(
            "parquet",
            (".parquet", ".geoparquet"),
            _begins(b"PAR1"),
            parquet.read,
            parquet.write,
            "application/vnd.apache.parquet",
        ),
        Format("gpx", (".gpx",), _begins_with_text(b"<"), gpx.read, gpx.write, "application/gpx+xml"),
    )
}
"""Each format by its name."""


def format_named(name: str) -> Format:
    """Return the format of that name.

    Raises
    ------
    UnknownFormat
        If there is none.
    """
    if name not in FORMATS:
        raise UnknownFormat(name=name, formats=sorted(FORMATS))
    return FORMATS[name]
