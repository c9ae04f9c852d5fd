"""GeoPackage."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyogrio
import shapely

from geo.geometry.crs import reference
from geo.services.exchange.formats.cells import cell
from geo.services.exchange.formats.source import Source
from geo.services.exchange.formats.vector import read_layer
from geo.services.exchange.table import Column, Table

_UNKNOWN = "Unknown"


def read(source: Source) -> Table:
    """Return the rows of a GeoPackage; see `read_layer`."""
    return read_layer(source, "GPKG")


def write(table: Table, path: Path) -> None:
    """Make a GeoPackage of a table.

    Parameters
    ----------
    table : Table
        What to write. A shifted datum is declared as a local system of its name.
    path : Path
        The file.
    """
    columns = {name: text_array([cell(value) for value in values]) for name, values in table.columns.items()}
    geometry = {"geometry_name": None, "geometry_type": _UNKNOWN}
    if table.geometries is not None:
        columns["geom"] = pa.array(list(shapely.to_wkb(table.geometries, flavor="iso")), pa.binary())
        geometry = {"geometry_name": "geom", "geometry_type": kind_of(table.geometries)}
    pyogrio.write_arrow(
        pa.table(columns), path, driver="GPKG", layer="wangge", crs=declared_crs(table), **geometry
    )


def text_array(values: list[object]) -> pa.Array:
    """Return values as an array of Arrow, as text where all of them are None."""
    array = pa.array(values)
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def kind_of(geometries: Column) -> str:
    """Return the one type of geometries, in GDAL's words."""
    kinds = {geometry.geom_type for geometry in geometries if geometry is not None}
    return kinds.pop() if len(kinds) == 1 else _UNKNOWN


def declared_crs(table: Table) -> str | None:
    """Return the reference system that a file declares: for a shifted datum, a local one of its name."""
    named = reference(table.declared) if table.declared else None
    if named is None:
        return None
    if named.datum is None:
        return str(named.crs.to_wkt())
    return f'LOCAL_CS["{named.datum}",UNIT["degree",0.0174532925199433]]'
