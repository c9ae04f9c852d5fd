"""KML, and KMZ archives of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

import shapely
from shapely.geometry.base import BaseGeometry, BaseMultipartGeometry

from geo.domain.exchange import Problem, Severity
from geo.errors import BadValue, Malformed
from geo.services.exchange.formats.cells import cell
from geo.services.exchange.formats.source import Source
from geo.services.exchange.formats.xml_text import children, local, parsed, text_of
from geo.services.exchange.limits import Limits, check_geometries, check_limit
from geo.services.exchange.table import Table, numbered, objects, of_records

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_GEOMETRIES = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"})
_MULTIPLE: dict[str, Callable[[Any], BaseGeometry]] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}
_TYPES = {bool: "bool", int: "int", float: "double", str: "string"}
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OWN_FIELDS = ("name", "description")


def read(source: Source) -> Table:
    """Return the placemarks of a KML file.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Table
        Name, description and extended data as columns; WGS84, as the format has it. Typed extended data come
        back with their types.

    Raises
    ------
    Malformed, LimitExceeded
        If it is no KML, or larger than allowed.
    """
    root = parsed(source.path, "kml")
    types = {
        field.get("name", ""): field.get("type", "string")
        for field in root.iter()
        if local(field) == "SimpleField"
    }
    marks = [element for element in root.iter() if local(element) == "Placemark"]
    check_limit("features", len(marks), source.limits.features)
    geometries, problems = [], []
    for number, mark in enumerate(marks, start=1):
        try:
            geometries.append(_geometry_of_mark(mark, source.limits))
        except (ValueError, shapely.errors.GEOSException):
            geometries.append(None)
            detail = {"path": "coordinates", "expected": "kml"}
            problems.append(Problem("malformed-feature", Severity.ERROR, row=number, detail=detail))
    placed = objects(geometries)
    check_geometries(placed, source.limits)
    columns = of_records([_record(mark, types) for mark in marks])
    return Table(columns, placed, numbered(len(marks)), declared="wgs84", problems=tuple(problems))


def _record(mark: Element, types: dict[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {name: text_of(mark, name) for name in _OWN_FIELDS if children(mark, name)}
    for element in mark.iter():
        if local(element) == "SimpleData":
            name = element.get("name", "")
            record[name] = _typed(element.text or "", types.get(name, "string"))
        elif local(element) == "Data":
            record[element.get("name", "")] = text_of(element, "value")
    return record


def _typed(text: str, kind: str) -> Any:
    try:
        match kind:
            case "int" | "uint" | "short" | "ushort":
                return int(text)
            case "double" | "float":
                return float(text)
            case "bool":
                return text.strip() in {"1", "true"}
    except ValueError:
        return text
    return text


def _geometry_of_mark(mark: Element, limits: Limits) -> BaseGeometry | None:
    found = [element for element in mark if local(element) in _GEOMETRIES]
    return _geometry(found[0], limits, depth=1) if found else None


def _geometry(element: Element, limits: Limits, *, depth: int) -> BaseGeometry:
    match local(element):
        case "Point":
            return shapely.Point(_positions(element)[0])
        case "LineString":
            return shapely.LineString(_positions(element))
        case "LinearRing":
            return shapely.Polygon(_positions(element))
        case "Polygon":
            shells, holes = _rings(element, "outerBoundaryIs"), _rings(element, "innerBoundaryIs")
            return shapely.Polygon(shells[0], holes) if shells else shapely.Polygon()
        case _:
            check_limit("depth", depth, limits.depth)
            return _collected(
                [_geometry(one, limits, depth=depth + 1) for one in element if local(one) in _GEOMETRIES]
            )


def _collected(members: list[BaseGeometry]) -> BaseGeometry:
    kinds = {member.geom_type for member in members}
    multiple = _MULTIPLE.get(kinds.pop()) if len(kinds) == 1 else None
    return shapely.GeometryCollection(members) if multiple is None else multiple(members)


def _rings(polygon: Element, name: str) -> list[list[tuple[float, float]]]:
    return [_positions(ring) for border in children(polygon, name) for ring in children(border, "LinearRing")]


def _positions(element: Element) -> list[tuple[float, float]]:
    positions = []
    for text in (text_of(element, "coordinates") or "").split():
        x, y, *_ = text.split(",")
        positions.append((float(x), float(y)))
    if not positions:
        raise Malformed(path="coordinates", expected="kml")
    return positions


def write(table: Table, path: Path) -> None:
    """Make a KML file of a table.

    Parameters
    ----------
    table : Table
        What to write. KML is WGS84: any other reference is refused.
    path : Path
        The file.

    Raises
    ------
    BadValue
        If a text holds a character that XML can't, or the reference isn't WGS84.
    """
    if table.declared not in {None, "wgs84"}:
        raise BadValue(field="reference", value=table.declared, expected="wgs84")
    names = list(table.columns)
    columns = [[cell(value) for value in values] for values in table.columns.values()]
    fields = "".join(
        f"<SimpleField name={quoteattr(name)} type={quoteattr(_type_of(values))}/>"
        for name, values in zip(names, columns, strict=True)
    )
    placed = table.geometries if table.geometries is not None else objects([None] * len(table))
    rows = zip(*columns, strict=True) if names else [()] * len(table)
    with path.open("w", encoding="utf-8") as file:
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{_NAMESPACE}"><Document>\n')
        file.write(f'<Schema id="wangge" name="wangge">{fields}</Schema>\n')
        for row, geometry in zip(rows, placed, strict=True):
            file.write(_placemark(dict(zip(names, row, strict=True)), geometry))
        file.write("</Document></kml>\n")


def _type_of(values: list[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    return _TYPES[kinds.pop()] if len(kinds) == 1 else "string"


def _placemark(record: dict[str, Any], geometry: BaseGeometry | None) -> str:
    data = "".join(
        f"<SimpleData name={quoteattr(name)}>{_escaped(name, value)}</SimpleData>"
        for name, value in record.items()
        if value is not None
    )
    title = "" if record.get("name") is None else f"<name>{_escaped('name', record['name'])}</name>"
    place = "" if geometry is None else _element(geometry)
    schema = f'<ExtendedData><SchemaData schemaUrl="#wangge">{data}</SchemaData></ExtendedData>'
    return f"<Placemark>{title}{schema}{place}</Placemark>\n"


def _escaped(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if _UNWRITABLE.search(text):
        raise BadValue(field=name, value=text[:40], expected="xml-text")
    return escape(text, {"\r": "&#13;"})


def _element(geometry: BaseGeometry) -> str:
    match geometry:
        case shapely.Point() | shapely.LineString():
            return f"<{geometry.geom_type}>{_coordinates(geometry)}</{geometry.geom_type}>"
        case shapely.Polygon():
            holes = "".join(
                f"<innerBoundaryIs>{_ring(hole)}</innerBoundaryIs>" for hole in geometry.interiors
            )
            return f"<Polygon><outerBoundaryIs>{_ring(geometry.exterior)}</outerBoundaryIs>{holes}</Polygon>"
        case BaseMultipartGeometry():
            return f"<MultiGeometry>{''.join(map(_element, geometry.geoms))}</MultiGeometry>"
        case _:
            raise BadValue(field="geometry", value=geometry.geom_type, expected="kml")


def _ring(ring: shapely.LinearRing) -> str:
    return f"<LinearRing>{_coordinates(ring)}</LinearRing>"


def _coordinates(geometry: BaseGeometry) -> str:
    texts = (f"{x!r},{y!r}" for x, y in shapely.get_coordinates(geometry).tolist())
    return f"<coordinates>{' '.join(texts)}</coordinates>"
