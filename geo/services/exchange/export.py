"""Layers as files: what the import of such a file gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
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
from geo.domain.personal import NUMBERS
from geo.domain.privacy import Veil
from geo.errors import UnknownFormat
from geo.geometry.crs import from_storage, reference
from geo.services.exchange.formats.registry import FORMATS, Format, format_named
from geo.services.exchange.masks import KINDS, WRITTEN
from geo.services.exchange.table import Column, Table, numbered, objects, points_at
from geo.services.privacy import Veils

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


@dataclass(frozen=True, slots=True)
class Exported:
    """What was taken away.

    Attributes
    ----------
    rows : int
        How many rows there are; tracks are rows of fixes.
    masked : Mapping of str to int
        How many values of which column are masked, without columns that are seen wholly.
    """

    rows: int
    masked: Mapping[str, int]


def export_layer(
    actor: Actor,
    uow: UnitOfWork,
    layer: Layer,
    format_name: str,
    path: Path,
    *,
    reference_name: str = "wgs84",
    level: Level | None = None,
) -> Exported:
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
    Exported
        What it holds: what the actor may not see of people is masked.

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
    found = _ROWS[layer](_Asked(uow, layer, jurisdictions, level, Veils(actor, uow, _today())))
    placed = found.places
    if placed is not None and named.name != "wgs84":
        placed = from_storage(placed, named)
    count = len(next(iter(found.columns.values())))
    chosen.write(Table(found.columns, placed, numbered(count), declared=named.name), path)
    masked = {name: many for name, many in found.masked.items() if many}
    change = {"layer": layer, "format": format_name, "rows": count, "reference": named.name}
    uow.record(actor, "export", "layer", layer, {**change, "masked": masked})
    return Exported(count, masked)


def _format(name: str, layer: Layer) -> Format:
    found = format_named(name)
    if layer in _NO_PLACE.get(name, ()) or (name == "gpx" and layer is not Layer.TRACKS):
        raise UnknownFormat(name=name, formats=sorted(FORMATS))
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is taken away, from where, and how its people are seen."""

    uow: UnitOfWork
    layer: Layer
    jurisdictions: list[Jurisdiction]
    level: Level | None
    veils: Veils


@dataclass(frozen=True, slots=True)
class _Found:
    """The columns of a file, the places of its rows, and how many values of which column are masked."""

    columns: dict[str, Column]
    places: Column | None
    masked: Mapping[str, int] = field(default_factory=dict)


def _grids(asked: _Asked) -> _Found:
    return _split(db.export_grids(asked.uow.connection, asked.level), asked.layer)


def _located(asked: _Asked) -> _Found:
    names = [*(field.name for field in FIELDS[asked.layer]), "attributes"]
    table = _TABLES[asked.layer]
    return _placed(asked, db.export_located(asked.uow.connection, table, names, asked.jurisdictions))


def _issues(asked: _Asked) -> _Found:
    names = [field.name for field in FIELDS[asked.layer] if field.name not in _OF_OTHER_TABLES]
    found = db.export_issues(asked.uow.connection, [*names, "attributes"], asked.jurisdictions)
    over = asked.veils.over_each(found["grid_code"])
    histories = found["history"]
    found["history"] = [_history(steps, veil) for steps, veil in zip(histories, over, strict=True)]
    placed = _placed(asked, found)
    return replace(placed, masked={**placed.masked, "history": _differing(found["history"], histories)})


def _history(steps: list[dict[str, Any]] | None, veil: Veil) -> list[dict[str, Any]] | None:
    return steps and [{**step, "note": veil.value(NUMBERS, step["note"])} for step in steps]


def _visits(asked: _Asked) -> _Found:
    found = db.export_visits(asked.uow.connection, asked.jurisdictions)
    names, refs = found.pop("names"), found.pop("refs")
    seen, masked = _veiled(names, asked.veils.over_each(found["grid_code"]), "person.name")
    found["people"] = [
        ";".join(ref or name for ref, name in zip(who, called, strict=True)) if who else None
        for who, called in zip(refs, seen, strict=True)
    ]
    placed = _placed(asked, found)
    return replace(placed, masked={**placed.masked, "people": masked})


def _people(asked: _Asked) -> _Found:
    found = db.export_people(asked.uow.connection, asked.jurisdictions, _today())
    ids = found.pop("id")
    first = np.append(True, np.diff(ids) != 0) if ids else np.zeros(0, dtype=bool)
    found["attributes"] = [
        own if begins else None for own, begins in zip(found["attributes"], first, strict=True)
    ]
    over = asked.veils.over_people(ids)
    masked = {}
    for name in ("name", "phone", "attributes"):
        found[name], masked[name] = _veiled(found[name], over, f"person.{name}")
    columns = {name: objects(values) for name, values in found.items()}
    return _Found(_ordered(columns, asked.layer), None, masked)


def _placed(asked: _Asked, found: dict[str, list[Any]]) -> _Found:
    """Give rows with what the profile says of people in their attributes and their words masked."""
    over = asked.veils.over_each(found["grid_code"])
    names = {"attributes": f"{KINDS[asked.layer]}.*", **dict.fromkeys(WRITTEN.get(asked.layer, ()), NUMBERS)}
    masked = {}
    for name, called in names.items():
        found[name], masked[name] = _veiled(found[name], over, called)
    return replace(_split(found, asked.layer), masked=masked)


def _veiled(values: list[Any], over: Iterable[Veil], name: str) -> tuple[list[Any], int]:
    """Give values as they are seen, and how many of them are masked."""
    seen = [veil.value(name, value) for value, veil in zip(values, over, strict=True)]
    return seen, _differing(seen, values)


def _differing(seen: list[Any], kept: list[Any]) -> int:
    return sum(one != other for one, other in zip(seen, kept, strict=True))


def _today() -> date:
    return datetime.now(UTC).date()


def _tracks(asked: _Asked) -> _Found:
    found = db.export_tracks(asked.uow.connection, asked.jurisdictions)
    over = asked.veils.over_people(found["person_id"])
    found["attributes"], masked = _veiled(found["attributes"], over, f"{KINDS[asked.layer]}.*")
    lines = shapely.from_wkb([bytes(wkb) for wkb in found["wkb"]])
    xym, owner = shapely.get_coordinates(lines, include_m=True, return_index=True)
    first = np.append(True, np.diff(owner) != 0) if len(owner) else np.zeros(0, dtype=bool)
    columns = {name: objects(found[name])[owner] for name in ("ref", "person_ref", "attributes")}
    columns["attributes"][~first] = None
    columns["time"] = objects(datetime.fromtimestamp(round(m, 6), UTC) for m in xym[:, 2].tolist())
    return _Found(_ordered(columns, asked.layer), points_at(xym[:, :2]), {"attributes": masked})


def _split(found: dict[str, list[Any]], layer: Layer) -> _Found:
    geometries = shapely.from_wkb(
        objects(bytes(wkb) if wkb is not None else None for wkb in found.pop("wkb"))
    )
    columns = {name: objects(values) for name, values in found.items()}
    return _Found(_ordered(columns, layer), np.asarray(geometries, dtype=object))


def _ordered(columns: dict[str, Column], layer: Layer) -> dict[str, Column]:
    names = [*(field.name for field in FIELDS[layer]), "attributes"]
    return {name: columns[name] for name in names}


_ROWS: dict[Layer, Callable[[_Asked], _Found]] = {
    Layer.GRIDS: _grids,
    Layer.ENTITIES: _located,
    Layer.ADDRESSES: _located,
    Layer.ISSUES: _issues,
    Layer.VISITS: _visits,
    Layer.PEOPLE: _people,
    Layer.TRACKS: _tracks,
}
