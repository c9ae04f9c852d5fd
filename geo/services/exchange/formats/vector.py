"""GeoPackages and shapefiles, by GDAL: only these two drivers, only from a private folder."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import shapely

from geo.errors import BadValue, Malformed
from geo.services.exchange.formats.source import Source
from geo.services.exchange.limits import check_geometries, check_limit
from geo.services.exchange.table import Table, numbered, objects

_SHIFTED = re.compile(r'(?:LOCAL_CS|ENGCRS)\["(gcj02|bd09)"')


def read_layer(source: Source, driver: str) -> Table:
    """Return the rows of a layer.

    Parameters
    ----------
    source : Source
        The file, known by its first bytes to be of the driver's format.
    driver : str
        GDAL's name of the only driver that may open it.

    Returns
    -------
    Table
        Fields as columns, geometries in two dimensions.

    Raises
    ------
    Malformed, LimitExceeded
        If the file can't be read or is larger than allowed.
    BadValue
        If it has several layers and none, or another one, was asked for.
    """
    try:
        return _layer(source, driver)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError) as error:
        raise Malformed(path=source.name, expected=driver) from error


def _layer(source: Source, driver: str) -> Table:
    layers = [str(name) for name, _ in pyogrio.list_layers(source.path)]
    if (source.layer is None and len(layers) != 1) or (
        source.layer is not None and source.layer not in layers
    ):
        raise BadValue(field="layer", value=source.layer, expected=layers)
    name = source.layer or layers[0]
    facts = pyogrio.read_info(source.path, layer=name, force_feature_count=True)
    if facts["driver"] != driver:
        raise Malformed(path=source.name, expected=driver)
    check_limit("features", facts["features"], source.limits.features)
    meta, frame = pyogrio.read_arrow(source.path, layer=name)
    place = meta["geometry_name"] or "wkb_geometry"
    geometries = None
    if place in frame.column_names:
        placed = shapely.from_wkb(objects(frame[place].to_pylist()))
        geometries = np.asarray(shapely.force_2d(placed), dtype=object)
        check_geometries(geometries, source.limits)
    columns = {name: objects(frame[name].to_pylist()) for name in frame.column_names if name != place}
    for column, subtype in zip(meta["fields"], meta["ogr_subtypes"], strict=True):
        if subtype == "OFSTJSON":
            columns[column] = objects(_from_json(text) for text in columns[column])
    return Table(columns, geometries, numbered(frame.num_rows), declared=_declared(facts["crs"]))


def _declared(crs: str | None) -> str | None:
    shifted = _SHIFTED.match(crs or "")
    return shifted[1] if shifted else crs or None


def _from_json(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return text
