"""GeoJSON, read member by member and written as RFC 7946 has it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import shapely

from geo.domain.exchange import Problem, Severity
from geo.errors import LimitExceeded, Malformed
from geo.geometry.geojson import Limits as GeometryLimits
from geo.geometry.geojson import feature_geometry, geojson_features
from geo.services.exchange.formats.encoding import encoding_of
from geo.services.exchange.formats.source import Source
from geo.services.exchange.limits import Limits, check_depth, check_geometries, check_limit
from geo.services.exchange.table import Column, Table, numbered, objects, of_records, plain

_CRS_NAME = re.compile(r"(?:urn:ogc:def:crs:)?EPSG:(?:[0-9.]*:)?(\d{4,6})", re.IGNORECASE)
_ESCAPED_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_IMPLIED = "wgs84"
"""RFC 7946, section 4: without a word, the numbers are WGS84."""


def read(source: Source) -> Table:
    """Return the features of a GeoJSON file.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Table
        Properties as columns; the ``id`` of features, where they have one, as column ``id`` unless a property
        has that name. Members that aren't proper features are among the problems.

    Raises
    ------
    Malformed, LimitExceeded
        If it is no GeoJSON, or larger than allowed.
    """
    document = _parsed(source.path.read_bytes(), source.encoding, source.limits)
    features = geojson_features(document)
    check_limit("features", len(features), source.limits.features)
    geometries, problems = _geometries(features, source.limits)
    good = np.array([problem is None for problem in problems], dtype=bool)
    members = [feature for feature, fine in zip(features, good, strict=True) if fine]
    placed = objects(geometries)[good]
    check_geometries(placed, source.limits)
    return Table(
        columns=_columns(members),
        geometries=placed,
        numbers=numbered(len(features))[good],
        declared=_declared(document),
        problems=tuple(problem for problem in problems if problem is not None),
    )


def _parsed(data: bytes, encoding: str | None, limits: Limits) -> Any:
    check_depth(data, limits)
    text = data.decode(encoding_of(data, encoding)).removeprefix("\ufeff")
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(path="", expected="json", line=getattr(error, "lineno", None)) from error
    return plain(document) if _ESCAPED_UNSTORABLE.search(text) else document


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(path="", expected="finite", value=name)


def _geometries(features: list[Any], limits: Limits) -> tuple[list[Any], list[Problem | None]]:
    bounds = GeometryLimits(limits.geometry_vertices, limits.geometry_vertices, limits.depth)
    geometries: list[Any] = []
    problems: list[Problem | None] = []
    for number, feature in enumerate(features, start=1):
        geometry, problem = None, None
        try:
            geometry = feature_geometry(feature, bounds)
        except LimitExceeded:
            raise
        except Malformed as error:
            detail = {name: error.fields[name] for name in ("path", "expected")}
            problem = Problem("malformed-feature", Severity.ERROR, row=number, detail=detail)
        geometries.append(geometry)
        problems.append(problem)
    return geometries, problems


def _columns(features: list[dict[str, Any]]) -> dict[str, Column]:
    columns = of_records([feature.get("properties") or {} for feature in features])
    if "id" not in columns and any("id" in feature for feature in features):
        columns["id"] = objects(feature.get("id") for feature in features)
    return columns


def _declared(document: dict[str, Any]) -> str | None:
    match document:
        case {"reference": str(name)}:
            return name
        case {"crs": {"properties": {"name": str(name)}}}:
            code = _CRS_NAME.fullmatch(name.strip().replace("::", ":"))
            return f"EPSG:{code[1]}" if code else (_IMPLIED if "CRS84" in name else name)
        case _:
            return _IMPLIED


def write(table: Table, path: Path) -> None:
    """Make a GeoJSON file of a table.

    Parameters
    ----------
    table : Table
        What to write. A member ``reference`` names its reference system unless that is WGS84.
    path : Path
        The file.
    """
    names = list(table.columns)
    placed = table.geometries if table.geometries is not None else objects([None] * len(table))
    texts = shapely.to_geojson(placed)
    rows = zip(*table.columns.values(), strict=True) if names else [()] * len(table)
    head = {"type": "FeatureCollection"}
    if table.declared and table.declared != _IMPLIED:
        head["reference"] = table.declared
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [\n')
        for at, (row, text) in enumerate(zip(rows, texts, strict=True)):
            properties = json.dumps(plain(dict(zip(names, row, strict=True))), ensure_ascii=False)
            file.write(",\n" if at else "")
            file.write(f'{{"type": "Feature", "properties": {properties}, "geometry": {text or "null"}}}')
        file.write("\n]}\n")
