"""GPX: tracks as rows of fixes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import shapely

from geo.errors import BadValue, Malformed
from geo.services.exchange.formats.source import Source
from geo.services.exchange.formats.xml_text import children, local, parsed, text_of
from geo.services.exchange.limits import check_limit
from geo.services.exchange.table import Table, numbered, objects, of_records

_NAMESPACE = "http://www.topografix.com/GPX/1/1"


def read(source: Source) -> Table:
    """Return the fixes of all tracks of a GPX file.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Table
        A row a fix: ``ref`` (the name of the track, or the name of the file with its number), ``time``,
        ``elevation`` where there is one; WGS84, as the format has it.

    Raises
    ------
    Malformed, LimitExceeded
        If it is no GPX, or larger than allowed.
    """
    root = parsed(source.path, "gpx")
    records = list(_fixes(root, Path(source.name).stem))
    check_limit("features", len(records), source.limits.features)
    try:
        places = shapely.points([[float(record.pop("lon")), float(record.pop("lat"))] for record in records])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(path="trkpt", expected="gpx") from error
    return Table(of_records(records), objects(places), numbered(len(records)), declared="wgs84")


def _fixes(root: Element, stem: str) -> Iterator[dict[str, Any]]:
    tracks = [element for element in root if local(element) == "trk"]
    for number, track in enumerate(tracks, start=1):
        ref = text_of(track, "name") or (stem if len(tracks) == 1 else f"{stem}-{number}")
        for point in (fix for part in children(track, "trkseg") for fix in children(part, "trkpt")):
            record = {"ref": ref, "time": text_of(point, "time")}
            elevation = text_of(point, "ele")
            extra = {} if elevation is None else {"elevation": elevation}
            yield record | extra | {"lon": point.get("lon"), "lat": point.get("lat")}


def write(table: Table, path: Path) -> None:
    """Make a GPX file of a table of fixes.

    Parameters
    ----------
    table : Table
        Rows of one track stand together; columns ``ref`` and ``time``. GPX is WGS84.
    path : Path
        The file.

    Raises
    ------
    BadValue
        If the table holds no fixes, or its reference isn't WGS84.
    """
    if table.declared not in {None, "wgs84"}:
        raise BadValue(field="reference", value=table.declared, expected="wgs84")
    if table.geometries is None or not {"ref", "time"} <= set(table.columns):
        raise BadValue(field="format", value="gpx", expected="tracks")
    positions = shapely.get_coordinates(table.geometries).tolist()
    times = [time.isoformat().replace("+00:00", "Z") for time in table.columns["time"]]
    rows = zip(table.columns["ref"], times, positions, strict=True)
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<gpx version="1.1" creator="wangge" xmlns="{_NAMESPACE}">'
        )
        for ref, fixes in groupby(rows, key=lambda row: row[0]):
            file.write(f"<trk><name>{escape(ref or '')}</name><trkseg>\n")
            file.writelines(
                f'<trkpt lat="{y!r}" lon="{x!r}"><time>{time}</time></trkpt>\n' for _, time, (x, y) in fixes
            )
            file.write("</trkseg></trk>\n")
        file.write("</gpx>\n")
