"""Shapefiles: read from a folder of files, written as a ZIP archive of them."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pyarrow as pa
import pyogrio
import shapely

from geo.errors import BadValue, Malformed
from geo.services.exchange.formats.cells import PART, cell, joined, parted
from geo.services.exchange.formats.encoding import encoding_of
from geo.services.exchange.formats.geopackage import declared_crs, kind_of, text_array
from geo.services.exchange.formats.source import Source
from geo.services.exchange.formats.vector import read_layer
from geo.services.exchange.table import Table

_CELL_BYTES = 254
_NAME_BYTES = 10


def read(source: Source) -> Table:
    """Return the rows of a shapefile.

    Parameters
    ----------
    source : Source
        The ``.shp`` file with its companions beside it.

    Returns
    -------
    Table
        With the encoding that was declared (``.cpg``), asked for, or told from the bytes of the ``.dbf``.

    Raises
    ------
    Malformed, LimitExceeded
        If it can't be read, its text is in no known encoding, or it is larger than allowed.
    """
    encoding = _encoding(source)
    if encoding is not None:
        source.path.with_suffix(".cpg").write_text(encoding, encoding="ascii")
    table = read_layer(source, "ESRI Shapefile")
    return Table(joined(table.columns), table.geometries, table.numbers, table.declared, encoding)


def _encoding(source: Source) -> str | None:
    attributes = source.path.with_suffix(".dbf")
    if not attributes.exists():
        return None
    declaration = source.path.with_suffix(".cpg")
    asked = source.encoding
    if asked is None and declaration.exists():
        asked = _codec_of(declaration.read_text(encoding="ascii", errors="ignore").strip())
    return encoding_of(_texts(attributes.read_bytes(), source.name), asked).upper()


def _codec_of(page: str) -> str | None:
    """Return Python's name of a code page as ``.cpg`` files spell it."""
    return (f"cp{page}" if page.isdigit() else page) or None


def _texts(data: bytes, name: str) -> bytes:
    """Return the bytes of all text fields of a dBase file, a line for each cell."""
    try:
        count, head, width = struct.unpack_from("<IHH", data, 4)
        names = data[32 : head - 1]
        fields = [(names[at + 11 : at + 12], names[at + 16]) for at in range(0, len(names) - 31, 32)]
    except (struct.error, IndexError) as error:
        raise Malformed(path=name, expected="dbf") from error
    if width == 0 or count > len(data):
        raise Malformed(path=name, expected="dbf")
    whole = (len(data) - head) // width
    body = np.frombuffer(data, np.uint8, offset=head, count=min(whole, count) * width).reshape(-1, width)
    lines, at = [], 1
    for kind, length in fields:
        if kind == b"C":
            cells = body[:, at : at + length]
            lines.append(np.column_stack([cells, np.full(len(cells), ord("\n"), np.uint8)]).tobytes())
        at += length
    return b"".join(lines).replace(b"\0", b" ")


def write(table: Table, path: Path) -> None:
    """Make a ZIP archive with a shapefile of a table, in UTF-8.

    Parameters
    ----------
    table : Table
        What to write. Names are cut to 10 bytes, texts longer than 254 bytes go on in further columns, and
        the format knows no empty text: it comes back as None.
    path : Path
        The file.

    Raises
    ------
    BadValue
        If the names of two columns have the same first 10 bytes, or the table has no geometry.
    """
    if table.geometries is None:
        raise BadValue(field="format", value="shapefile", expected="geometry")
    columns = {name: text_array(values) for name, values in _short_cells(table).items()}
    columns["geom"] = pa.array(list(shapely.to_wkb(table.geometries, flavor="iso")), pa.binary())
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        file = Path(folder) / f"{path.stem}.shp"
        pyogrio.write_arrow(
            pa.table(columns),
            file,
            driver="ESRI Shapefile",
            encoding="UTF-8",
            crs=declared_crs(table),
            geometry_name="geom",
            geometry_type=kind_of(table.geometries).replace("Unknown", "Point"),
        )
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for member in sorted(Path(folder).iterdir()):
                archive.write(member, member.name)


def _short_cells(table: Table) -> dict[str, list[Any]]:
    short: dict[str, list[Any]] = {}
    for name, values in table.columns.items():
        for part, column in enumerate(parted([cell(value) for value in values], _CELL_BYTES, _byte_count)):
            key = _short_name(name, part)
            if key in short:
                raise BadValue(field=name, value=key, expected="distinct-column-names")
            short[key] = column
    return short


def _byte_count(text: str) -> int:
    return len(text.encode())


def _short_name(name: str, part: int) -> str:
    tail = f"{PART}{part}" if part else ""
    room = _NAME_BYTES - len(tail)
    return name.encode()[:room].decode(errors="ignore") + tail
