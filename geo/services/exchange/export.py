"""Layers as files: what the import of such a file gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.db import exchange as db
from geo.db.tables import address, entity
from geo.db.unit_of_work import UnitOfWork
from geo.domain.actors import Action, Actor, Jurisdiction
from geo.domain.exchange import FIELDS, Layer
from geo.domain.grids import Level
from geo.errors import UnknownFormat
from geo.geometry.crs import from_storage, reference
from geo.services.exchange.formats.registry import FORMATS, Format, format_named
from geo.services.exchange.table import Column, Table, numbered, objects, points_at

_READING = {
    Layer.GRIDS: Action.READ_GRIDS,
    Layer.ENTITIES: Action.READ_ENTITIES,
    Layer.ADDRESSES: Action.SEARCH_ADDRESSES,
    Layer.PEOPLE: Action.READ_PEOPLE,
    Layer.VISITS: Action.READ_PATROLS,
    Layer.TRACKS: Action.READ_PATROLS,
    Layer.ISSUES: Action.READ_ISSUES,
}
_TABLES = {Layer.ENTITIES: entity, Layer.ADDRESSES: address}
_OF_OTHER_TABLES = {"history", "merged_into"}
_NO_PLACE = {"shapefile": (Layer.PEOPLE,)}
LOSSES: Mapping[str, tuple[str, ...]] = {
    "shapefile": ("empty-text-is-missing-text", "last-blanks-are-lost", "names-cut-to-ten-bytes"),
    "kml": ("wgs84-only",),
    "gpx": ("wgs84-only", "no-attributes"),
}
"""What a format can't carry: codes for the words of the doors."""


def export_layer(
    actor: Actor,
    uow: UnitOfWork,
    layer: Layer,
    format_name: str,
    path: Path,
    *,
    reference_name: str = "wgs84",
    level: Level | None = None,
) -> int:
    """Make a file of all rows of a layer that the actor may take away.

    Parameters
    ----------
    actor : Actor
        Who takes it; needs the right to export and the right to read the layer, each where it holds.
    uow : UnitOfWork
        The transaction.
    layer : Layer
        Which layer.
    format_name : str
        A format of `FORMATS`.
    path : Path
        The file.
    reference_name : str, optional
        What the numbers shall be.
    level : Level, optional
        For grids, which level; the narrowest by default.

    Returns
    -------
    int
        How many rows it holds. Tracks are rows of fixes.

    Raises
    ------
    Unauthenticated, Forbidden
        If the actor may not take this layer away anywhere.
    UnknownFormat
        If there is no such format, or it can't hold this layer.
    BadValue
        If the format can't hold this reference, or a value.
    """
    jurisdictions = [actor.jurisdiction(Action.EXPORT_DATA), actor.jurisdiction(_READING[layer])]
    chosen = _format(format_name, layer)
    named = reference(reference_name)
    columns, geometries = _ROWS[layer](uow, layer, jurisdictions, level)
    placed = None if geometries is None else from_storage(geometries, named)
    if named.name == "wgs84" and geometries is not None:
        placed = geometries
    count = len(next(iter(columns.values())))
    chosen.write(Table(columns, placed, numbered(count), declared=named.name), path)
    change = {"layer": layer, "format": format_name, "rows": count, "reference": named.name}
    uow.record(actor, "export", "layer", layer, change)
    return count


def _format(name: str, layer: Layer) -> Format:
    found = format_named(name)
    if layer in _NO_PLACE.get(name, ()) or (name == "gpx" and layer is not Layer.TRACKS):
        raise UnknownFormat(name=name, formats=sorted(FORMATS))
    return found


Rows = tuple[dict[str, Column], Column | None]


def _grids(uow: UnitOfWork, layer: Layer, jurisdictions: list[Jurisdiction], level: Level | None) -> Rows:  # noqa: ARG001 - all are called alike
    return _split(db.export_grids(uow.connection, level), layer)


def _located(uow: UnitOfWork, layer: Layer, jurisdictions: list[Jurisdiction], level: Level | None) -> Rows:  # noqa: ARG001 - all are called alike
    names = [*(field.name for field in FIELDS[layer]), "attributes"]
    return _split(db.export_located(uow.connection, _TABLES[layer], names, jurisdictions), layer)


def _issues(uow: UnitOfWork, layer: Layer, jurisdictions: list[Jurisdiction], level: Level | None) -> Rows:  # noqa: ARG001 - all are called alike
    names = [field.name for field in FIELDS[layer] if field.name not in _OF_OTHER_TABLES]
    return _split(db.export_issues(uow.connection, [*names, "attributes"], jurisdictions), layer)


def _visits(uow: UnitOfWork, layer: Layer, jurisdictions: list[Jurisdiction], level: Level | None) -> Rows:  # noqa: ARG001 - all are called alike
    columns, places = _split(db.export_visits(uow.connection, jurisdictions), layer)
    columns["people"] = objects(";".join(who) if who else None for who in columns["people"])
    return columns, places


def _people(uow: UnitOfWork, layer: Layer, jurisdictions: list[Jurisdiction], level: Level | None) -> Rows:  # noqa: ARG001 - all are called alike
    found = db.export_people(uow.connection, jurisdictions, _today())
    ids = found.pop("id")
    first = np.append(True, np.diff(ids) != 0) if ids else np.zeros(0, dtype=bool)
    found["attributes"] = [
        own if begins else None for own, begins in zip(found["attributes"], first, strict=True)
    ]
    columns = {name: objects(values) for name, values in found.items()}
    return _ordered(columns, layer), None


def _today() -> date:
    return datetime.now(UTC).date()


def _tracks(uow: UnitOfWork, layer: Layer, jurisdictions: list[Jurisdiction], level: Level | None) -> Rows:  # noqa: ARG001 - all are called alike
    found = db.export_tracks(uow.connection, jurisdictions)
    lines = shapely.from_wkb([bytes(wkb) for wkb in found["wkb"]])
    xym, owner = shapely.get_coordinates(lines, include_m=True, return_index=True)
    first = np.append(True, np.diff(owner) != 0) if len(owner) else np.zeros(0, dtype=bool)
    columns = {name: objects(found[name])[owner] for name in ("ref", "person_ref", "attributes")}
    columns["attributes"][~first] = None
    columns["time"] = objects(datetime.fromtimestamp(round(m, 6), UTC) for m in xym[:, 2].tolist())
    return _ordered(columns, layer), points_at(xym[:, :2])


def _split(found: dict[str, list[Any]], layer: Layer) -> Rows:
    geometries = shapely.from_wkb(
        objects(bytes(wkb) if wkb is not None else None for wkb in found.pop("wkb"))
    )
    columns = {name: objects(values) for name, values in found.items()}
    return _ordered(columns, layer), np.asarray(geometries, dtype=object)


def _ordered(columns: dict[str, Column], layer: Layer) -> dict[str, Column]:
    names = [*(field.name for field in FIELDS[layer]), "attributes"]
    return {name: columns[name] for name in names}


_ROWS: dict[Layer, Callable[[UnitOfWork, Layer, list[Jurisdiction], Level | None], Rows]] = {
    Layer.GRIDS: _grids,
    Layer.ENTITIES: _located,
    Layer.ADDRESSES: _located,
    Layer.ISSUES: _issues,
    Layer.VISITS: _visits,
    Layer.PEOPLE: _people,
    Layer.TRACKS: _tracks,
}
