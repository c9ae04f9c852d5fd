"""Parquet and GeoParquet."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import Malformed, UnknownReference
from geo.geometry.crs import reference
from geo.services.exchange.formats.source import Source
from geo.services.exchange.limits import check_geometries, check_limit
from geo.services.exchange.table import Column, Table, numbered, objects, plain

_KEY = b"geo"
_REFERENCE = "wangge:reference"
"""Names a shifted datum, which no reference system stands for."""
_SIMPLE = {1, 2, 3}
_PART_OF = {4: 1, 5: 2, 6: 3}


def read(source: Source) -> Table:
    """Return the rows of a Parquet file, with the geometries of its primary column.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Table
        Its columns; geometry encoded as well-known binary.

    Raises
    ------
    Malformed, LimitExceeded
        If it is no Parquet file, its geometry is encoded in another way, or it is larger than allowed.
    """
    try:
        with pq.ParquetFile(source.path) as file:
            check_limit("features", file.metadata.num_rows, source.limits.features)
            check_limit("unzipped_bytes", _unpacked_bytes(file.metadata), source.limits.unzipped_bytes)
            frame = file.read()
    except (pa.ArrowException, OSError) as error:
        raise Malformed(path=source.name, expected="parquet") from error
    geo = _geo_metadata(frame.schema.metadata)
    place = geo.get("primary_column")
    geometries = _geometries(frame, place, source) if place else None
    names = [name for name in frame.column_names if name != place and not name.startswith("__index_level_")]
    return Table(
        columns={name: objects(frame[name].to_pylist()) for name in names},
        geometries=geometries,
        numbers=numbered(frame.num_rows),
        declared=_declared(geo, place),
    )


def _unpacked_bytes(metadata: pq.FileMetaData) -> int:
    return sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))


def _geo_metadata(metadata: dict[bytes, bytes] | None) -> dict[str, Any]:
    try:
        geo: dict[str, Any] = json.loads((metadata or {}).get(_KEY, b"{}"))
    except ValueError as error:
        raise Malformed(path="geo", expected="json") from error
    match geo:
        case {"primary_column": str(place), "columns": {**columns}} if isinstance(columns.get(place), dict):
            return geo
        case {}:
            return {}
    raise Malformed(path="geo", expected="object")


def _geometries(frame: pa.Table, place: str, source: Source) -> Column:
    if place not in frame.column_names or not pa.types.is_binary(frame.schema.field(place).type):
        raise Malformed(path=place, expected="wkb")
    binaries = frame[place].to_pylist()
    for number, binary in enumerate(binaries, start=1):
        if binary is not None and not _is_flat(binary):
            raise Malformed(path=f"{place}[{number}]", expected="wkb")
    try:
        geometries = shapely.from_wkb(objects(binaries))
    except shapely.errors.GEOSException as error:
        raise Malformed(path=place, expected="wkb") from error
    check_geometries(geometries, source.limits)
    return np.asarray(geometries, dtype=object)


def _is_flat(binary: bytes) -> bool:
    """Hold for well-known binary in which only parts of the fitting simple type stand inside a multi type.

    GEOS walks into nested geometries by recursion: a small file could exhaust the stack.
    """
    try:
        kind, extra, at, order = _header(binary, 0)
        if kind in _SIMPLE:
            return True
        if kind not in _PART_OF:
            return False
        count = struct.unpack_from(f"{order}I", binary, at)[0]
        at += 4
        for _ in range(count):
            part, extra, at, order = _header(binary, at)
            if part != _PART_OF[kind]:
                return False
            at = _end_of_simple(binary, part, 2 + extra, at, order)
    except (struct.error, IndexError):
        return False
    return True


def _header(binary: bytes, at: int) -> tuple[int, int, int, str]:
    order = "<" if binary[at] else ">"
    code = struct.unpack_from(f"{order}I", binary, at + 1)[0]
    flags, iso = code >> 29, (code & 0x1FFFFFFF) // 1000
    extra = (flags >> 2 & 1) + (flags >> 1 & 1) + {0: 0, 1: 1, 2: 1, 3: 2}.get(iso, 0)
    return (code & 0x1FFFFFFF) % 1000, extra, at + 5 + (4 if flags & 1 else 0), order


def _end_of_simple(binary: bytes, kind: int, dimensions: int, at: int, order: str) -> int:
    if kind == 1:
        return at + 8 * dimensions
    rings, at = (1, at) if kind == 2 else (struct.unpack_from(f"{order}I", binary, at)[0], at + 4)
    for _ in range(rings):
        at += 4 + 8 * dimensions * int(struct.unpack_from(f"{order}I", binary, at)[0])
    return at


def _declared(geo: dict[str, Any], place: str | None) -> str | None:
    if place is None:
        return None
    if isinstance(geo.get(_REFERENCE), str):
        return str(geo[_REFERENCE])
    column = geo["columns"][place]
    if "crs" not in column:
        return "wgs84"
    if column["crs"] is None:
        return None
    try:
        crs = CRS.from_json_dict(column["crs"])
    except (CRSError, TypeError, ValueError) as error:
        raise UnknownReference(name=str(column["crs"])[:80]) from error
    if crs.to_authority() == ("OGC", "CRS84"):
        return "wgs84"
    return f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else None


def write(table: Table, path: Path) -> None:
    """Make a Parquet file of a table; with geometries, a GeoParquet file.

    Parameters
    ----------
    table : Table
        What to write.
    path : Path
        The file.
    """
    columns = {name: _array(values) for name, values in table.columns.items()}
    metadata: dict[bytes, bytes] = {}
    if table.geometries is not None:
        columns["geometry"] = pa.array(list(shapely.to_wkb(table.geometries, flavor="iso")), pa.binary())
        metadata[_KEY] = json.dumps(_geo(table)).encode()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path, compression="zstd")


def _array(values: Column) -> pa.Array:
    texts = [json.dumps(plain(v), ensure_ascii=False) if isinstance(v, dict | list) else v for v in values]
    array = pa.array(texts)
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def _geo(table: Table) -> dict[str, Any]:
    named = reference(table.declared) if table.declared else None
    crs = None if named is None or named.datum else named.crs.to_json_dict()
    kinds = sorted({geometry.geom_type for geometry in table.geometries if geometry is not None})  # type: ignore[union-attr]
    column = {"encoding": "WKB", "geometry_types": kinds, "crs": crs}
    shifted = {_REFERENCE: named.name} if named and named.datum else {}
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}} | shifted
